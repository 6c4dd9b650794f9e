/// Reads grammars as llama.cpp writes them: `name ::= "text" [a-z]+ (other | "x"){2,3} # comment`.
///
/// A rule ends where the next `name ::=` begins. `.` is any character.
struct GrammarParser {
  private static let longest = 262_144
  private static let deepest = 100

  private var reader: ExpressionParser
  private var depth = 0

  /// The rules by name; `root` is among them.
  static func parse(_ source: String) throws -> [String: Pattern] {
    guard source.utf8.count <= longest else {
      throw ConstraintError("the grammar has more than \(longest) bytes")
    }
    var parser = GrammarParser(reader: ExpressionParser(source))
    var rules: [String: Pattern] = [:]
    parser.skipSpace()
    while parser.reader.next != nil {
      guard let name = parser.name() else { throw parser.error("a rule's name is missing") }
      parser.skipSpace()
      guard parser.takeDefinition() else { throw parser.error("'::=' is missing after '\(name)'") }
      guard rules[name] == nil else { throw parser.error("rule '\(name)' is there twice") }
      rules[name] = try parser.alternatives()
    }
    guard rules["root"] != nil else { throw ConstraintError("the grammar has no rule 'root'") }
    return rules
  }

  private func error(_ problem: String) -> ConstraintError {
    let line = reader.scalars[..<reader.position].count { $0 == "\n" } + 1
    return ConstraintError("grammar, line \(line): \(problem)")
  }

  private mutating func skipSpace() {
    while let scalar = reader.next {
      if scalar == "#" {
        while let other = reader.next, other != "\n" { _ = reader.take(other) }
      } else if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
        _ = reader.take(scalar)
      } else {
        return
      }
    }
  }

  private mutating func takeDefinition() -> Bool {
    let start = reader.position
    for scalar in "::=".unicodeScalars where !reader.take(scalar) {
      reader.position = start
      return false
    }
    return true
  }

  private mutating func name() -> String? {
    var text = ""
    while let scalar = reader.next, CodePoints.word.contains(scalar.value) || scalar == "-" {
      text.unicodeScalars.append(scalar)
      _ = reader.take(scalar)
    }
    return text.isEmpty ? nil : text
  }

  private mutating func alternatives() throws -> Pattern {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw error("groups nested more than \(Self.deepest) deep") }
    var choices = [try sequence()]
    while reader.take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .alternatives(choices)
  }

  private mutating func sequence() throws -> Pattern {
    var parts: [Pattern] = []
    while true {
      skipSpace()
      guard let scalar = reader.next, scalar != "|", scalar != ")" else { break }
      guard var part = try item() else { break }
      while let count = try reader.repetition() {
        part = .repeated(part, least: count.least, most: count.most)
      }
      parts.append(part)
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// The next part of a sequence; nil where the next rule begins.
  private mutating func item() throws -> Pattern? {
    let start = reader.position
    if reader.take("\"") { return try literal() }
    if reader.take("[") { return .characters(try reader.characterClass()) }
    if reader.take(".") { return .characters(.all) }
    if reader.take("(") {
      let inner = try alternatives()
      guard reader.take(")") else { throw error("a group without its ')'") }
      return inner
    }
    guard let name = name() else { throw error("'\(reader.next.map(String.init) ?? "")' is not expected here") }
    let end = reader.position
    skipSpace()
    if takeDefinition() {
      reader.position = start
      return nil
    }
    reader.position = end
    return .rule(name)
  }

  private mutating func literal() throws -> Pattern {
    var text = String.UnicodeScalarView()
    while let scalar = reader.next, scalar != "\"" {
      _ = reader.take(scalar)
      guard scalar == "\\" else {
        text.append(scalar)
        continue
      }
      guard let escaped = reader.next else { break }
      _ = reader.take(escaped)
      switch escaped {
      case "n": text.append("\n")
      case "r": text.append("\r")
      case "t": text.append("\t")
      case "x": if let s = Unicode.Scalar(try reader.hexadecimal(2)) { text.append(s) }
      case "u": if let s = Unicode.Scalar(try reader.hexadecimal(4)) { text.append(s) }
      case "\\", "\"", "[", "]": text.append(escaped)
      default: throw error("\\\(escaped) is not supported")
      }
    }
    guard reader.take("\"") else { throw error("a text without its closing quote") }
    return .literal(String(text))
  }
}
