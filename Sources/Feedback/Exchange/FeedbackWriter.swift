public import Documents
import Foundation

/// Writes feedback as JSON Lines in the columns that TRL and others read.
///
/// ```swift
/// let report = try store.export(to: "pairs.jsonl", as: .preferences, ties: .drop)
/// print(report)   // 1,204 lines; 37 ties left out; 12 critiques have no place in this shape
/// ```
///
/// What a shape can't hold is counted, never dropped in silence. A file appears whole or not at all.
public struct FeedbackWriter: Sendable {
  /// The shape of a line.
  public enum Shape: String, Sendable, CaseIterable, Codable {
    /// Every kind, nothing lost.
    case native
    /// `{"prompt", "completion"}`, or `{"messages"}` for conversations.
    case demonstrations
    /// `{"prompt", "chosen", "rejected"}`: comparisons, and all pairs of rankings.
    case preferences
    /// `{"prompt", "completions", "ranking"}`: rankings, and comparisons as rankings of two.
    case rankings
    /// `{"prompt", "completion", "label"}`: ratings as desirable or not, by the scale's middle.
    case labels
  }

  /// A way to treat ties where a shape has no place for them.
  public enum Ties: String, Sendable, CaseIterable, Codable {
    /// They are left out and counted.
    case drop
    /// Every line gets a `label`, the probability that `chosen` is better: 1, or ½ for a tie.
    case softLabel = "soft-label"
  }

  /// Counts of what was written and what was left out.
  public struct Report: Sendable, Equatable, CustomStringConvertible {
    /// The lines written.
    public var lines = 0
    /// The ties that were left out.
    public var tiesDropped = 0
    /// The ties that were kept.
    public var tiesKept = 0
    /// The rankings that were taken apart into pairs.
    public var rankingsAsPairs = 0
    /// The items whose kind has no place in the shape.
    public var leftOut: [FeedbackItem.Kind: Int] = [:]

