import Media
import Torch

/// Pictures as tensors `[3, height, width]` with values from 0 to 1.
enum PictureTensor {
  /// A picture's pixels.
  static func make(_ picture: RGBImage) -> Tensor {
    (Tensor(picture.bytes, shape: [picture.height, picture.width, 3]).to(.float32) * (1.0 / 255)).permuted(2, 0, 1)
      .contiguous()
  }

  /// The picture of a tensor.
  static func picture(_ tensor: Tensor) -> RGBImage {
    let bytes = (tensor.detached().clamped(0, 1) * 255).round().to(.uint8).permuted(1, 2, 0).contiguous()
    return RGBImage(width: tensor.size(2), height: tensor.size(1), bytes: bytes.array(of: UInt8.self))
  }

  /// A tensor `[…, height, width]` at another size: means of the pixels that fall together, or between the nearest two.
  static func resized(_ tensor: Tensor, height: Int, width: Int) -> Tensor {
    let rows = weights(from: tensor.size(-2), to: height)
    let columns = weights(from: tensor.size(-1), to: width)
    return rows.matmul(tensor).matmul(columns.transposed())
  }

  /// A picture at another size.
  static func resized(_ picture: RGBImage, width: Int, height: Int) -> RGBImage {
    withoutGradients { self.picture(resized(make(picture), height: height, width: width)) }
  }

  /// `[to, from]`, rows of sum 1.
  static func weights(from: Int, to: Int) -> Tensor {
    var values = [Float](repeating: 0, count: from * to)
    let scale = Double(from) / Double(to)
    for target in 0..<to {
      if scale >= 1 {
        let (low, high) = (Double(target) * scale, Double(target + 1) * scale)
        for source in Int(low)..<min(from, Int(high.rounded(.up))) {
          let share = min(high, Double(source + 1)) - max(low, Double(source))
          values[target * from + source] = Float(share / scale)
        }
      } else {
        let center = (Double(target) + 0.5) * scale - 0.5
        let low = Int(center.rounded(.down))
        let share = Float(center - Double(low))
        values[target * from + min(max(low, 0), from - 1)] += 1 - share
        values[target * from + min(max(low + 1, 0), from - 1)] += share
      }
    }
    return Tensor(values, shape: [to, from])
  }
}
