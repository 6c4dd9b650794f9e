import Foundation
import Statistics
import Torch

/// Where the strokes of a layer begin: where the canvas is most wrong, along the edges, in the colours that are there.
struct StrokeBeginnings {
  private let width: Int, height: Int
  private let target: [Float]
  private var error: [Float]
  private var random: SeededGenerator

  /// - Parameters:
  ///   - target: `[3, height, width]`.
  ///   - canvas: what is painted already.
  ///   - mask: `[1, height, width]`, 1 where the picture is.
  init(target: Tensor, canvas: Tensor, mask: Tensor, seed: UInt64) {
    (height, width) = (target.size(1), target.size(2))
    self.target = target.contiguous().array(of: Float.self)
    let wrong = ((target - canvas).square().sum(axis: 0, keepAxes: true) * mask).unsqueezed(0)
    // A little everywhere, so that flat parts that are right get a stroke where nothing is left to do.
    error = (wrong.averagePool2d(5, stride: 1, padding: 2) + 1e-5 * mask.unsqueezed(0)).contiguous().array(
      of: Float.self)
    random = SeededGenerator(seed: seed)
  }

  /// How many strokes each tile gets, in proportion to its error, one at least where there are enough.
  func counts(_ strokes: Int, in grid: TileGrid) -> [Int] {
    let masses = grid.corners.map { corner in
      var sum = Float.zero
      for y in corner.y..<corner.y + TileGrid.side {
        for x in corner.x..<corner.x + TileGrid.side { sum += error[y * width + x] }
      }
      // A root evens out: a tile that is ten times as wrong isn't ten times as hard.
      return Double(sum).squareRoot()
    }
    let total = max(masses.reduce(0, +), 1e-12)
    let wanted = masses.map { Double(strokes) * $0 / total }
    var counts = wanted.map { Int($0) }
    let order = wanted.indices.sorted { wanted[$0] - Double(counts[$0]) > wanted[$1] - Double(counts[$1]) }
    for tile in order.prefix(max(0, strokes - counts.reduce(0, +))) { counts[tile] += 1 }
    return counts
  }

  /// A stroke in a tile; the error around it counts less from then on.
  mutating func next(in corner: (x: Int, y: Int), length: Float, size: Float) -> StrokeAction {
    let side = TileGrid.side
    var sum = Float.zero
    for y in corner.y..<corner.y + side { for x in corner.x..<corner.x + side { sum += error[y * width + x] } }
    var left = Float(random.uniform()) * sum
    var place = (x: corner.x + side / 2, y: corner.y + side / 2)
    search: for y in corner.y..<corner.y + side {
      for x in corner.x..<corner.x + side {
        left -= error[y * width + x]
        if left <= 0 {
          place = (x, y)
          break search
        }
      }
    }
    let direction = tangent(at: place)
    let half = length * Float(0.6 + 0.8 * random.uniform()) / 2
    let bend = (Float(random.uniform()) - 0.5) * 0.15 * length
    let center = SIMD2(Float(place.x - corner.x) + 0.5, Float(place.y - corner.y) + 0.5)
    let normal = SIMD2(-direction.y, direction.x)
    var color = SIMD3<Float>.zero
    for step in -2...2 {
      let at = center + direction * half * Float(step) / 2
      color += pixel(corner.x + Int(at.x), corner.y + Int(at.y)) / 5
    }
    calm(around: place, radius: half)
    func share(_ p: SIMD2<Float>) -> [Float] { [p.x / Float(side), p.y / Float(side)] }
    let control = share(center + normal * bend)
    return StrokeAction(
      [0.8, size * Float(0.85 + 0.3 * random.uniform())] + control + share(center + direction * half)
        + [color.x, color.y, color.z] + share(center - direction * half) + [0.8])
  }

  private func pixel(_ x: Int, _ y: Int) -> SIMD3<Float> {
    let at = min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)
    return SIMD3(target[at], target[width * height + at], target[2 * width * height + at])
  }

  /// The direction in which the picture changes least: the smaller axis of the structure tensor around a pixel.
  private mutating func tangent(at place: (x: Int, y: Int)) -> SIMD2<Float> {
    var (xx, xy, yy) = (Float.zero, Float.zero, Float.zero)
    for y in place.y - 4...place.y + 4 {
      for x in place.x - 4...place.x + 4 {
        let dx = (pixel(x + 1, y) - pixel(x - 1, y)).sum()
        let dy = (pixel(x, y + 1) - pixel(x, y - 1)).sum()
        (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy)
      }
    }
    let strength = ((xx - yy) * (xx - yy) + 4 * xy * xy).squareRoot()
    // Flat ground has no direction of its own.
    if strength < 0.05 {
      let angle = Float(random.uniform()) * .pi
      return SIMD2(cos(angle), sin(angle))
    }
    let angle = 0.5 * atan2(2 * xy, xx - yy) + .pi / 2
    return SIMD2(cos(angle), sin(angle))
  }

  private mutating func calm(around place: (x: Int, y: Int), radius: Float) {
    let reach = Int(radius) + 1
    for y in max(0, place.y - reach)...min(height - 1, place.y + reach) {
      for x in max(0, place.x - reach)...min(width - 1, place.x + reach) {
        let (dx, dy) = (Float(x - place.x), Float(y - place.y))
        error[y * width + x] *= 1 - 0.7 * exp(-(dx * dx + dy * dy) / (radius * radius * 0.5 + 1))
      }
    }
  }
}
