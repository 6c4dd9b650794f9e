import Expressions
import Foundation

/// BLEU and chrF of whole corpora, as sacrebleu computes them by default, which lm-evaluation-harness takes them from.
enum TranslationScores {
  typealias Pair = (reference: String, prediction: String)

  // MARK: BLEU

  /// BLEU of up to four words with the tokens of mteval 13a and exponential smoothing, from 0 to 100.
  static func bleu(_ pairs: [Pair]) -> Double {
    var (correct, total) = ([Double](repeating: 0, count: 4), [Double](repeating: 0, count: 4))
    var (length, referenceLength) = (0, 0)
    for pair in pairs {
      let (words, reference) = (tokens(pair.prediction), tokens(pair.reference))
      length += words.count
      referenceLength += reference.count
      for order in 1...4 {
        let (own, theirs) = (counts(words, order), counts(reference, order))
        total[order - 1] += Double(max(0, words.count - order + 1))
        correct[order - 1] += Double(own.reduce(0) { $0 + min($1.value, theirs[$1.key] ?? 0) })
      }
    }
    guard correct.contains(where: { $0 > 0 }), total[3] > 0 else { return 0 }
    var (sum, smoothing) = (0.0, 1.0)
    for order in 0..<4 {
      if correct[order] == 0 { smoothing *= 2 }
      sum += log(100 * (correct[order] > 0 ? correct[order] : 1 / smoothing) / total[order])
    }
    let brevity = length < referenceLength ? exp(1 - Double(referenceLength) / Double(length)) : 1
    return brevity * exp(sum / 4)
  }

  private static let rules: [(PythonExpression, String)] = [
    (#"([\{-\~\[-\` -\&\(-\+\:-\@\/])"#, #" \1 "#), (#"([^0-9])([\.,])"#, #"\1 \2 "#),
    (#"([\.,])([^0-9])"#, #" \1 \2"#),
    (#"([0-9])(-)"#, #"\1 \2 "#),
  ].compactMap { pattern, replacement in (try? PythonExpression(pattern)).map { ($0, replacement) } }

  /// The tokens of mteval 13a.
  static func tokens(_ text: String) -> [Substring] {
    var line = PythonText.trailingSpace(of: text).body
    for (mark, plain) in [
      ("<skipped>", ""), ("-\n", ""), ("\n", " "), ("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"),
    ] { line = line.replacingOccurrences(of: mark, with: plain) }
    line = rules.reduce(" \(line) ") { text, rule in (try? rule.0.replacing(in: text, with: rule.1)) ?? text }
    return line.split { $0.unicodeScalars.allSatisfy(PythonText.isSpace) }
  }

  private static func counts<Unit: Hashable>(_ units: [Unit], _ order: Int) -> [ArraySlice<Unit>: Int] {
    guard units.count >= order else { return [:] }
    return (0...units.count - order).reduce(into: [:]) { $0[units[$1..<$1 + order], default: 0] += 1 }
  }

  // MARK: chrF

  /// chrF of one to six characters and of up to `wordOrder` words, β = 2, from 0 to 100.
  static func chrF(_ pairs: [Pair], wordOrder: Int) -> Double {
    let orders = 6 + wordOrder
    var statistics = [(own: Double, theirs: Double, common: Double)](repeating: (0, 0, 0), count: orders)
    for pair in pairs {
      func letters(_ text: String) -> [Unicode.Scalar] { text.unicodeScalars.filter { !PythonText.isSpace($0) } }
      let (own, theirs) = (letters(pair.prediction), letters(pair.reference))
      for order in 1...6 { add(counts(own, order), counts(theirs, order), to: &statistics[order - 1]) }
      guard wordOrder > 0 else { continue }
      let (words, reference) = (words(pair.prediction), words(pair.reference))
      for order in 1...wordOrder { add(counts(words, order), counts(reference, order), to: &statistics[5 + order]) }
    }
    let used = statistics.filter { $0.own > 0 && $0.theirs > 0 }
    guard !used.isEmpty else { return 0 }
    let precision = used.reduce(0) { $0 + $1.common / $1.own } / Double(used.count)
    let recall = used.reduce(0) { $0 + $1.common / $1.theirs } / Double(used.count)
    return precision + recall > 0 ? 100 * 5 * precision * recall / (4 * precision + recall) : 0
  }

  private static func add<Key: Hashable>(
    _ own: [Key: Int], _ theirs: [Key: Int], to statistics: inout (own: Double, theirs: Double, common: Double)
  ) {
    if !theirs.isEmpty { statistics.own += Double(own.values.reduce(0, +)) }
    statistics.theirs += Double(theirs.values.reduce(0, +))
    statistics.common += Double(own.reduce(0) { $0 + min($1.value, theirs[$1.key] ?? 0) })
  }

  /// Words, with a mark at one end of a word apart.
  private static func words(_ text: String) -> [Substring] {
    text.split { $0.unicodeScalars.allSatisfy(PythonText.isSpace) }.flatMap { word -> [Substring] in
      func isMark(_ character: Character?) -> Bool {
        character?.unicodeScalars.first.map { $0.isASCII && AnswerText.isPunctuation($0) } ?? false
      }
      if word.count == 1 { return [word] }
      if isMark(word.last) { return [word.dropLast(), word.suffix(1)] }
      if isMark(word.first) { return [word.prefix(1), word.dropFirst()] }
      return [word]
    }
  }
}
