public import Foundation

/// The examples that people wrote to teach a rule, as the published study recorded them.
public struct TeachingCorpora: Sendable {
  /// One teacher's labelled strings for one rule, in the order given.
  public struct Corpus: Sendable, Hashable {
    /// The teacher.
    public let teacher: String
    /// The rule's name; see ``StringConcept/publishedRules``.
    public let rule: String
    /// The labelled strings, first to last.
    public let examples: [TeachingExample]

    /// Makes a corpus.
    public init(teacher: String, rule: String, examples: [TeachingExample]) {
      self.teacher = teacher
      self.rule = rule
      self.examples = examples
    }

    /// The strings labelled positive.
    public var positives: [String] { examples.filter(\.isPositive).map(\.string) }
    /// The strings labelled negative.
    public var negatives: [String] { examples.filter { !$0.isPositive }.map(\.string) }
  }

  /// All corpora, in the order of the file.
  public let corpora: [Corpus]

  /// Makes a collection.
  public init(corpora: [Corpus]) { self.corpora = corpora }

  /// The rules of the first phase of the study, without the perturbed ones.
  public static let baseRules = ["3a", "zip-code", "suffix-s", "delimiters"]

  /// The corpora of the base rules.
  public var base: [Corpus] { corpora.filter { Self.baseRules.contains($0.rule) } }

  /// Reads the study's table: CSV with the columns `assignment.id` (or `worker.id`), `rule.id`,
  /// `example.num`, `polarity` and `string`.
  public init(contentsOf url: URL) throws {
    let rows = try CommaSeparatedRows(contentsOf: url)
    let columns = try rows.columns(["worker.id", "rule.id", "example.num", "polarity", "string"])
    var order: [String] = []
    var groups: [String: [(number: Int, example: TeachingExample)]] = [:]
    var keys: [String: (String, String)] = [:]
    for (line, row) in rows.body {
      guard let number = Int(row[columns[2]]) else {
        throw rows.error(line, "example.num \"\(row[columns[2]])\" is not a number")
      }
      let polarity = row[columns[3]]
      guard polarity == "positive" || polarity == "negative" else {
        throw rows.error(line, "polarity \"\(polarity)\" is neither positive nor negative")
      }
      let (teacher, rule) = (row[columns[0]], row[columns[1]])
      let key = teacher + "\u{0}" + rule
      if groups[key] == nil {
        order.append(key)
        keys[key] = (teacher, rule)
      }
      groups[key, default: []].append(
        (number, TeachingExample(row[columns[4]], isPositive: polarity == "positive")))
    }
    corpora = order.compactMap { key in
      guard let (teacher, rule) = keys[key], let examples = groups[key] else { return nil }
      // A stable sort by number: the same teacher may number two assignments alike.
      let sorted = examples.enumerated().sorted {
        ($0.element.number, $0.offset) < ($1.element.number, $1.offset)
      }
      return Corpus(teacher: teacher, rule: rule, examples: sorted.map(\.element.example))
    }
  }
}

/// A string with its label.
public struct TeachingExample: Sendable, Hashable, Codable {
  /// The string.
  public let string: String
  /// Whether it is given as a member of the language.
  public let isPositive: Bool

  /// Makes a labelled string.
  public init(_ string: String, isPositive: Bool) {
    self.string = string
    self.isPositive = isPositive
  }
}
