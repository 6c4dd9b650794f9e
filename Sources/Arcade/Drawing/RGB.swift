/// A colour of red, green and blue from 0 to 255.
struct RGB: Sendable, Equatable {
  var parts: SIMD4<Float>

  init(_ red: Float, _ green: Float, _ blue: Float) { parts = SIMD4(red, green, blue, 0) }

  init(parts: SIMD4<Float>) { self.parts = parts }

  /// The colour of a number written as 0xRRGGBB.
  init(_ hex: UInt32) {
    self.init(Float(hex >> 16 & 255), Float(hex >> 8 & 255), Float(hex & 255))
  }

  /// A colour between this one, at 0, and another, at 1.
  func mixed(_ other: RGB, _ share: Float) -> RGB {
    RGB(parts: parts + (other.parts - parts) * max(0, min(1, share)))
  }

  func darker(_ share: Float = 0.35) -> RGB { mixed(RGB(0, 0, 0), share) }
  func lighter(_ share: Float = 0.35) -> RGB { mixed(RGB(255, 255, 255), share) }

  func byte(_ channel: Int) -> UInt8 { UInt8(max(0, min(255, (parts[channel] + 0.5).rounded(.down)))) }
}
