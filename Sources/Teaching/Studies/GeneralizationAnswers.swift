import Documents
public import Foundation

/// People's classifications of the published study's test items.
public struct GeneralizationAnswers: Sendable {
  /// The items of each rule.
  public let items: [String: [String]]
  /// People's share of right answers, by rule.
  public let accuracy: [String: Double]
  /// The number of answers that were given after each corpus, by rule and the corpus's `seq.id`; empty when
  /// the table has no such column.
  public let learners: [String: [String: Int]]

  /// Reads the study's `generalization.csv`: columns `rule.id`, `string`, `correct` and, if there,
  /// `seq.id`.
  public init(contentsOf url: URL) throws {
    let rows = try RecordReader(paths: [FileContents.path(of: url)], options: .init(format: .csv))
    var items: [String: [String]] = [:]
    var right: [String: (right: Int, all: Int)] = [:]
    var learners: [String: [String: Int]] = [:]
    while let row = try rows.next() {
      let (rule, string) = (try row.text(in: "rule.id"), try row.text(in: "string"))
      let correct = try row.text(in: "correct")
      guard ["TRUE", "FALSE"].contains(correct) else {
        throw row.error("correct \"\(correct)\" is neither TRUE nor FALSE")
      }
      if !(items[rule]?.contains(string) ?? false) { items[rule, default: []].append(string) }
      right[rule, default: (0, 0)].all += 1
      if correct == "TRUE" { right[rule, default: (0, 0)].right += 1 }
      if let sequence = row["seq.id"]?.string { learners[rule, default: [:]][sequence, default: 0] += 1 }
    }
    guard rows.recordCount > 0 else { throw rows.emptyTable }
    self.items = items
    self.learners = learners
    accuracy = right.mapValues { Double($0.right) / Double(max(1, $0.all)) }
  }
}
