/// A picture of red, green and blue bytes, rows from the top, without padding.
///
/// ```swift
/// var sheet = RGBImage(width: 256, height: 256)
/// sheet.paste(frame, x: 64, y: 0)
/// try PNGFile.write(sheet, to: "sheet.png")
/// ```
public struct RGBImage: Sendable, Equatable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// Three bytes a pixel, `width * height * 3` in all.
  public var bytes: [UInt8]

  /// A picture of one colour.
  public init(width: Int, height: Int, grey: UInt8 = 0) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    self.width = width
    self.height = height
    bytes = [UInt8](repeating: grey, count: width * height * 3)
  }

  /// A picture of given bytes, `width * height * 3` of them.
  public init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(width > 0 && height > 0 && bytes.count == width * height * 3, "three bytes a pixel")
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// Copies another picture to a place; what stands over the edge is left out.
  public mutating func paste(_ picture: RGBImage, x: Int, y: Int) {
    let left = max(0, x)
    let right = min(width, x + picture.width)
    guard left < right else { return }
    for row in max(0, y)..<max(max(0, y), min(height, y + picture.height)) {
      let from = ((row - y) * picture.width + left - x) * 3
      bytes.replaceSubrange(
        (row * width + left) * 3..<(row * width + right) * 3,
        with: picture.bytes[from..<from + (right - left) * 3])
    }
  }

  /// The picture with every pixel repeated `factor` times both ways.
  public func enlarged(by factor: Int) -> RGBImage {
    precondition(factor > 0, "a factor is at least 1")
    var result = RGBImage(width: width * factor, height: height * factor)
    for y in 0..<result.height {
      for x in 0..<result.width {
        let source = (y / factor * width + x / factor) * 3
        let target = (y * result.width + x) * 3
        for channel in 0..<3 { result.bytes[target + channel] = bytes[source + channel] }
      }
    }
    return result
  }
}
