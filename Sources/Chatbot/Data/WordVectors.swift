public import Documents
import Foundation
import Statistics

/// Vectors of words from how often they stand near each other: GloVe (Pennington 2014).
///
/// Minimises Σᵢⱼ f(Xᵢⱼ)(wᵢ·w̃ⱼ + bᵢ + b̃ⱼ − ln Xᵢⱼ)² over the pairs that occur (equation 8), with f(x) = min(1, (x/x_max)^¾) and X counting neighbours
/// within a window by one over their distance; by AdaGrad, as published. A word's vector is wᵢ + w̃ᵢ.
public struct WordVectors: Sendable {
  /// The vectors' width.
  public let width: Int
  private let vectors: [String: [Float]]

  /// Learns vectors from texts.
  ///
  /// - Parameters:
  ///   - width: the vectors' length.
  ///   - passes: passes over all pairs.
  ///   - window: how far away a neighbour may be.
  public init(learning texts: [String], width: Int = 100, passes: Int = 30, window: Int = 5, seed: UInt64) {
    self.width = width
    let sentences = texts.map(Vocabulary.words)
    var places: [String: Int] = [:]
    for word in sentences.joined() where places[word] == nil { places[word] = places.count }
    struct Pair: Hashable {
      var word: Int
      var neighbour: Int
    }
    var counts: [Pair: Double] = [:]
    for sentence in sentences {
      let ids = sentence.compactMap { places[$0] }
      for (place, id) in ids.enumerated() {
        for other in max(0, place - window)..<place {
          let weight = 1 / Double(place - other)
          counts[Pair(word: id, neighbour: ids[other]), default: 0] += weight
          counts[Pair(word: ids[other], neighbour: id), default: 0] += weight
        }
      }
    }
    // A dictionary's order is another one in each process.
    var pairs = counts.sorted { ($0.key.word, $0.key.neighbour) < ($1.key.word, $1.key.neighbour) }
    var random = SeededGenerator(seed: seed)
    let (count, stride) = (places.count, width + 1)
    // For each word its vector and its bias, then the same for neighbours; and AdaGrad's sums beside them.
    var values = (0..<2 * count * stride).map { _ in Float(random.uniform() - 0.5) / Float(stride) }
    var sums = [Float](repeating: 1, count: values.count)
    for _ in 0..<passes {
      pairs.shuffle(using: &random)
      values.withUnsafeMutableBufferPointer { values in
        sums.withUnsafeMutableBufferPointer { sums in
          for (pair, x) in pairs {
            let (a, b) = (pair.word * stride, (count + pair.neighbour) * stride)
            var difference = values[a + width] + values[b + width] - Float(log(x))
            for i in 0..<width { difference += values[a + i] * values[b + i] }
            let slope = Float(min(1, pow(x / Self.mostCounted, 0.75))) * difference
            for i in 0...width {
              let (left, right) = i == width ? (slope, slope) : (slope * values[b + i], slope * values[a + i])
              values[a + i] -= Self.rate * left / sums[a + i].squareRoot()
              values[b + i] -= Self.rate * right / sums[b + i].squareRoot()
              sums[a + i] += left * left
              sums[b + i] += right * right
            }
          }
        }
      }
    }
    vectors = places.mapValues { place in
      (0..<width).map { values[place * stride + $0] + values[(count + place) * stride + $0] }
    }
  }

  private static let mostCounted = 100.0
  private static let rate: Float = 0.05

  /// Reads vectors in GloVe's format: a line for each word, with its numbers behind it.
  ///
  /// - Throws: `DataError` with the line that isn't one.
  public init(path: String) throws(DataError) {
    let text = try FileContents.text(of: path)
    var found: [String: [Float]] = [:]
    var width: Int?
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty
    {
      let parts = line.split(separator: " ")
      let numbers = parts.dropFirst().compactMap { Float($0) }.filter(\.isFinite)
      guard parts.count > 1, numbers.count == parts.count - 1, width == nil || width == numbers.count else {
        throw DataError(
          .badData, path: path, line: number + 1,
          problem:
            "a line must be a word and \(width.map(String.init) ?? "some") numbers behind it, with single spaces",
          advice: "Give vectors in GloVe's text format.")
      }
      width = numbers.count
      found[String(parts[0])] = numbers
    }
    guard let width else { throw DataError(.badData, path: path, problem: "there is not a single vector") }
    self.width = width
    vectors = found
  }

  /// A word's vector; nil where it isn't known.
  public subscript(word: String) -> [Float]? { vectors[word] }

  /// The cosine of two words' vectors.
  public func likeness(_ a: String, _ b: String) -> Double? {
    guard let a = vectors[a], let b = vectors[b] else { return nil }
    func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0 * $1.1) } }
    return dot(a, b) / max((dot(a, a) * dot(b, b)).squareRoot(), 1e-30)
  }
}
