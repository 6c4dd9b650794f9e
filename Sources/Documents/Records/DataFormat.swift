/// The kinds of data file that are read.
public enum DataFormat: String, Sendable, CaseIterable, Codable {
  /// One JSON value a line.
  case jsonLines = "jsonl"
  /// One array of records, one record, or one a line.
  case json
  /// A comma-separated table with a header.
  case csv
  /// A tab-separated table with a header.
  case tsv
  /// Plain text.
  case text = "txt"

  /// The format that a file's name ends in, `.gz` put aside.
  public init?(path: String) {
    var name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    if name.hasSuffix(".gz") { name.removeLast(3) }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...] {
    case "jsonl", "ndjson": self = .jsonLines
    case "json": self = .json
    case "csv": self = .csv
    case "tsv": self = .tsv
    case "txt", "text", "md": self = .text
    default: return nil
    }
  }
}
