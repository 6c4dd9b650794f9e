import Foundation
import Statistics

/// Digits as lines of ink, each drawn a little otherwise: what the recipe's agents learn to paint.
enum DigitShapes {
  /// The side of a picture in pixels.
  static let side = 64

  /// The lines of each digit, in a square from 0 to 1.
  private static let lines: [[[SIMD2<Float>]]] = [
    [arc(center: SIMD2(0.5, 0.5), SIMD2(0.24, 0.36), from: -90, to: 270)],
    [[SIMD2(0.36, 0.28), SIMD2(0.54, 0.14), SIMD2(0.54, 0.86)]],
    [
      arc(center: SIMD2(0.5, 0.33), SIMD2(0.22, 0.19), from: -170, to: 40)
        + [SIMD2(0.28, 0.84), SIMD2(0.76, 0.84)]
    ],
    [
      arc(center: SIMD2(0.47, 0.32), SIMD2(0.22, 0.18), from: -150, to: 90),
      arc(center: SIMD2(0.47, 0.67), SIMD2(0.25, 0.18), from: -90, to: 150),
    ],
    [[SIMD2(0.58, 0.14), SIMD2(0.24, 0.62), SIMD2(0.78, 0.62)], [SIMD2(0.62, 0.4), SIMD2(0.62, 0.88)]],
    [
      [SIMD2(0.74, 0.15), SIMD2(0.34, 0.15), SIMD2(0.30, 0.46)]
        + arc(center: SIMD2(0.46, 0.64), SIMD2(0.25, 0.22), from: -110, to: 150)
    ],
    [
      [SIMD2(0.64, 0.13), SIMD2(0.36, 0.46)]
        + arc(center: SIMD2(0.5, 0.66), SIMD2(0.22, 0.21), from: -170, to: 190)
    ],
    [[SIMD2(0.26, 0.16), SIMD2(0.76, 0.16), SIMD2(0.44, 0.87)]],
    [
      arc(center: SIMD2(0.5, 0.31), SIMD2(0.19, 0.17), from: 90, to: 450),
      arc(center: SIMD2(0.5, 0.68), SIMD2(0.23, 0.19), from: -90, to: 270),
    ],
    [arc(center: SIMD2(0.5, 0.34), SIMD2(0.22, 0.20), from: 0, to: 360) + [SIMD2(0.70, 0.44), SIMD2(0.60, 0.87)]],
  ]

  /// Points of an ellipse; angles in degrees, clockwise from the right.
  private static func arc(center: SIMD2<Float>, _ radii: SIMD2<Float>, from: Float, to: Float) -> [SIMD2<Float>] {
    (0...16).map { step in
      let angle = (from + (to - from) * Float(step) / 16) * .pi / 180
      return center + radii * SIMD2(cos(angle), sin(angle))
    }
  }

  /// A digit, slanted, stretched and moved by the random numbers: the ink of `side · side` pixels from 0 to 1.
  static func draw(_ digit: Int, _ random: inout SeededGenerator) -> [Float] {
    func spread(_ size: Double) -> Float { Float((random.uniform() * 2 - 1) * size) }
    let (slant, turn) = (spread(0.25), spread(0.15))
    let scale = SIMD2(0.95 + spread(0.15), 0.95 + spread(0.1))
    let shift = SIMD2(spread(0.06), spread(0.06))
    let width = 2.2 + spread(0.7)
    func moved(_ p: SIMD2<Float>) -> SIMD2<Float> {
      let c = (p - SIMD2(0.5, 0.5)) * scale
      let s = SIMD2(c.x - slant * c.y, c.y)
      return (SIMD2(s.x * cos(turn) - s.y * sin(turn), s.x * sin(turn) + s.y * cos(turn)) + SIMD2(0.5, 0.5) + shift)
        * Float(side)
    }
    var ink = [Float](repeating: 0, count: side * side)
    for line in lines[digit] {
      let points = line.map(moved)
      for (a, b) in zip(points, points.dropFirst()) {
        let (d, length) = (b - a, max(1e-6, ((b - a) * (b - a)).sum()))
        for y in max(0, Int(min(a.y, b.y) - width - 1))..<min(side, Int(max(a.y, b.y) + width + 2)) {
          for x in max(0, Int(min(a.x, b.x) - width - 1))..<min(side, Int(max(a.x, b.x) + width + 2)) {
            let p = SIMD2(Float(x) + 0.5, Float(y) + 0.5)
            let away = p - a - d * min(1, max(0, ((p - a) * d).sum() / length))
            let share = min(1, max(0, width + 0.5 - (away * away).sum().squareRoot()))
            ink[y * side + x] = max(ink[y * side + x], share)
          }
        }
      }
    }
    return ink
  }

  /// A set of digits, all ten in turn.
  static func set(_ count: Int, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).flatMap { draw($0 % 10, &random) }
  }
}
