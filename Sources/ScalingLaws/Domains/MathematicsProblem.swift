import Foundation
public import Statistics

/// A generated problem of mathematics with its only answer.
///
/// The kinds and their words are in the manner of Saxton and others (2019).
/// The entropy of a problem is the number of decimal digits that are free in it, shared out at random over its numbers: problems of
/// eight digits lie among those of three to ten that models learn from, problems of twelve beyond them.
public struct MathematicsProblem: Sendable, Equatable {
  /// The kinds of problems, by the names of the published modules that they follow.
  public enum Kind: String, Sendable, CaseIterable {
    case addOrSubtract = "arithmetic__add_or_sub"
    case addSubtractMultiple = "arithmetic__add_sub_multiple"
    case multiply = "arithmetic__mul"
    case linear = "algebra__linear_1d"
    case pair = "comparison__pair"
    case sort = "comparison__sort"
    case placeValue = "numbers__place_value"
    case remainder = "numbers__div_remainder"
    case gcd = "numbers__gcd"
  }

  /// The kind.
  public var kind: Kind
  /// The question.
  public var question: String
  /// The answer.
  public var answer: String

  /// Draws a problem.
  ///
  /// - Parameter entropy: the digits that are free in it, 1 or more.
  public init(_ kind: Kind, entropy: Double, _ random: inout SeededGenerator) {
    self.kind = kind
    /// Whole numbers that share the entropy, of either sign.
    func numbers(_ count: Int) -> [Int] {
      let cuts = ([0, 1] + (1..<count).map { _ in random.uniform() }).sorted()
      return zip(cuts, cuts.dropFirst()).map { low, high in
        // No number gets less than half a digit, so that none is always 0.
        let most = Int(pow(10, max(0.5, entropy * (high - low))) / 2)
        return random.index(below: 2 * most + 1) - most
      }
    }
    func choice(_ words: String...) -> String { words[random.index(below: words.count)] }
    switch kind {
    case .addOrSubtract:
      let n = numbers(2)
      let isSum = random.uniform() < 0.5
      question =
        choice("What is ", "Calculate ") + "\(n[0]) \(isSum ? "+" : "-") \(n[1] < 0 ? "(\(n[1]))" : "\(n[1])")"
      answer = "\(isSum ? n[0] + n[1] : n[0] - n[1])"
    case .addSubtractMultiple:
      let n = numbers(4).map(abs)
      question = choice("What is ", "Evaluate ") + "\(n[0]) - (\(n[1]) + \(n[2])) + \(n[3])"
      answer = "\(n[0] - (n[1] + n[2]) + n[3])"
    case .multiply:
      let n = numbers(2)
      question = choice("Multiply \(n[0]) and \(n[1])", "Product of \(n[0]) and \(n[1])")
      answer = "\(n[0] * n[1])"
    case .linear:
      // The solution is drawn, and the equation made to have it.
      let n = numbers(3)
      let factor = n[0] == 0 ? 1 : n[0]
      question = "Solve \(factor)*x \(n[1] < 0 ? "-" : "+") \(abs(n[1])) = \(factor * n[2] + n[1]) for x"
      answer = "\(n[2])"
    case .pair:
      let n = numbers(2)
      let isBigger = random.uniform() < 0.5
      question = "Which is \(isBigger ? "bigger" : "smaller"): \(n[0]) or \(n[1])"
      answer = "\(isBigger ? max(n[0], n[1]) : min(n[0], n[1]))"
    case .sort:
      let n = numbers(3)
      let isAscending = random.uniform() < 0.5
      question =
        "Sort \(n.map(String.init).joined(separator: ", ")) in \(isAscending ? "ascending" : "descending") order"
      answer = n.sorted { isAscending ? $0 < $1 : $1 < $0 }.map(String.init).joined(separator: ", ")
    case .placeValue:
      let digits = Array("\(abs(numbers(1)[0]))")
      let place = random.index(below: min(6, digits.count))
      let name = ["units", "tens", "hundreds", "thousands", "ten thousands", "hundred thousands"][place]
      question = "What is the \(name) digit of \(String(digits))"
      answer = "\(digits[digits.count - 1 - place])"
    case .remainder:
      let n = numbers(2).map { abs($0) + 1 }
      question = "Calculate the remainder when \(max(n[0], n[1])) is divided by \(min(n[0], n[1]))"
      answer = "\(max(n[0], n[1]) % min(n[0], n[1]))"
    case .gcd:
      // A common factor is drawn, or nearly all answers would be small.
      let n = numbers(3).map { abs($0) + 1 }
      question = "Calculate the greatest common divisor of \(n[0] * n[1]) and \(n[0] * n[2])"
      answer = "\(Self.gcd(n[0] * n[1], n[0] * n[2]))"
    }
  }

  private static func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }
}
