/// Reads grammars as llama.cpp writes them: `name ::= "text" [a-z]+ (other | "x"){2,3} # comment`.
///
/// A rule ends where the next `name ::=` begins. `.` is any character.
package struct GrammarParser {
  private static let longest = 262_144
  private static let deepest = 100

  private var reader: ExpressionParser
  private var depth = 0

  /// The rules by name; `root` is among them.
  package static func parse(_ source: String) throws(GrammarError) -> [String: GrammarExpression] {
    guard source.utf8.count <= longest else {
      throw GrammarError("the grammar has more than \(longest) bytes")
    }
    var parser = GrammarParser(reader: ExpressionParser(source, syntax: .ecmaScript))
    var rules: [String: GrammarExpression] = [:]
    parser.skipSpace()
    while parser.reader.next != nil {
      guard let name = parser.name() else { throw parser.error("a rule's name is missing") }
      parser.skipSpace()
      guard parser.takeDefinition() else { throw parser.error("'::=' is missing after '\(name)'") }
      guard rules[name] == nil else { throw parser.error("rule '\(name)' is there twice") }
      rules[name] = try parser.alternatives()
    }
    guard rules["root"] != nil else { throw GrammarError("the grammar has no rule 'root'") }
    return rules
  }

  /// Reads what regular expressions have too; what is wrong there is said with the grammar's line.
  private mutating func read<Value>(
    _ part: (inout ExpressionParser) throws(RegularExpressionSyntaxError) -> Value
  ) throws(GrammarError) -> Value {
    do { return try part(&reader) } catch { throw self.error(error.reason) }
  }

  /// A character that is written with so many hexadecimal digits.
  private mutating func appendScalar(
    of digits: Int, to text: inout String.UnicodeScalarView
  ) throws(GrammarError) {
    let value = try read { (reader) throws(RegularExpressionSyntaxError) in try reader.hexadecimal(digits) }
    if let scalar = Unicode.Scalar(value) { text.append(scalar) }
  }

  private func error(_ problem: String) -> GrammarError {
    let line = reader.scalars[..<reader.position].count { $0 == "\n" } + 1
    return GrammarError("grammar, line \(line): \(problem)")
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
    while let scalar = reader.next, CharacterClass.word.contains(scalar.value) || scalar == "-" {
      text.unicodeScalars.append(scalar)
      _ = reader.take(scalar)
    }
    return text.isEmpty ? nil : text
  }

  private mutating func alternatives() throws(GrammarError) -> GrammarExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw error("groups nested more than \(Self.deepest) deep") }
    var choices = [try sequence()]
    while reader.take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .alternation(choices)
  }

  private mutating func sequence() throws(GrammarError) -> GrammarExpression {
    var parts: [GrammarExpression] = []
    while true {
      skipSpace()
      guard let scalar = reader.next, scalar != "|", scalar != ")" else { break }
      guard var part = try item() else { break }
      while let count = try read({ (reader) throws(RegularExpressionSyntaxError) in try reader.repetition() }) {
        part = .repetition(part, minimum: count.minimum, maximum: count.maximum)
      }
      parts.append(part)
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// The next part of a sequence; nil where the next rule begins.
  private mutating func item() throws(GrammarError) -> GrammarExpression? {
    let start = reader.position
    if reader.take("\"") { return try literal() }
    if reader.take("[") {
      return .characters(try read { (reader) throws(RegularExpressionSyntaxError) in try reader.characterClass() })
    }
    if reader.take(".") { return .characters(.everything) }
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

  private mutating func literal() throws(GrammarError) -> GrammarExpression {
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
      case "x": try appendScalar(of: 2, to: &text)
      case "u": try appendScalar(of: 4, to: &text)
      case "\\", "\"", "[", "]": text.append(escaped)
      default: throw error("\\\(escaped) is not supported")
      }
    }
    guard reader.take("\"") else { throw error("a text without its closing quote") }
    return .literal(String(text))
  }
}
