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
  /// drawn from the likely expressions and made from the examples by small edits, of characters that the examples have or
  /// others of their kind, so that they look like strings that occur; strings that are examples already are left out.
  /// Among near equals the one closest to an example comes first: it is easier to judge.
  public func questions(limit: Int = 5, seed: UInt64 = 0) -> [LabelQuestion] {
    var random = RandomSource(seed: seed, stream: 1)
    let drawn = candidates(using: &random)
    // One pass over the examples, which may be very many.
    let new = Set(drawn).subtracting(examples.positives).subtracting(examples.confirmed).subtracting(examples.negatives)
    var seen: Set<String> = []
    let candidates = drawn.filter { $0.unicodeScalars.count <= 80 && new.contains($0) && seen.insert($0).inserted }
    let bases = bases
    let distances = Dictionary(
      uniqueKeysWithValues: candidates.map { candidate in
        let scalars = candidate.unicodeScalars.map(\.value)
        return (candidate, bases.compactMap { StringEdit.distance(scalars, $0, limit: 6) }.min() ?? 7)
      })
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
      let (a, b) = (distances[$0.string] ?? .max, distances[$1.string] ?? .max)
      if a != b { return a < b }
      let (m, n) = ($0.string.unicodeScalars.count, $1.string.unicodeScalars.count)
      return m != n ? m < n : $0.string < $1.string
    }
    return Array(questions.prefix(limit))
  }

  /// The examples that questions are made from.
  private var bases: [[UInt32]] {
    Array(examples.memberScalars.lazy.filter { $0.count <= 60 }.prefix(12))
  }

  private func candidates(using random: inout RandomSource) -> [String] {
    var candidates: [String] = []
    let bases = bases
    // What occurs in such strings: letters and digits, and marks that some example has.
    let seen = CharacterClass((examples.memberScalars.prefix(200) + examples.negativeScalars.prefix(200)).joined())
    let usual = CharacterClass.alphanumeric.union(seen)
    let pool = usual.asciiMembers.filter { !CharacterClass.alphanumeric.contains($0) } + [0x20, 0x2D, 0x61, 0x41, 0x30]
    for entry in entries.prefix(40) {
      for _ in 0..<4 {
        guard let string = entry.expression.sample(using: &random) else { continue }
        if usual.isSuperset(of: CharacterClass(of: string)) { candidates.append(string) }
      }
    }
    for base in bases {
      for _ in 0..<24 {
        let edited = StringEdit.random(of: base, pool: pool, using: &random)
        candidates.append(edited.text)
        candidates.append(StringEdit.random(of: edited, pool: pool, using: &random).text)
      }
      candidates += [(base + base).text, base.text.uppercased(), base.text.lowercased()]
      candidates += lengthened(base, using: &random)
    }
    return candidates
  }

  /// The string with one of its runs shorter, longer or twice as long, or taken from another example.
  private func lengthened(_ base: [UInt32], using random: inout RandomSource) -> [String] {
    let runs = StringTemplate.Cut.kinds.runs(of: base)
    return runs.indices.prefix(12).flatMap { place -> [String] in
      var results: [[UInt32]] = []
      let text = runs[place].text
      let others = bases.flatMap {
        StringTemplate.Cut.kinds.runs(of: $0).filter { $0.kind == runs[place].kind }.map(\.text)
      }
      for new in [
        Array(text.dropLast()), text + text.suffix(1), text + text, others.randomElement(using: &random) ?? text,
      ] {
        results.append(runs[..<place].flatMap(\.text) + new + runs[(place + 1)...].flatMap(\.text))
      }
      return results.map(\.text)
    }
  }
}
