public import Documents

/// What is wrong with a regular expression, and where.
public struct RegularExpressionSyntaxError: UserFacingError, Equatable {
  /// The expression as it was given.
  public let expression: String
  /// The offset of the offending scalar, from 0.
  public let offset: Int
  /// What is wrong there.
  public let reason: String

  /// The message for a person.
  public var description: String {
    "regular expression \"\(expression)\", character \(offset + 1): \(reason)"
  }
}

extension RegularExpression {
  /// Parses ordinary syntax: literals, escapes (`\d \w \s \D \W \S \t \n \r \x41 \x{41}`), `.`, bracket
  /// expressions, groups (capturing ones are read as plain groups), `|`, `? * + {n} {n,} {n,m}`.
  ///
  /// Anchors `^` and `$` are accepted at the two ends, where they change nothing: an expression is
  /// matched against the whole string. Look-around, back-references and lazy or possessive
  /// quantifiers are errors.
  public init(parsing text: String) throws(RegularExpressionSyntaxError) {
    var parser = RegularExpressionParser(text)
    self = try parser.parse().simplified()
  }
}

/// A recursive-descent parser of ``RegularExpression``.
struct RegularExpressionParser {
  private let text: String
  private let scalars: [Unicode.Scalar]
  private var offset = 0
  private var depth = 0
  private static let maximumDepth = 200
  private static let maximumCount = 10_000

  init(_ text: String) {
    self.text = text
    scalars = Array(text.unicodeScalars)
  }

  mutating func parse() throws(RegularExpressionSyntaxError) -> RegularExpression {
    if next == "^" { offset += 1 }
    let result = try alternation()
    if next == "$", offset == scalars.count - 1 { offset += 1 }
    guard offset == scalars.count else {
      throw error(next == ")" ? "a \")\" without its \"(\"" : "an anchor inside the expression")
    }
    return result
  }

  private var next: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

  private func error(_ reason: String) -> RegularExpressionSyntaxError {
    RegularExpressionSyntaxError(expression: text, offset: offset, reason: reason)
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    offset += 1
    return true
  }

  private mutating func alternation() throws(RegularExpressionSyntaxError) -> RegularExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else {
      throw error("groups nested more than \(Self.maximumDepth) deep")
    }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternation(branches)
  }

  private mutating func sequence() throws(RegularExpressionSyntaxError) -> RegularExpression {
    var parts: [RegularExpression] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      if scalar == "$", offset == scalars.count - 1, depth == 1 { break }
      parts.append(try quantified())
    }
    return parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func quantified() throws(RegularExpressionSyntaxError) -> RegularExpression {
    var result = try atom()
    var quantifiers = 0
    while let scalar = next {
      let minimum: Int
      let maximum: Int?
      switch scalar {
      case "?": (minimum, maximum) = (0, 1)
      case "*": (minimum, maximum) = (0, nil)
      case "+": (minimum, maximum) = (1, nil)
      case "{":
        guard let counts = try counts() else { return result }
        (minimum, maximum) = counts
        offset -= 1
      default: return result
      }
      guard quantifiers == 0 else {
        throw error("lazy and possessive quantifiers aren't supported")
      }
      quantifiers += 1
      offset += 1
      result = .repetition(result, minimum: minimum, maximum: maximum)
    }
    return result
  }

  /// Reads `{n}`, `{n,}` or `{n,m}`; leaves a brace that begins none of them alone.
  private mutating func counts() throws(RegularExpressionSyntaxError) -> (Int, Int?)? {
    let start = offset
    offset += 1
    let first = number()
    var second = first
    if take(",") { second = number() }
    guard let first, take("}") else {
      offset = start
      throw error("a \"{\" that isn't a count; write \\{ for the character")
    }
    guard first <= Self.maximumCount, (second ?? 0) <= Self.maximumCount else {
      throw error("a count above \(Self.maximumCount)")
    }
    if let second, second < first { throw error("a count whose maximum is below its minimum") }
    return (first, second)
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let scalar = next, ("0"..."9").contains(scalar), digits.count < 9 {
      digits.unicodeScalars.append(scalar)
      offset += 1
    }
    return Int(digits)
  }

  private mutating func atom() throws(RegularExpressionSyntaxError) -> RegularExpression {
    guard let scalar = next else { throw error("the expression ends too early") }
    switch scalar {
    case "(":
      offset += 1
      if take("?") {
        guard take(":") else { throw error("only (?:…) of the (?…) groups is supported") }
      }
      let inner = try alternation()
      guard take(")") else { throw error("a \"(\" without its \")\"") }
      return inner
    case "[": return .characters(try bracketExpression())
    case ".":
      offset += 1
      return .characters(.any)
    case "\\": return .characters(try escape())
    case "?", "*", "+", "{": throw error("a quantifier with nothing before it")
    case "^", "$": throw error("an anchor inside the expression")
    default:
      offset += 1
      return .characters(CharacterClass([scalar.value]))
    }
  }

  private mutating func escape() throws(RegularExpressionSyntaxError) -> CharacterClass {
    offset += 1
    guard let scalar = next else { throw error("the expression ends after a backslash") }
    offset += 1
    let space = CharacterClass(of: " \t\n\r\u{B}\u{C}")
    switch scalar {
    case "d": return .digit
    case "D": return CharacterClass.digit.inverted
    case "w": return .word
    case "W": return CharacterClass.word.inverted
    case "s": return space
    case "S": return space.inverted
    case "t": return CharacterClass(of: "\t")
    case "n": return CharacterClass(of: "\n")
    case "r": return CharacterClass(of: "\r")
    case "x":
      let isBraced = take("{")
      var digits = ""
      while let digit = next, digit != "}", digits.count < (isBraced ? 6 : 2) {
        digits.unicodeScalars.append(digit)
        offset += 1
      }
      guard isBraced ? take("}") : digits.count == 2, let value = UInt32(digits, radix: 16),
        Unicode.Scalar(value) != nil
      else { throw error("not a code point; write \\x41 or \\x{1F600}") }
      return CharacterClass([value])
    default:
      let isLetter =
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
        || ("0"..."9").contains(scalar)
      guard !isLetter else { throw error("the escape \\\(scalar) isn't supported") }
      return CharacterClass([scalar.value])
    }
  }

  private mutating func bracketExpression() throws(RegularExpressionSyntaxError) -> CharacterClass {
    offset += 1
    let negated = take("^")
    var members = CharacterClass(low: 0, high: 0)
    var isFirst = true
    while true {
      guard let scalar = next else { throw error("a \"[\" without its \"]\"") }
      if scalar == "]", !isFirst { break }
      isFirst = false
      let first = try bracketMember()
      if next == "-", offset + 1 < scalars.count, scalars[offset + 1] != "]",
        let low = first.onlyMember
      {
        offset += 1
        guard let high = try bracketMember().onlyMember, high >= low, high < 128 || high - low < 512
        else { throw error("not a range of characters") }
        members = members.union(CharacterClass(low...high))
      } else {
        members = members.union(first)
      }
    }
    offset += 1
    return negated ? members.inverted : members
  }

  private mutating func bracketMember() throws(RegularExpressionSyntaxError) -> CharacterClass {
    guard let scalar = next else { throw error("a \"[\" without its \"]\"") }
    if scalar == "\\" { return try escape() }
    offset += 1
    return CharacterClass([scalar.value])
  }
}
