/// A picture behind a scene.
struct Backdrop: Sendable {
  /// How it follows the view.
  enum Motion: Sendable {
    /// It lies far away: it moves by less than the scene, and always fills the view.
    case distant
    /// It is the ground: it moves with the scene and repeats itself, in cells.
    case ground(cells: Int)
  }

  let motion: Motion
  /// The colour at a point from 0 to 1 both ways, y down; of a ground the left edge meets the right one and the top the bottom.
  let color: @Sendable (Float, Float) -> RGB

  init(_ motion: Motion, _ color: @escaping @Sendable (Float, Float) -> RGB) {
    self.motion = motion
    self.color = color
  }
}

/// A backdrop drawn at a size.
final class BackdropImage {
  let width: Int
  let height: Int
  let bytes: UnsafeMutablePointer<UInt8>

  init(_ backdrop: Backdrop, width: Int, height: Int) {
    self.width = width
    self.height = height
    bytes = .allocate(capacity: width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        var sum = SIMD4<Float>.zero
        for sub in 0..<4 {
          let u = (Float(x) + (sub % 2 == 0 ? 0.25 : 0.75)) / Float(width)
          let v = (Float(y) + (sub < 2 ? 0.25 : 0.75)) / Float(height)
          sum += backdrop.color(u, v).parts
        }
        let mean = RGB(parts: sum * 0.25)
        for channel in 0..<3 { bytes[(y * width + x) * 3 + channel] = mean.byte(channel) }
      }
    }
  }

  deinit { bytes.deallocate() }
}
