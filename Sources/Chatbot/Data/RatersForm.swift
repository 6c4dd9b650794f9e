import Documents
import Feedback
import Foundation
public import Statistics

/// A form on which people rate answers without knowing who gave them, and what the filled-in forms tell.
///
/// The published aspects (Ilić 2019): linguistic quality, creativity and human-likeness, each from 1 to 5.
public struct RatersForm: Sendable {
  /// The aspects that are rated, as the form's columns name them.
  public static let aspects = ["linguistic_quality", "creativity", "human_likeness"]
  private static let scale = 1...5

  /// One answer of one system.
  public struct Item: Sendable, Codable, Equatable {
    /// The question.
    public var question: String
    /// The answer.
    public var answer: String
    /// The name of who gave it.
    public var system: String

    /// An item.
    public init(question: String, answer: String, system: String) {
      (self.question, self.answer, self.system) = (question, answer, system)
    }
  }

  /// The items in the form's order.
  public let items: [Item]

  /// A form with the items in an order that tells nothing.
  public init(_ items: [Item], seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    self.items = items.shuffled(using: &random)
  }

  /// Writes `raters.csv`, with empty columns, and `raters-key.json`, which raters shouldn't see.
  public func write(to folder: String) throws {
    let header = (["item", "question", "answer"] + Self.aspects).joined(separator: ",")
    let lines = items.enumerated().map { number, item in
      ["\(number + 1)", Self.quoted(item.question), Self.quoted(item.answer)].joined(separator: ",")
        + String(repeating: ",", count: Self.aspects.count)
    }
    try DurableFile.write(([header] + lines).joined(separator: "\n") + "\n", to: "\(folder)/raters.csv")
    try DurableFile.write(
      try JSONValue(encoding: items).serialized(indent: 2) + "\n", to: "\(folder)/raters-key.json")
  }

  private static func quoted(_ text: String) -> String {
    "\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\""
  }

  // MARK: What came back

  /// The raters' opinion of each system.
  public struct Findings: Sendable, Codable, Equatable {
    /// One system's ratings.
    public struct System: Sendable, Codable, Equatable {
      /// Its name.
      public var name: String
      /// The mean of each aspect, over questions.
      public var means: [Estimate]
    }
    /// The systems, the best human-likeness first.
    public var systems: [System]
    /// Krippendorff's alpha of each aspect's ranks; NaN with one rater.
    public var agreement: [Estimate]
  }

  /// Reads filled-in forms; cells that are empty count for nothing.
  ///
  /// - Throws: `DataError` with the line of what is no rating, or of an item that the key doesn't have.
  public static func findings(of forms: [String], key: String) throws -> Findings {
    let items: [Item]
    do { items = try JSONValue(contentsOf: key).decoded(as: [Item].self) } catch is DecodingError {
      throw DataError(.badData, path: key, problem: "this is no key of a raters' form")
    }
    // For each aspect a row an item and a column a rater.
    var ratings = aspects.map { _ in items.map { _ in [Double?](repeating: nil, count: forms.count) } }
    for (rater, form) in forms.enumerated() {
      let reader = try RecordReader(paths: [form])
      while let record = try reader.next() {
        let cell = try record.text(in: "item")
        guard let number = Int(cell), items.indices.contains(number - 1) else {
          throw record.error("there is no item '\(cell)' in the key")
        }
        for (place, aspect) in aspects.enumerated() {
          let text = try record.text(in: aspect).trimmingCharacters(in: .whitespaces)
          if text.isEmpty { continue }
          guard let value = Int(text), scale.contains(value) else {
            throw record.error("'\(text)' is no rating of \(aspect)", advice: "Give whole numbers from 1 to 5.")
          }
          ratings[place][number - 1][rater] = Double(value)
        }
      }
    }
    let names = items.map(\.system)
    let systems = Set(names).sorted().map { name in
      Findings.System(
        name: name,
        means: ratings.map { rows in
          let means = zip(names, rows).filter { $0.0 == name }.compactMap { _, row -> Double? in
            let given = row.compactMap(\.self)
            return given.isEmpty ? nil : given.reduce(0, +) / Double(given.count)
          }
          return Bootstrap(seed: 1).mean(means)
        })
    }
    let agreement = ratings.map { rows in
      forms.count > 1
        ? AgreementTable(rows: rows).krippendorffAlpha(.ordinal)
        : Estimate(value: .nan, low: .nan, high: .nan, n: 0)
    }
    return Findings(
      systems: systems.sorted { ($1.means.last?.value ?? 0, $0.name) < ($0.means.last?.value ?? 0, $1.name) },
      agreement: agreement)
  }
}
