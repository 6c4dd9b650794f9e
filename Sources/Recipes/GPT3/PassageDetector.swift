import Foundation
import Statistics

/// A classifier of passages by which words stand together in them: logistic regression on pairs of words in any order and distance.
struct PassageDetector {
  private var weights: [String: Double] = [:]
  private var bias = 0.0

  private static func features(_ passage: String) -> Set<String> {
    let words = Set(passage.lowercased().split { !$0.isLetter }.map(String.init)).sorted()
    var found = Set(words)
    for (place, word) in words.enumerated() {
      for other in words[(place + 1)...] { found.insert("\(word) \(other)") }
    }
    return found
  }

  /// Learns from passages of two kinds, by stochastic gradient descent with a pull of the weights to 0.
  init(first: [String], second: [String], epochs: Int = 20, rate: Double = 0.1, decay: Double = 1e-3, seed: UInt64) {
    var examples = first.map { (Self.features($0), 1.0) } + second.map { (Self.features($0), 0.0) }
    var random = SeededGenerator(seed: seed)
    for _ in 0..<epochs {
      examples.shuffle(using: &random)
      for (features, target) in examples {
        let error = target - probability(features)
        // A passage has some three hundred pairs.
        let step = rate * error / Double(max(1, features.count)).squareRoot()
        for feature in features {
          let old = weights[feature] ?? 0
          weights[feature] = old + step - rate * decay * old
        }
        bias += rate * error
      }
    }
  }

  private func probability(_ features: Set<String>) -> Double {
    1 / (1 + exp(-(bias + features.reduce(0) { $0 + (weights[$1] ?? 0) })))
  }

  /// The probability that a passage is of the first kind.
  func probability(_ passage: String) -> Double { probability(Self.features(passage)) }

  /// For each passage of a test whether it is told rightly: those of the first kind, then those of the second.
  func isRight(first: [String], second: [String]) -> [Bool] {
    first.map { probability($0) > 0.5 } + second.map { probability($0) <= 0.5 }
  }
}
