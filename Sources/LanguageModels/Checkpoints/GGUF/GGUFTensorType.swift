import Dispatch
import Torch

/// How ggml stores the elements of a tensor: plainly, or in blocks of a few bits with a scale.
enum GGUFTensorType: UInt32 {
  case f32 = 0
  case f16 = 1
  case q4_0 = 2
  case q8_0 = 8
  case q4_K = 12
  case q6_K = 14
  case bf16 = 30

  /// Elements in a block.
  var blockLength: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q4_0, .q8_0: 32
    case .q4_K, .q6_K: 256
    }
  }

  /// Bytes in a block.
  var blockSize: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q4_0: 18
    case .q8_0: 34
    case .q4_K: 144
    case .q6_K: 210
    }
  }

  /// The type of our own that is the same bytes.
  var plain: DType? {
    switch self {
    case .f32: .float32
    case .f16: .float16
    case .bf16: .bfloat16
    default: nil
    }
  }

  /// Turns `count` elements, a multiple of the block's, into floats, on all cores.
  func restore(_ source: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Float>) {
    let blocks = count / blockLength
    let strip = 4096 * 32 / blockLength
    // Each piece reads and writes a range of its own.
    nonisolated(unsafe) let (source, target) = (source, target)
    DispatchQueue.concurrentPerform(iterations: (blocks + strip - 1) / strip) { piece in
      for block in piece * strip..<min(blocks, (piece + 1) * strip) {
        restoreBlock(source + block * blockSize, target + block * blockLength)
      }
    }
  }

  private func restoreBlock(_ x: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    switch self {
    case .q4_0: Self.q4_0(x, y)
    case .q8_0: Self.q8_0(x, y)
    case .q4_K: Self.q4_K(x, y)
    case .q6_K: Self.q6_K(x, y)
    case .f32, .f16, .bf16: break
    }
  }

  /// IEEE half precision; Swift's own type is missing on some machines.
  private static func half(_ x: UnsafeRawPointer) -> Float {
    let bits = UInt32(UInt16(littleEndian: x.loadUnaligned(as: UInt16.self)))
    let sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3FF
    if exponent == 0 {
      let tiny = Float(fraction) * 0x1p-24
      return sign == 0 ? tiny : -tiny
    }
    let wide: UInt32 = exponent == 31 ? 255 : exponent + 112
    return Float(bitPattern: sign | wide << 23 | fraction << 13)
  }

  /// d, 32 nibbles: d·(q − 8), the low nibbles first.
  private static func q4_0(_ x: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let d = half(x)
    let q = (x + 2).assumingMemoryBound(to: UInt8.self)
    for i in 0..<16 {
      y[i] = d * Float(Int(q[i] & 15) - 8)
      y[i + 16] = d * Float(Int(q[i] >> 4) - 8)
    }
  }

  /// d, 32 signed bytes: d·q.
  private static func q8_0(_ x: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let d = half(x)
    let q = (x + 2).assumingMemoryBound(to: Int8.self)
    for i in 0..<32 { y[i] = d * Float(q[i]) }
  }

  /// d and d′, eight scales and eight offsets of 6 bits in 12 bytes, 256 nibbles: d·scale·q − d′·offset per 32.
  private static func q4_K(_ x: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let d = half(x), least = half(x + 2)
    let s = (x + 4).assumingMemoryBound(to: UInt8.self)
    let q = (x + 16).assumingMemoryBound(to: UInt8.self)
    for group in 0..<8 {
      let scale: UInt8, offset: UInt8
      if group < 4 {
        (scale, offset) = (s[group] & 63, s[group + 4] & 63)
      } else {
        scale = s[group + 4] & 15 | (s[group - 4] >> 6) << 4
        offset = s[group + 4] >> 4 | (s[group] >> 6) << 4
      }
      let factor = d * Float(scale), shift = least * Float(offset)
      let bytes = q + group / 2 * 32, move = UInt8(group % 2 * 4)
      for i in 0..<32 { y[group * 32 + i] = factor * Float(bytes[i] >> move & 15) - shift }
    }
  }

  /// 256 low nibbles, 256 high pairs of bits, 16 signed scales, d: d·scale·(q − 32) per 16.
  private static func q6_K(_ x: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let scales = (x + 192).assumingMemoryBound(to: Int8.self)
    let d = half(x + 208)
    for part in 0..<2 {
      let low = (x + part * 64).assumingMemoryBound(to: UInt8.self)
      let high = (x + 128 + part * 32).assumingMemoryBound(to: UInt8.self)
      for quarter in 0..<4 {
        // Quarters 0 and 1 are the low nibbles of two runs of 32 bytes, 2 and 3 the high ones.
        let nibbles = low + quarter % 2 * 32, move = UInt8(quarter / 2 * 4), pair = UInt8(quarter * 2)
        for i in 0..<32 {
          let q = Int(nibbles[i] >> move & 15 | (high[i] >> pair & 3) << 4) - 32
          let scale = Float(scales[part * 8 + quarter * 2 + i / 16])
          y[part * 128 + quarter * 32 + i] = d * scale * Float(q)
        }
      }
    }
  }
}
