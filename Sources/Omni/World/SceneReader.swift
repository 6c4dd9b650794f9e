import Foundation
public import Media

/// Says what scene a picture shows, by arithmetic on its pixels: a judge of drawn pictures that learnt nothing.
///
/// In each quarter it looks for what differs from the picture's edge colour; the mean colour of that names the colour, and the shape is the
/// one whose outline covers the same places best.
public enum SceneReader {
  /// The scene; nil where nothing, or things that differ, are seen.
  public static func scene(in picture: RGBImage) -> Scene? {
    let ground = median(picture)
    var colors: [Scene.Color: Int] = [:], shapes: [Scene.Shape: Double] = [:]
    var count = 0
    for quarter in 0..<4 {
      let (left, top) = (quarter % 2 * 16, quarter / 2 * 16)
      var places: [(x: Double, y: Double)] = []
      var sum = [0.0, 0, 0]
      for y in top..<top + 16 {
        for x in left..<left + 16 {
          let start = (y * picture.width + x) * 3
          let pixel = (0..<3).map { Double(picture.bytes[start + $0]) }
          guard zip(pixel, ground).reduce(0, { $0 + abs($1.0 - $1.1) }) > 150 else { continue }
          places.append((Double(x) + 0.5, Double(y) + 0.5))
          for channel in 0..<3 { sum[channel] += pixel[channel] }
        }
      }
      guard places.count >= 15 else { continue }
      count += 1
      let mean = sum.map { $0 / Double(places.count) }
      colors[nearest(mean), default: 0] += 1
      for (shape, overlap) in overlaps(places) { shapes[shape, default: 0] += overlap }
    }
    guard count > 0, colors.count == 1, let color = colors.keys.first,
      let shape = Scene.Shape.allCases.max(by: { shapes[$0] ?? 0 < shapes[$1] ?? 0 })
    else { return nil }
    return Scene(count: count, color: color, shape: shape)
  }

  /// The middle value of each channel over the whole picture's edge.
  private static func median(_ picture: RGBImage) -> [Double] {
    (0..<3).map { channel in
      let values = (0..<picture.width * picture.height).filter {
        let (x, y) = ($0 % picture.width, $0 / picture.width)
        return x == 0 || y == 0 || x == picture.width - 1 || y == picture.height - 1
      }.map { picture.bytes[$0 * 3 + channel] }.sorted()
      return Double(values[values.count / 2])
    }
  }

  /// The colour whose direction from grey is nearest.
  private static func nearest(_ pixel: [Double]) -> Scene.Color {
    func direction(_ p: [Double]) -> [Double] {
      let grey = p.reduce(0, +) / 3
      let d = p.map { $0 - grey }
      let length = max(1e-9, d.reduce(0) { $0 + $1 * $1 }.squareRoot())
      return d.map { $0 / length }
    }
    let own = direction(pixel)
    func likeness(_ color: Scene.Color) -> Double {
      let (red, green, blue) = color.bytes
      return zip(own, direction([Double(red), Double(green), Double(blue)])).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return Scene.Color.allCases.max { likeness($0) < likeness($1) } ?? .red
  }

  /// For each shape, the largest share of places that it and what was seen both cover, over several sizes and places.
  private static func overlaps(_ places: [(x: Double, y: Double)]) -> [(Scene.Shape, Double)] {
    let seen = Set(places.map { Int($0.y) * 64 + Int($0.x) })
    let (left, right) = (places.map(\.x).min() ?? 0, places.map(\.x).max() ?? 0)
    let (top, bottom) = (places.map(\.y).min() ?? 0, places.map(\.y).max() ?? 0)
    return Scene.Shape.allCases.map { shape in
      var best = 0.0
      for size in stride(from: 4.2, through: 6.6, by: 0.4) {
        for dx in stride(from: -1.0, through: 1.0, by: 0.5) {
          for dy in stride(from: -1.0, through: 1.0, by: 0.5) {
            let (x, y) = ((left + right) / 2 + dx, (top + bottom) / 2 + dy)
            var both = 0, either = seen.count
            for row in Int(y - 8)...Int(y + 8) {
              for column in Int(x - 8)...Int(x + 8)
              where shape.covers((Double(column) + 0.5 - x) / size, (Double(row) + 0.5 - y) / size) {
                if seen.contains(row * 64 + column) { both += 1 } else { either += 1 }
              }
            }
            best = max(best, Double(both) / Double(either))
          }
        }
      }
      return (shape, best)
    }
  }
}
