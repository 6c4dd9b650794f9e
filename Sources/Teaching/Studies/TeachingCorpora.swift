import Documents
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
    var order: [String] = []
    var groups: [String: [(number: Int, example: TeachingExample)]] = [:]
    var keys: [String: (String, String)] = [:]
    let rows = try RecordReader(paths: [FileContents.path(of: url)], options: .init(format: .csv))
    while let row = try rows.next() {
      func field(_ name: String) throws -> String { try row.text(in: name) }
      let (teacher, rule) = (try field("worker.id"), try field("rule.id"))
      guard let number = Int(try field("example.num")) else {
        throw row.error("example.num \"\(try field("example.num"))\" is not a number")
      }
      let polarity = try field("polarity")
      guard polarity == "positive" || polarity == "negative" else {
        throw row.error("polarity \"\(polarity)\" is neither positive nor negative")
      }
      let key = teacher + "\u{0}" + rule
      if groups[key] == nil {
        order.append(key)
        keys[key] = (teacher, rule)
      }
      groups[key, default: []].append(
        (number, TeachingExample(try field("string"), isPositive: polarity == "positive")))
    }
    guard rows.recordCount > 0 else { throw rows.emptyTable }
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

extension RecordReader {
  /// The error of a table without rows.
  var emptyTable: DataError {
    DataError(.badData, path: files.joined(separator: ", "), problem: "the table is empty")
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
