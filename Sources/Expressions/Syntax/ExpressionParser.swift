/// Reads regular expressions, and the character classes and counts that grammars share with them.
///
/// It descends recursively; lengths, depths and counts are bounded, so that expressions may come from strangers.
package struct ExpressionParser {
  private static let longest = 65_536
  private static let deepest = 100
  /// The largest count in `{m,n}`.
  private static let mostRepeats = 10_000

  let scalars: [Unicode.Scalar]
  var position = 0
  private let syntax: ExpressionSyntax
  private var depth = 0

  init(_ source: String, syntax: ExpressionSyntax) {
    scalars = Array(source.unicodeScalars)
    self.syntax = syntax
  }

  /// The tree of a whole expression, anchors and all.
  package static func parse(
    _ source: String, syntax: ExpressionSyntax
  ) throws(RegularExpressionSyntaxError) -> ExpressionTree<Anchor> {
    var parser = ExpressionParser(source, syntax: syntax)
    guard source.utf8.count <= longest else { throw parser.error("it has more than \(longest) bytes") }
    let tree = try parser.alternatives()
    guard parser.position == parser.scalars.count else { throw parser.error("a \")\" without its \"(\"") }
    return tree
  }

  func error(_ reason: String) -> RegularExpressionSyntaxError {
    RegularExpressionSyntaxError(offset: position, reason: reason)
  }

  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func take(text: String) -> Bool {
    let wanted = text.unicodeScalars
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func alternatives() throws(RegularExpressionSyntaxError) -> ExpressionTree<Anchor> {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw error("groups nested more than \(Self.deepest) deep") }
    var choices = [try sequence()]
    while take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .alternation(choices)
  }

  private mutating func sequence() throws(RegularExpressionSyntaxError) -> ExpressionTree<Anchor> {
    var parts: [ExpressionTree<Anchor>] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let part = try atom()
      guard let count = try repetition() else {
        parts.append(part)
        continue
      }
      if case .symbol = part { throw error("nothing to repeat: a quantifier after an anchor") }
      parts.append(.repetition(part, minimum: count.minimum, maximum: count.maximum))
      if next == "?", !syntax.allowsLazyQuantifiers { throw error("lazy quantifiers are not supported") }
      _ = take("?")
      if next == "+" { throw error("possessive quantifiers are not supported") }
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// `*`, `+`, `?` or `{m,n}`, if one stands here.
  mutating func repetition() throws(RegularExpressionSyntaxError) -> (minimum: Int, maximum: Int?)? {
    let start = position
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard take("{") else { return nil }
    let minimum = number()
    var maximum = minimum
    if take(",") { maximum = number() }
    guard let minimum, take("}") else {
      position = start
      throw error("\"{\" begins a count such as {2,5}; a brace itself is written \\{")
    }
    if let maximum, maximum < minimum {
      throw error("{\(minimum),\(maximum)} counts downwards: the maximum is below its minimum")
    }
    guard max(minimum, maximum ?? 0) <= Self.mostRepeats else { throw error("a count above \(Self.mostRepeats)") }
    return (minimum, maximum)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar), (value ?? 0) < 1_000_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
      position += 1
    }
    return value
  }

  private mutating func atom() throws(RegularExpressionSyntaxError) -> ExpressionTree<Anchor> {
    guard let scalar = next else { throw error("the expression ends too early") }
    if "*+?{".unicodeScalars.contains(scalar) {
      throw error("nothing to repeat: \"\(scalar)\" with nothing before it")
    }
    position += 1
    switch scalar {
    case "(": return try group()
    case "[": return .characters(try characterClass())
    case ".": return .characters(syntax.anyCharacter)
    case "^": return .symbol(Anchor(place: .start, offset: position - 1))
    case "$": return .symbol(Anchor(place: .end, offset: position - 1))
    case "\\": return .characters(try escape(inClass: false))
    default: return .characters(CharacterClass([scalar.value]))
    }
  }

  /// Reads what is between parentheses; the opening one has been read.
  private mutating func group() throws(RegularExpressionSyntaxError) -> ExpressionTree<Anchor> {
    let looksBehind = ["?<=", "?<!"].contains { scalars[position...].starts(with: $0.unicodeScalars) }
    if take(text: "?:") {
    } else if take(text: "?P<") || (!looksBehind && take(text: "?<")) {
      while let scalar = next, scalar != ">" { _ = take(scalar) }
      guard take(">") else { throw error("a group's name without its end") }
    } else if next == "?" {
      throw error("look-around, inline flags and other \"(?\" groups are not supported")
    }
    let inner = try alternatives()
    guard take(")") else { throw error("a group \"(\" without its \")\"") }
    return inner
  }

  /// Reads what is between brackets; the opening one has been read.
  mutating func characterClass() throws(RegularExpressionSyntaxError) -> CharacterClass {
    let isNegated = take("^")
    var members = CharacterClass.none
    var isFirst = true
    while true {
      guard let scalar = next else { throw error("a class \"[\" without its \"]\"") }
      if scalar == "]", !isFirst {
        position += 1
        break
      }
      if scalar == "[", position + 1 < scalars.count, scalars[position + 1] == ":" {
        throw error("POSIX classes such as [:alpha:] are not supported")
      }
      isFirst = false
      let first = try classMember()
      guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        members = members.union(first)
        continue
      }
      position += 1
      let last = try classMember()
      guard let from = first.onlyMember, let to = last.onlyMember else { throw error("a range between classes") }
      guard from <= to else { throw error("a range that runs backwards") }
      members = members.union(CharacterClass(ranges: [from...to]))
    }
    return isNegated ? members.inverted : members
  }

  private mutating func classMember() throws(RegularExpressionSyntaxError) -> CharacterClass {
    guard let scalar = next else { throw error("a class \"[\" without its \"]\"") }
    position += 1
    return scalar == "\\" ? try escape(inClass: true) : CharacterClass([scalar.value])
  }

  /// Reads what follows a backslash.
  private mutating func escape(inClass: Bool) throws(RegularExpressionSyntaxError) -> CharacterClass {
    guard let scalar = next else { throw error("the expression ends in a backslash") }
    position += 1
    switch scalar {
    case "d": return .digit
    case "D": return CharacterClass.digit.inverted
    case "w": return .word
    case "W": return CharacterClass.word.inverted
    case "s": return syntax.whiteSpace
    case "S": return syntax.whiteSpace.inverted
    case "n": return CharacterClass(of: "\n")
    case "r": return CharacterClass(of: "\r")
    case "t": return CharacterClass(of: "\t")
    case "f": return CharacterClass(of: "\u{C}")
    case "v" where syntax.hasScriptEscapes: return CharacterClass(of: "\u{B}")
    case "0" where syntax.hasScriptEscapes: return CharacterClass(of: "\0")
    case "b" where inClass && syntax.hasScriptEscapes: return CharacterClass(of: "\u{8}")
    case "x" where !syntax.hasScriptEscapes && next == "{": return CharacterClass([try bracedCode()])
    case "x": return CharacterClass([try hexadecimal(2)])
    case "u" where syntax.hasScriptEscapes:
      return CharacterClass([try next == "{" ? bracedCode() : hexadecimal(4)])
    case "a"..."z", "A"..."Z", "0"..."9":
      position -= 1
      throw error("the escape \\\(scalar) is not supported")
    default: return CharacterClass([scalar.value])
    }
  }

  /// A scalar's number between braces.
  private mutating func bracedCode() throws(RegularExpressionSyntaxError) -> UInt32 {
    position += 1
    var value: UInt32?
    while let digit = next.flatMap({ UInt32(String($0), radix: 16) }), (value ?? 0) < 0x110000 {
      value = (value ?? 0) * 16 + digit
      position += 1
    }
    guard take("}"), let value, Unicode.Scalar(value) != nil else {
      throw error("no such character; its number is written as in {1F600}")
    }
    return value
  }

  mutating func hexadecimal(_ count: Int) throws(RegularExpressionSyntaxError) -> UInt32 {
    guard position + count <= scalars.count,
      let value = UInt32(scalars[position..<position + count].map { String($0) }.joined(), radix: 16)
    else { throw error("\(count) hexadecimal digits are missing") }
    position += count
    guard Unicode.Scalar(value) != nil else { throw error("half of a surrogate pair") }
    return value
  }
}
