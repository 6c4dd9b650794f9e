import Documents
import Foundation

/// Exact match and F1 of DROP (Dua 2019), as its authors' script has them.
enum DROPScore {
  static func score(_ document: JSONObject, _ prediction: String) throws -> DocumentScore {
    var (bestMatch, bestF1) = (0.0, 0.0)
    for gold in try golds(of: document) {
      let (match, f1) = Self.match(prediction, gold)
      guard let first = gold.first, !PythonText.strip(first).isEmpty else { continue }
      (bestMatch, bestF1) = (max(bestMatch, match), max(bestF1, f1))
    }
    return DocumentScore(values: [("em", .number(bestMatch)), ("f1", .number(bestF1))])
  }

  /// The answers of the record and of those who checked it, each a list of spans.
  static func golds(of document: JSONObject) throws -> [[String]] {
    guard let answer = document["answer"] else { throw TaskError("the record has no answer") }
    var all = [spans(of: answer)]
    for other in document["validated_answers"]?.array ?? [] { all.append(spans(of: other)) }
    return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func spans(of answer: JSONValue) -> [String] {
    let number = answer["number"]?.pythonText ?? ""
    if !number.isEmpty { return [number] }
    if let spans = answer["spans"]?.array, !spans.isEmpty { return spans.map(\.pythonText) }
    let date = answer["date"]
    let parts = ["day", "month", "year"].map { date?[$0]?.pythonText ?? "" }
    return [PythonText.strip(parts.joined(separator: " "))]
  }

  private static func match(_ prediction: String, _ gold: [String]) -> (match: Double, f1: Double) {
    let (predicted, golds) = ([normalized(prediction)], gold.map(normalized))
    let isExact = Set(predicted) == Set(golds) && predicted.count == golds.count
    // One prediction: the best assignment of spans to it is its best span.
    let bag = Set(predicted[0].split(separator: " ").map(String.init))
    let scores = golds.map { text -> Double in
      let gold = Set(text.split(separator: " ").map(String.init))
      return numbersAgree(gold, bag) ? f1(bag, gold) : 0
    }
    let mean = (scores.max() ?? 0) / Double(max(golds.count, 1))
    return (isExact ? 1 : 0, (mean * 100).rounded(.toNearestOrEven) / 100)
  }

  private static func f1(_ predicted: Set<String>, _ gold: Set<String>) -> Double {
    let common = Double(predicted.intersection(gold).count)
    let precision = predicted.isEmpty ? 1 : common / Double(predicted.count)
    let recall = gold.isEmpty ? 1 : common / Double(gold.count)
    return precision == 0 && recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
  }

  private static func numbersAgree(_ gold: Set<String>, _ predicted: Set<String>) -> Bool {
    let numbers = gold.filter { number($0) != nil }
    return numbers.isEmpty || !numbers.isDisjoint(with: predicted.filter { number($0) != nil })
  }

  private static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, (48...57).contains(first) || [43, 45, 46].contains(first) else { return nil }
    return Double(text.replacingOccurrences(of: "_", with: ""))
  }

  static func normalized(_ answer: String) -> String {
    answer.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "-" }.map { token in
      var text = token.lowercased()
      if number(text) == nil { text.unicodeScalars.removeAll(where: AnswerText.isPunctuation) }
      if let value = number(text) { text = JSONValue.double(value).pythonText }
      return AnswerText.withoutArticles(text)
    }.filter { !$0.isEmpty }.joined(separator: " ")
  }
}

/// Exact match and F1 of SQuAD (Rajpurkar 2018), as its authors' script has them, without thresholds.
enum SQuADScore {
  static func score(_ document: JSONObject, _ prediction: String) throws -> DocumentScore {
    let answers =
      document["answers"]?.array?.compactMap { $0["text"]?.string }
      ?? document["answers"]?["text"]?.array?.compactMap(\.string)
    guard let answers else { throw TaskError("the record has no answers") }
    // "unanswerable" is how a model says that there is no answer.
    let said = PythonText.strip(prediction)
    let text = normalized(said) == "unanswerable" ? "" : said
    var golds = answers.filter { !normalized($0).isEmpty }
    if golds.isEmpty { golds = [""] }
    let exact = golds.map { normalized($0) == normalized(text) ? 1.0 : 0 }.max() ?? 0
    return DocumentScore(values: [
      ("exact", .number(exact)), ("f1", .number(golds.map { f1(text, $0) }.max() ?? 0)),
    ])
  }

  static func f1(_ prediction: String, _ gold: String) -> Double {
    let (predicted, wanted) = (normalized(prediction).split(separator: " "), normalized(gold).split(separator: " "))
    if predicted.isEmpty || wanted.isEmpty { return predicted.isEmpty == wanted.isEmpty ? 1 : 0 }
    var counts: [Substring: Int] = [:]
    for word in wanted { counts[word, default: 0] += 1 }
    var common = 0
    for word in predicted where counts[word, default: 0] > 0 {
      counts[word, default: 0] -= 1
      common += 1
    }
    guard common > 0 else { return 0 }
    let (precision, recall) = (Double(common) / Double(predicted.count), Double(common) / Double(wanted.count))
    return 2 * precision * recall / (precision + recall)
  }

  static func normalized(_ answer: String) -> String {
    var text = answer.lowercased()
    text.unicodeScalars.removeAll(where: AnswerText.isPunctuation)
    return AnswerText.withoutArticles(text)
  }
}

/// The probability of the true answers among all, `mc2` of TruthfulQA (Lin 2022).
enum TruthMass {
  static func score(_ document: JSONObject, _ likelihoods: [Double]) throws -> DocumentScore {
    let targets = document["mc2_targets"]
    // Published both as two lists and as a mapping of answers to 0 or 1.
    let labels = targets?["labels"]?.array?.compactMap(\.int) ?? targets?.object?.members.compactMap { $0.value.int }
    guard let labels, labels.count == likelihoods.count else { throw TaskError("mc2_targets doesn't fit the choices") }
    let weights = likelihoods.map { exp($0) }
    let total = weights.reduce(0, +)
    let mass = zip(weights, labels).reduce(0) { $0 + ($1.1 == 1 ? $1.0 : 0) } / total
    return DocumentScore(values: [("acc", .number(mass))])
  }
}

/// What the scripts of question answering do with answers before they compare them.
enum AnswerText {
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    (33...47).contains(scalar.value) || (58...64).contains(scalar.value) || (91...96).contains(scalar.value)
      || (123...126).contains(scalar.value)
  }

  /// The words but "a", "an" and "the", with single spaces.
  static func withoutArticles(_ text: String) -> String {
    // Articles are words between anything that is no letter, digit or underscore.
    var (result, word) = ("", "")
    func isWord(_ c: Character) -> Bool { c.isLetter || c.isNumber || c == "_" }
    func finish() {
      result += ["a", "an", "the"].contains(word) ? " " : word
      word = ""
    }
    for character in text {
      if isWord(character) {
        word.append(character)
      } else {
        finish()
        result.append(character)
      }
    }
    finish()
    return result.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
