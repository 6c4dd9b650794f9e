internal import Expressions

extension RegularExpressionPosterior {
  /// Which part of the best expression matched what, where each negative example fails, and what stood next in line.
  public var evidence: [String] {
    guard let first = entries.first else { return [] }
    var lines: [String] = []
    let parts = first.expression.spelledParts
    let texts = Self.texts(
      of: parts.map(\.expression), in: examples.memberScalars.prefix(200).filter { $0.count <= 200 })
    for (part, found) in zip(parts, texts) {
      let shown = found.prefix(4).map { "\u{201C}\($0.text)\u{201D}" }.joined(separator: ", ")
      lines.append("\(part.expression): \(part.words), such as \(shown)\(found.count > 4 ? ", …" : "")")
    }
    let automaton = PositionAutomaton(first.expression)
    for negative in examples.negativeScalars.prefix(5) where negative.count <= 200 && !automaton.accepts(negative) {
      lines.append("“\(negative.text)” fails " + Self.failure(of: negative, first.expression))
    }
    for entry in entries.dropFirst().prefix(3) {
      let longer = (first.logPrior - entry.logPrior) / 0.6931471805599453
      let looser = (first.logPosterior - first.logPrior - entry.logPosterior + entry.logPrior) / 0.6931471805599453
      lines.append(
        "\(entry.expression) takes \(Self.compared(longer)) bits to write and gives the examples "
          + "in \(Self.compared(looser)) bits")
    }
    return lines
  }

  private static func compared(_ bits: Double) -> String {
    let rounded = Int(abs(bits).rounded())
    return rounded == 0 ? "about as many" : bits > 0 ? "\(rounded) more" : "\(rounded) fewer"
  }

  /// The place in a string after which nothing matches any more.
  private static func failure(of string: [UInt32], _ expression: RegularExpression) -> String {
    let reached = DeterministicMatcher(expression).longestBeginning(of: string)
    if reached == string.count { return "at its end: more would have to follow" }
    return "at its character \(reached + 1), “\([string[reached]].text)”"
  }

  /// The distinct texts that each part matched in some way of cutting each string.
  private static func texts(of parts: [RegularExpression], in strings: [[UInt32]]) -> [[[UInt32]]] {
    var found = parts.map { _ in [[UInt32]]() }
    let matchers = parts.map { DeterministicMatcher($0) }
    for string in strings {
      guard let ends = cut(string, matchers) else { continue }
      var start = 0
      for (place, end) in ends.enumerated() {
        let text = Array(string[start..<end])
        if !found[place].contains(text) { found[place].append(text) }
        start = end
      }
    }
    return found
  }

  /// The end of each part in a string; parts further left take as much as they can.
  private static func cut(_ string: [UInt32], _ matchers: [DeterministicMatcher]) -> [Int]? {
    var failed: Set<[Int]> = []
    func ends(_ part: Int, _ start: Int) -> [Int]? {
      if part == matchers.count { return start == string.count ? [] : nil }
      if failed.contains([part, start]) { return nil }
      for end in stride(from: string.count, through: start, by: -1)
      where matchers[part].accepts(Array(string[start..<end])) {
        if let rest = ends(part + 1, end) { return [end] + rest }
      }
      failed.insert([part, start])
      return nil
    }
    return ends(0, 0)
  }
}
