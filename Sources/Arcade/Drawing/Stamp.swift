/// A picture of some size in pixels, ready to be laid over a canvas.
///
/// Rows are padded to 16 bytes that change nothing, so that a row is drawn in whole vectors. Whoever makes one frees it: a scene
/// has hundreds, and counting references would cost more than drawing them.
struct Stamp {
  let width: Int
  let height: Int
  /// The bytes of a padded row.
  let stride: Int
  /// Where its first pixel lies from the left top of the body's box.
  let offsetX: Int
  let offsetY: Int
  /// Colours times opacity.
  let colors: UnsafeMutablePointer<UInt8>
  /// What is kept of the canvas below, 255 for all of it, for each byte.
  let keeps: UnsafeMutablePointer<UInt8>
  /// Whether every pixel is either all its own or nothing.
  let isHard: Bool

  /// Draws a picture into a box.
  ///
  /// - Parameters:
  ///   - artwork: the picture.
  ///   - width: the box's width in pixels.
  ///   - height: the box's height in pixels.
  ///   - turn: clockwise, in 64ths of a circle, about the middle.
  ///   - isMirrored: whether left and right are exchanged.
  init(_ artwork: Artwork, width: Int, height: Int, turn: Int = 0, isMirrored: Bool = false) {
    let top = (artwork.above * Float(height)).rounded()
    let bottom = (artwork.below * Float(height)).rounded()
    let (boxWidth, boxHeight) = (Float(width), Float(height) + top + bottom)
    let angle = Float(turn) * ExactMath.pi / 32
    let (cosine, sine) = (ExactMath.cos(angle), ExactMath.sin(angle))
    // The box that holds the turned one.
    let isTurned = turn % 64 != 0
    let full = isTurned ? (abs(boxWidth * cosine) + abs(boxHeight * sine)).rounded(.up) : boxWidth
    let tall = isTurned ? (abs(boxWidth * sine) + abs(boxHeight * cosine)).rounded(.up) : boxHeight
    let (columns, rows) = (Int(full), Int(tall))
    self.width = columns
    self.height = rows
    offsetX = Int(((boxWidth - full) / 2).rounded(.down))
    offsetY = Int(((boxHeight - tall) / 2).rounded(.down)) - Int(top)
    stride = (self.width * 3 + 15) / 16 * 16
    colors = .allocate(capacity: stride * self.height)
    keeps = .allocate(capacity: stride * self.height)
    colors.initialize(repeating: 0, count: stride * self.height)
    keeps.initialize(repeating: 255, count: stride * self.height)
    let samples = max(self.width, self.height) > 96 ? 2 : max(self.width, self.height) > 24 ? 3 : 4
    let share = 1 / Float(samples * samples)
    var hard = true
    for y in 0..<self.height {
      for x in 0..<self.width {
        var sum = SIMD4<Float>.zero
        for sub in 0..<samples * samples {
          let px = Float(x) + (Float(sub % samples) + 0.5) / Float(samples) - full / 2
          let py = Float(y) + (Float(sub / samples) + 0.5) / Float(samples) - tall / 2
          // Turned back into the box, whose middle is the origin.
          var u = (px * cosine + py * sine) / boxWidth + 0.5
          let v = (py * cosine - px * sine) / boxHeight + 0.5
          guard u >= 0, u <= 1, v >= 0, v <= 1 else { continue }
          if isMirrored { u = 1 - u }
          sum += artwork.sample(u * artwork.aspect, v)
        }
        sum *= share
        let keep = UInt8(max(0, min(255, (255 * (1 - sum.w) + 0.5).rounded(.down))))
        let place = y * stride + x * 3
        for channel in 0..<3 {
          colors[place + channel] = min(255 - keep, UInt8(max(0, min(255, (sum[channel] + 0.5).rounded(.down)))))
          keeps[place + channel] = keep
        }
        if keep != 0, keep != 255 { hard = false }
      }
    }
    isHard = hard
  }

  func deallocate() {
    colors.deallocate()
    keeps.deallocate()
  }
}
