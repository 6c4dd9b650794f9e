public import Foundation

/// People's classifications of the published study's test items.
public struct GeneralizationAnswers: Sendable {
  /// The items of each rule.
  public let items: [String: [String]]
  /// People's share of right answers, by rule.
  public let accuracy: [String: Double]
  /// How many answers were given after each corpus, by rule and the corpus's `seq.id`; empty when
  /// the table has no such column.
  public let learners: [String: [String: Int]]

  /// Reads the study's `generalization.csv`: columns `rule.id`, `string`, `correct` and, if there,
  /// `seq.id`.
  public init(contentsOf url: URL) throws {
    let rows = try CommaSeparatedRows(contentsOf: url)
    let columns = try rows.columns(["rule.id", "string", "correct"])
    let sequence = rows.header.firstIndex(of: "seq.id")
    var items: [String: [String]] = [:]
    var right: [String: (right: Int, all: Int)] = [:]
    var learners: [String: [String: Int]] = [:]
    for (line, row) in rows.body {
      let rule = row[columns[0]]
      guard ["TRUE", "FALSE"].contains(row[columns[2]]) else {
        throw rows.error(line, "correct \"\(row[columns[2]])\" is neither TRUE nor FALSE")
      }
      if !(items[rule]?.contains(row[columns[1]]) ?? false) {
        items[rule, default: []].append(row[columns[1]])
      }
      right[rule, default: (0, 0)].all += 1
      if row[columns[2]] == "TRUE" { right[rule, default: (0, 0)].right += 1 }
      if let sequence { learners[rule, default: [:]][row[sequence], default: 0] += 1 }
    }
    self.items = items
    self.learners = learners
    accuracy = right.mapValues { Double($0.right) / Double(max(1, $0.all)) }
  }
}
