/// A flaw that a model found in a text, with the words that show it.
public struct FoundFlaw: Sendable, Codable, Equatable {
  /// How much a flaw matters.
  public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
    /// It would be better otherwise.
    case minor
    /// It misleads, or makes the text hard to use.
    case major
    /// It makes the text wrong.
    case critical

    /// By how much they matter.
    public static func < (a: Severity, b: Severity) -> Bool { order(a) < order(b) }
    private static func order(_ one: Severity) -> Int { allCases.firstIndex(of: one) ?? 0 }
  }

  /// The words of the text that show it, as the text has them.
  public var quote: String
  /// Where they begin in the text, in code points.
  public var start: Int
  /// Behind them.
  public var end: Int
  /// The line on which they begin, from 1.
  public var line: Int
  /// The line on which they end.
  public var lastLine: Int
  /// What is wrong.
  public var problem: String
  /// How much it matters.
  public var severity: Severity
  /// The quoted words as they should read; nil where none were suggested.
  public var suggestion: String?
  /// The model's own probability that the critique is valid and useful; nil where the model can't be asked for one.
  public var helpfulness: Double?

  enum CodingKeys: String, CodingKey {
    case quote, start, end, line, problem, severity, suggestion, helpfulness
    case lastLine = "last_line"
  }
}

/// Reads what a model wrote when it was asked for a flaw.
enum FlawAnswer {
  /// The parts of an answer in the form that the request shows.
  struct Parts: Equatable {
    var quote: String
    var problem: String
    var severity: FoundFlaw.Severity
    var suggestion: String?
  }

  private static let fields = ["quote", "problem", "severity", "suggestion"]

  /// Reads an answer; nil where it finds no flaw or leaves the quote or the problem out.
  static func parts(_ answer: String) -> Parts? {
    var values: [String: String] = [:]
    var current: String?
    for line in answer.split(separator: "\n", omittingEmptySubsequences: false) {
      let plain = line.trimmingWhitespace.replacing("**", with: "")
      let label = plain.split(separator: ":", maxSplits: 1).first.map { $0.lowercased().trimmingWhitespace } ?? ""
      if let field = fields.first(where: { label == $0 || label == "- " + $0 }), plain.contains(":") {
        // The first of each counts: a small model goes on to further flaws.
        if values[field] != nil { break }
        current = field
        values[field] = plain.split(separator: ":", maxSplits: 1).dropFirst().first.map { $0.trimmingWhitespace } ?? ""
      } else if let field = current {
        values[field] = (values[field] ?? "") + "\n" + line
      }
    }
    func value(_ field: String) -> String? {
      guard let text = values[field]?.trimmingWhitespace, !text.isEmpty else { return nil }
      return unquoted(text)
    }
    guard let quote = value("quote"), let problem = value("problem"),
      !["none", "n/a", "-"].contains(quote.lowercased())
    else { return nil }
    let word = value("severity")?.lowercased() ?? ""
    let severity = FoundFlaw.Severity.allCases.last { word.contains($0.rawValue) } ?? .minor
    let suggestion = value("suggestion").flatMap { ["none", "n/a", "-"].contains($0.lowercased()) ? nil : $0 }
    return Parts(quote: quote, problem: problem, severity: severity, suggestion: suggestion == quote ? nil : suggestion)
  }

  private static func unquoted(_ text: String) -> String {
    for (open, close) in [("\"", "\""), ("“", "”"), ("«", "»"), ("`", "`"), ("'", "'"), ("‘", "’")]
    where text.count > 2 && text.hasPrefix(open) && text.hasSuffix(close) {
      return String(text.dropFirst().dropLast()).trimmingWhitespace
    }
    return text
  }

  /// Where a quote stands in a text, in code points: white space and the forms of quotes and dashes don't matter, every word does.
  static func place(of quote: String, in text: [Unicode.Scalar]) -> Range<Int>? {
    func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
      switch scalar {
      case "‘", "’", "‚", "`": "'"
      case "“", "”", "„", "«", "»": "\""
      case "–", "—", "−": "-"
      default: scalar.properties.isWhitespace ? " " : scalar
      }
    }
    var (folded, places): ([Unicode.Scalar], [Int]) = ([], [])
    for (place, scalar) in text.enumerated() {
      let scalar = plain(scalar)
      if scalar == " ", folded.last == " " { continue }
      folded.append(scalar)
      places.append(place)
    }
    var wanted: [Unicode.Scalar] = []
    for scalar in quote.unicodeScalars.map(plain) where !(scalar == " " && (wanted.isEmpty || wanted.last == " ")) {
      wanted.append(scalar)
    }
    while wanted.last == " " { wanted.removeLast() }
    // A word or two occur by chance.
    guard wanted.count >= 8, wanted.count <= folded.count else { return nil }
    for start in 0...folded.count - wanted.count
    where folded[start] == wanted[0] && folded[start..<start + wanted.count].elementsEqual(wanted) {
      return places[start]..<places[start + wanted.count - 1] + 1
    }
    return nil
  }
}
