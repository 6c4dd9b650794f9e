internal import Experiments
internal import Expressions
internal import Probability

/// A string worth asking a person about, and what the answer would tell.
public struct LabelQuestion: Sendable, Hashable {
  /// The string to label.
  public let string: String
  /// The probability of a "yes" in the posterior.
  public let membershipProbability: Double
  /// The expected information about which expression is meant, in nats; at most ln 2.
  public let expectedInformation: Double
}

extension RegularExpressionPosterior {
  /// Proposes the strings whose label is expected to tell most about the expression, best first.
  ///
  /// The gain of a label is its mutual information with the expression, by
  /// `Experiments.QuestionChooser`: each expression, weighed by its probability, expects a "yes"
  /// for what it accepts, up to a label's being wrong with probability ``noise``. Candidates are
  /// drawn from the likely expressions and made from the examples by small edits; strings that are
  /// examples already are left out. Among equals the shorter string comes first: it is easier to
  /// judge.
  public func questions(limit: Int = 5, seed: UInt64 = 0) -> [LabelQuestion] {
    var random = RandomSource(seed: seed, stream: 1)
    var seen = Set(examples.positives + examples.confirmed + examples.negatives)
    let candidates = candidates(using: &random).filter {
      $0.unicodeScalars.count <= 80 && seen.insert($0).inserted
    }
    let accepts = acceptances(of: candidates)
    let weights = entries.map(\.probability)
    // No expression or no candidate: nothing to ask.
    guard
      let chooser = try? QuestionChooser(
        accepts.map { row in row.map { $0 ? 1 - noise : noise } }, weights: weights)
    else { return [] }
    let gains = chooser.gains()
    var questions = candidates.indices.map { place in
      LabelQuestion(
        string: candidates[place],
        membershipProbability: min(
          1, zip(weights, accepts).reduce(0) { $1.1[place] ? $0 + $1.0 : $0 }),
        expectedInformation: gains[place])
    }
    questions.sort {
      if abs($0.expectedInformation - $1.expectedInformation) > 1e-9 {
        return $0.expectedInformation > $1.expectedInformation
      }
      let (a, b) = ($0.string.unicodeScalars.count, $1.string.unicodeScalars.count)
      return a != b ? a < b : $0.string < $1.string
    }
    return Array(questions.prefix(limit))
  }

  private func candidates(using random: inout RandomSource) -> [String] {
    var candidates = [""]
    for entry in entries.prefix(40) {
      for _ in 0..<4 {
        if let string = entry.expression.sample(using: &random) { candidates.append(string) }
      }
    }
    let bases = (examples.positives + examples.confirmed)
      .filter { $0.unicodeScalars.count <= 60 }.prefix(12)
    for base in bases {
      for _ in 0..<24 {
        let edited = StringEdit.random(
          of: base.unicodeScalars.map(\.value), using: &random
        )
        candidates.append(edited.text)
        candidates.append(StringEdit.random(of: edited, using: &random).text)
      }
      candidates += [base + base, base.uppercased(), base.lowercased()]
    }
    return candidates
  }
}
