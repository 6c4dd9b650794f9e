public import Foundation
internal import GRDB

/// Which items of a store are wanted; what isn't set isn't asked for.
public struct FeedbackQuery: Sendable, Equatable {
  /// The kinds wanted.
  public var kinds: Set<FeedbackItem.Kind>?
  /// The labellers wanted.
  public var labellers: Set<String>?
  /// The policy that wrote at least one of the responses.
  public var policy: String?
  /// The version of that policy.
  public var policyVersion: String?
  /// The earliest date, included.
  public var since: Date?
  /// The latest date, not included.
  public var before: Date?
  /// The batch.
  public var batch: String?
  /// The part of the data set.
  public var split: String?
  /// The largest number of items.
  public var limit: Int?

  /// Asks for items; by default for all.
  public init(
    kinds: Set<FeedbackItem.Kind>? = nil, labellers: Set<String>? = nil, policy: String? = nil,
    policyVersion: String? = nil, since: Date? = nil, before: Date? = nil, batch: String? = nil,
    split: String? = nil, limit: Int? = nil
  ) {
    self.kinds = kinds
    self.labellers = labellers
    self.policy = policy
    self.policyVersion = policyVersion
    self.since = since
    self.before = before
    self.batch = batch
    self.split = split
    self.limit = limit
  }

  /// The conditions as SQL with their values, for `SELECT … FROM feedback`.
  func sql(selecting columns: String, ordered: Bool) -> (String, StatementArguments) {
    var conditions: [String] = []
    var arguments = StatementArguments()
    func require(_ condition: String, _ values: [String]) {
      conditions.append(condition)
      arguments += StatementArguments(values)
    }
    func oneOf(_ column: String, _ values: [String]) {
      let marks = repeatElement("?", count: values.count).joined(separator: ", ")
      require("\(column) IN (\(marks))", values.sorted())
    }
    if let kinds { oneOf("kind", kinds.map(\.rawValue)) }
    if let labellers { oneOf("labeller", Array(labellers)) }
    if let since { require("date >= ?", [Provenance.text(since)]) }
    if let before { require("date < ?", [Provenance.text(before)]) }
    if let batch { require("batch = ?", [batch]) }
    if let split { require("split = ?", [split]) }
    if policy != nil || policyVersion != nil {
      let parts = [policy.map { _ in "name = ?" }, policyVersion.map { _ in "version = ?" }]
      let match = parts.compactMap(\.self).joined(separator: " AND ")
      require(
        "id IN (SELECT feedback FROM feedback_policy JOIN policy ON policy.id = policy "
          + "WHERE \(match))", [policy, policyVersion].compactMap(\.self))
    }
    var sql = "SELECT \(columns) FROM feedback"
    if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
    if ordered { sql += " ORDER BY rowid" }
    if let limit { sql += " LIMIT \(max(0, limit))" }
    return (sql, arguments)
  }
}
