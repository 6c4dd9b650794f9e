/// The bytes that a scene is drawn into, three a pixel, with a margin left and right.
///
/// What reaches over the edge is drawn into the margin and left there; only what reaches over that is cut.
final class Canvas {
  let size: Int
  let margin: Int
  let stride: Int
  let bytes: UnsafeMutablePointer<UInt8>

  init(size: Int) {
    self.size = size
    margin = size / 2
    stride = (size + 2 * margin) * 3
    bytes = .allocate(capacity: stride * size + 64)
    bytes.initialize(repeating: 0, count: stride * size + 64)
  }

  deinit { bytes.deallocate() }

  /// The first byte of a pixel.
  @inline(__always)
  func at(_ x: Int, _ y: Int) -> UnsafeMutablePointer<UInt8> { bytes + y * stride + (x + margin) * 3 }

  func clear() { bytes.update(repeating: 0, count: stride * size) }

  /// Copies the picture without its margins.
  func copy(to output: UnsafeMutablePointer<UInt8>) {
    for y in 0..<size { (output + y * size * 3).update(from: at(0, y), count: size * 3) }
  }

  /// Lays a stamp over the picture, its left top pixel at a place.
  @inline(__always)
  func draw(_ stamp: Stamp, _ x: Int, _ y: Int) {
    let first = max(0, -y)
    let last = min(stamp.height, size - y)
    guard first < last, x < size, x + stamp.width > 0 else { return }
    guard x >= -margin, x + stamp.width <= size + margin else { return drawCut(stamp, x, y, alpha: 256) }
    var target = UnsafeMutableRawPointer(at(x, y + first))
    var colors = UnsafeRawPointer(stamp.colors + first * stamp.stride)
    var keeps = UnsafeRawPointer(stamp.keeps + first * stamp.stride)
    let vectors = stamp.stride / 16
    for _ in first..<last {
      for vector in 0..<vectors {
        let offset = vector * 16
        let old = target.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt16>.self)
        let color = colors.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt16>.self)
        let keep = keeps.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt16>.self)
        let new = stamp.isHard ? (old & keep) | color : Self.kept(old, keep) &+ color
        target.storeBytes(of: new, toByteOffset: offset, as: SIMD8<UInt16>.self)
      }
      target += stride
      colors += stamp.stride
      keeps += stamp.stride
    }
  }

  /// Lays a stamp over the picture with some opacity, 0 to 256.
  func draw(_ stamp: Stamp, _ x: Int, _ y: Int, alpha: Int) {
    let first = max(0, -y)
    let last = min(stamp.height, size - y)
    guard first < last, x < size, x + stamp.width > 0, alpha > 0 else { return }
    guard x >= -margin, x + stamp.width <= size + margin else { return drawCut(stamp, x, y, alpha: alpha) }
    let low = SIMD8<UInt16>(repeating: 0x00FF)
    let factor = SIMD8<UInt16>(repeating: UInt16(min(alpha, 255)))
    for row in first..<last {
      let target = UnsafeMutableRawPointer(at(x, y + row))
      let colors = UnsafeRawPointer(stamp.colors + row * stamp.stride)
      let keeps = UnsafeRawPointer(stamp.keeps + row * stamp.stride)
      for offset in Swift.stride(from: 0, to: stamp.stride, by: 16) {
        let old = target.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt16>.self)
        let color = colors.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt16>.self)
        let cover = ~keeps.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt16>.self)
        let faded = Self.scaled(cover, factor, low)
        target.storeBytes(
          of: Self.kept(old, ~faded) &+ Self.scaled(color, factor, low), toByteOffset: offset,
          as: SIMD8<UInt16>.self)
      }
    }
  }

  /// Each byte of a canvas times a byte over 255; 255 keeps it as it is.
  @inline(__always)
  private static func kept(_ old: SIMD8<UInt16>, _ keep: SIMD8<UInt16>) -> SIMD8<UInt16> {
    let low = SIMD8<UInt16>(repeating: 0x00FF)
    let even = ((old & low) &* (keep & low) &+ low) &>> 8
    let odd = ((old &>> 8) &* (keep &>> 8) &+ low) & ~low
    return even | odd
  }

  @inline(__always)
  private static func scaled(
    _ bytes: SIMD8<UInt16>, _ factor: SIMD8<UInt16>, _ low: SIMD8<UInt16>
  ) -> SIMD8<UInt16> {
    (((bytes & low) &* factor) &>> 8) | (((bytes &>> 8) &* factor) & ~low)
  }

  /// The slow way, for what reaches over the margin.
  private func drawCut(_ stamp: Stamp, _ x: Int, _ y: Int, alpha: Int) {
    let factor = min(alpha, 255)
    for row in max(0, -y)..<min(stamp.height, size - y) {
      for column in max(0, -x)..<min(stamp.width, size - x) {
        for channel in 0..<3 {
          let place = row * stamp.stride + column * 3 + channel
          let target = at(x + column, y + row) + channel
          let cover = alpha >= 256 ? Int(255 - stamp.keeps[place]) : Int(255 - stamp.keeps[place]) * factor >> 8
          let color = alpha >= 256 ? Int(stamp.colors[place]) : Int(stamp.colors[place]) * factor >> 8
          target.pointee = UInt8((Int(target.pointee) * (255 - cover) + 255) >> 8 + color)
        }
      }
    }
  }
}
