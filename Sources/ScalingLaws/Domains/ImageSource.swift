import Foundation
public import Statistics

/// Images whose entropy is known: a Markov field of colours, of one of several textures, with noise in the lowest bits.
///
/// An image has a hidden texture, all alike likely. Pixel after pixel in raster order, the colour is that of the left neighbour or of
/// the one above with a probability of the texture's own, and otherwise drawn from a distribution that hangs on texture and both
/// neighbours, some colours much likelier than others. Each byte of the colour then gets an even chance of its lowest bit. The
/// probability of an image is the mean over textures of a product that has no hidden part, so that it can be computed exactly, and
/// with it the entropy by drawing.
///
/// ```swift
/// let source = ImageSource(side: 8, seed: 1)
/// var random = SeededGenerator(seed: 2)
/// let image = source.image(&random)
/// source.logProbability(of: image.bytes)
/// ```
public struct ImageSource: Sendable {
  /// Pixels in a row, and rows.
  public let side: Int
  /// How many textures there are.
  public let textures: Int
  /// The colours, three even bytes each, no two the same.
  let palette: [[Int]]
  private let places: [Int: Int]
  /// p(colour | texture, left, above), flat; the number of colours stands for the image's edge.
  private let table: [Double]

  /// Draws a source.
  ///
  /// - Parameters:
  ///   - side: pixels in a row.
  ///   - colours: how many colours.
  ///   - textures: how many textures.
  ///   - seed: the same gives the same source.
  public init(side: Int, colours: Int = 12, textures: Int = 8, seed: UInt64) {
    precondition(side > 0 && colours > 1 && textures > 0)
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "image source").value)
    var palette: [[Int]] = []
    var places: [Int: Int] = [:]
    while palette.count < colours {
      let colour = (0..<3).map { _ in 2 * random.index(below: 128) }
      guard places[Self.key(colour)] == nil else { continue }
      places[Self.key(colour)] = palette.count
      palette.append(colour)
    }
    var table: [Double] = []
    for _ in 0..<textures {
      let (copiesLeft, copiesAbove) = (0.1 + 0.4 * random.uniform(), 0.1 + 0.3 * random.uniform())
      for left in 0...colours {
        for above in 0...colours {
          // Exponential weights to the third power: a few colours take most of it, and others are rare.
          var row = (0..<colours).map { _ in pow(-log(1 - random.uniform()) + 1e-3, 3) }
          let sum = row.reduce(0, +)
          var rest = 1.0
          if left < colours { rest -= copiesLeft }
          if above < colours { rest -= copiesAbove }
          for index in row.indices { row[index] *= rest / sum }
          if left < colours { row[left] += copiesLeft }
          if above < colours { row[above] += copiesAbove }
          table += row
        }
      }
    }
    (self.side, self.textures, self.palette, self.places, self.table) = (side, textures, palette, places, table)
  }

  /// Bytes of an image.
  public var byteCount: Int { 3 * side * side }

  private static func key(_ bytes: [Int]) -> Int { bytes[0] << 16 | bytes[1] << 8 | bytes[2] }

  private func row(_ texture: Int, _ left: Int, _ above: Int) -> Int {
    let n = palette.count
    return ((texture * (n + 1) + left) * (n + 1) + above) * n
  }

  /// Draws an image: its texture, and its bytes in raster order, red, green and blue of each pixel.
  public func image(_ random: inout SeededGenerator) -> (texture: Int, bytes: [Int]) {
    let (n, texture) = (palette.count, random.index(below: textures))
    var (colours, bytes) = ([Int](), [Int]())
    for place in 0..<side * side {
      let start = row(
        texture, place.isMultiple(of: side) ? n : colours[place - 1], place < side ? n : colours[place - side])
      var (left, colour) = (random.uniform(), 0)
      while colour < n - 1 {
        left -= table[start + colour]
        if left < 0 { break }
        colour += 1
      }
      colours.append(colour)
      bytes += palette[colour].map { $0 + random.index(below: 2) }
    }
    return (texture, bytes)
  }

  /// ln p of an image's bytes; nil for bytes that the source never makes.
  public func logProbability(of bytes: [Int]) -> Double? {
    guard let parts = textureLogProbabilities(of: bytes) else { return nil }
    let most = parts.max() ?? 0
    return most + log(parts.reduce(0) { $0 + exp($1 - most) } / Double(textures))
  }

  /// ln p of an image's bytes given each texture; nil for bytes that the source never makes.
  public func textureLogProbabilities(of bytes: [Int]) -> [Double]? {
    guard bytes.count == byteCount else { return nil }
    let n = palette.count
    var colours: [Int] = []
    for pixel in 0..<side * side {
      guard let colour = places[Self.key((0..<3).map { bytes[3 * pixel + $0] & ~1 })] else { return nil }
      colours.append(colour)
    }
    return (0..<textures).map { texture in
      colours.indices.reduce(-Double(byteCount) * log(2)) { sum, place in
        let start = row(
          texture, place.isMultiple(of: side) ? n : colours[place - 1], place < side ? n : colours[place - side])
        return sum + log(table[start + colours[place]])
      }
    }
  }

  /// The entropy of an image in nats with its standard error, from so many that are drawn.
  public func entropy(images: Int, seed: UInt64 = 1) -> (value: Double, standardError: Double) {
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "entropy").value)
    let values = (0..<images).map { _ in -(logProbability(of: image(&random).bytes) ?? .nan) }
    let mean = values.reduce(0, +) / Double(images)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, images - 1))
    return (mean, (variance / Double(images)).squareRoot())
  }
}