    /// One sentence for people.
    public var description: String {
      var parts = ["\(lines) lines"]
      if tiesKept > 0 { parts.append("\(tiesKept) ties kept") }
      if tiesDropped > 0 { parts.append("\(tiesDropped) ties left out") }
      if rankingsAsPairs > 0 { parts.append("\(rankingsAsPairs) rankings taken apart into pairs") }
      for (kind, count) in leftOut.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        parts.append("\(count) of kind \(kind.rawValue) have no place in this shape")
      }
      return parts.joined(separator: "; ")
    }
  }

  /// The shape of a line.
  public var shape: Shape
  /// The treatment of ties.
  public var ties: Ties

  /// Chooses a shape.
  public init(shape: Shape, ties: Ties = .drop) {
    self.shape = shape
    self.ties = ties
  }

  /// The lines of one item, and the counts that they add to a report.
  public func lines(of item: FeedbackItem, report: inout Report) throws -> [JSONValue] {
    let lines: [JSONValue]?
    switch (shape, item) {
    case (.native, _):
      lines = [try JSONValue(parsing: FeedbackRow.content(item))]
    case (.demonstrations, .demonstration(let item)):
      lines = [demonstration(item)]
    case (.preferences, .comparison(let item)):
      lines = preference(item, report: &report)
    case (.preferences, .ranking(let item)):
      report.rankingsAsPairs += 1
      lines = item.comparisons.flatMap { preference($0, report: &report) }
    case (.rankings, .ranking(let item)):
      lines = [ranking(item.prompt, item.responses, item.ranks)]
    case (.rankings, .comparison(let item)):
      if item.isTie { report.tiesKept += 1 }
      let ranks = [item.preferred == .second ? 2 : 1, item.preferred == .first ? 2 : 1]
      lines = [ranking(item.prompt, [item.first, item.second], ranks)]
    case (.labels, .rating(let item)):
      if let isDesirable = item.isDesirable {
        lines = [
          [
            "prompt": value(of: item.prompt),
            "completion": value(of: item.response, after: item.prompt), "label": .bool(isDesirable),
          ]
        ]
      } else {
        report.tiesDropped += 1
        lines = []
      }
    default:
      lines = nil
    }
    if lines == nil { report.leftOut[item.kind, default: 0] += 1 }
    report.lines += lines?.count ?? 0
    return lines ?? []
  }

  /// Writes items to a file; `visit` calls its argument with each.
  func write(
    to path: String, visit: ((FeedbackItem) throws -> Void) throws -> Void
  ) throws -> Report {
    let temporary = "\(path).\(newIdentifier()).tmp"
    guard FileManager.default.createFile(atPath: temporary, contents: nil),
      let file = FileHandle(forWritingAtPath: temporary)
    else { throw DataError(errno: errno, path: path, action: "write the file") }
    var isDone = false
    defer { if !isDone { try? FileManager.default.removeItem(atPath: temporary) } }
    var report = Report()
    var buffer = Data()
    func flush() throws {
      do {
        try file.write(contentsOf: buffer)
      } catch {
        throw DataError(
          .inputOutput, path: path, problem: "can't write the file: \(error.localizedDescription)",
          advice: "The disk may be full; no half-written file is left behind.")
      }
      buffer.removeAll(keepingCapacity: true)
    }
    try visit { item in
      for line in try lines(of: item, report: &report) {
        buffer.append(contentsOf: line.serialized().utf8)
        buffer.append(UInt8(ascii: "\n"))
      }
      if buffer.count > 1 << 20 { try flush() }
    }
    try flush()
    try file.synchronize()
    try file.close()
    guard rename(temporary, path) == 0 else {
      throw DataError(errno: errno, path: path, action: "write the file")
    }
    isDone = true
    return report
  }

  /// Writes items to a file.
  @discardableResult
  public func write(_ items: some Sequence<FeedbackItem>, to path: String) throws -> Report {
    try write(to: path) { take in
      for item in items { try take(item) }
    }
  }

  // MARK: lines

  private func demonstration(_ item: Demonstration) -> JSONValue {
    switch item.prompt {
    case .text(let text): ["prompt": .string(text), "completion": .string(item.completion.text)]
    case .conversation(let messages, let tools):
      offering(tools, ["messages": .array((messages + item.completion.turns).map(\.document))])
    }
  }

  /// The fields with the functions that are offered, where there are some.
  private func offering(_ tools: JSONValue?, _ fields: JSONObject) -> JSONValue {
    var fields = fields
    if let tools { fields["tools"] = tools }
    return .object(fields)
  }

  private func preference(_ item: Comparison, report: inout Report) -> [JSONValue] {
    if item.isTie {
      guard ties == .softLabel else {
        report.tiesDropped += 1
        return []
      }
      report.tiesKept += 1
    }
    let (chosen, rejected) = item.chosenAndRejected ?? (item.first, item.second)
    var fields: JSONObject = [
      "prompt": value(of: item.prompt), "chosen": value(of: chosen, after: item.prompt),
      "rejected": value(of: rejected, after: item.prompt),
    ]
    // A probability is the judgement itself, and must not become certainty on its way through a store.
    if ties == .softLabel || item.probability != nil {
      fields["label"] = .double(item.preferred == .second ? 1 - item.label : item.label)
    }
    return [offering(item.prompt.tools, fields)]
  }

  private func ranking(_ prompt: Prompt, _ responses: [Response], _ ranks: [Int]) -> JSONValue {
    offering(
      prompt.tools,
      [
        "prompt": value(of: prompt), "completions": .array(responses.map { .string($0.text) }),
        "ranking": .array(ranks.map { .int($0) }),
      ])
  }

  private func value(of prompt: Prompt) -> JSONValue {
    switch prompt {
    case .text(let text): .string(text)
    case .conversation(let messages, _): .array(messages.map(\.document))
    }
  }

  /// A response as text, or as a message where the prompt is a conversation, as TRL wants it.
  private func value(of response: Response, after prompt: Prompt) -> JSONValue {
    guard case .conversation = prompt else { return .string(response.text) }
    return .array(response.turns.map(\.document))
  }
}
