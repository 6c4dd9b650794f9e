/// Reads regular expressions, and the character classes and counts that grammars share with them.
struct ExpressionParser {
  private static let longest = 65_536
  private static let deepest = 100
  /// The largest count in `{m,n}`.
  static let mostRepeats = 10_000

  var scalars: [Unicode.Scalar]
  var position = 0
  private var depth = 0

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  /// The pattern of a whole expression, anchors and all.
  static func parse(_ source: String) throws -> Pattern {
    guard source.utf8.count <= longest else {
      throw ConstraintError("the regular expression has more than \(longest) bytes")
    }
    var parser = ExpressionParser(source)
    let pattern = try parser.alternatives()
    guard parser.position == parser.scalars.count else { throw parser.error("an unmatched ')'") }
    return pattern
  }

  func error(_ problem: String) -> ConstraintError {
    ConstraintError("regular expression, character \(position + 1): \(problem)")
  }

  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func alternatives() throws -> Pattern {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw error("groups nested more than \(Self.deepest) deep") }
    var choices = [try sequence()]
    while take("|" as Unicode.Scalar) { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .alternatives(choices)
  }

  private mutating func sequence() throws -> Pattern {
    var parts: [Pattern] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      var part = try atom()
      while let count = try repetition() {
        if case .start = part { throw error("nothing to repeat") }
        if case .end = part { throw error("nothing to repeat") }
        part = .repeated(part, least: count.least, most: count.most)
        // Lazy matching chooses among matches; which texts match stays the same.
        if take("?" as Unicode.Scalar) { break }
        if next == "+" { throw error("possessive repetition is not supported") }
        if next == "*" || next == "{" { throw error("nothing to repeat") }
      }
      parts.append(part)
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// `*`, `+`, `?` or `{m,n}`, if one stands here.
  mutating func repetition() throws -> (least: Int, most: Int?)? {
    switch next {
    case "*": position += 1; return (0, nil)
    case "+": position += 1; return (1, nil)
    case "?": position += 1; return (0, 1)
    case "{":
      let from = position
      position += 1
      let least = number()
      var most = least
      if take("," as Unicode.Scalar) { most = number() }
      guard take("}" as Unicode.Scalar), let least else {
        position = from
        throw error("'{' begins a count such as {2,5}; a brace itself is written \\{")
      }
      if let most, most < least { throw error("{\(least),\(most)} counts downwards") }
      guard max(least, most ?? 0) <= Self.mostRepeats else {
        throw error("a count above \(Self.mostRepeats)")
      }
      return (least, most)
    default: return nil
    }
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar), (value ?? 0) < 1_000_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
      position += 1
    }
    return value
  }

  private mutating func atom() throws -> Pattern {
    guard let scalar = next else { throw error("the expression ends too early") }
    switch scalar {
    case "(": return try group()
    case "[":
      position += 1
      return .characters(try characterClass())
    case ".":
      position += 1
      return .characters(CodePoints.lineEnds.inverted)
    case "^":
      position += 1
      return .start
    case "$":
      position += 1
      return .end
    case "*", "+", "?", "{": throw error("nothing to repeat before '\(scalar)'")
    case "\\":
      position += 1
      return .characters(try escape(inClass: false))
    default:
      position += 1
      return .characters(CodePoints([scalar.value...scalar.value]))
    }
  }

  private mutating func group() throws -> Pattern {
    position += 1
    if take("?:") {
    } else if take("?P<")
      || (scalars[position...].starts(with: "?<".unicodeScalars)
        && !scalars[position...].starts(with: "?<=".unicodeScalars)
        && !scalars[position...].starts(with: "?<!".unicodeScalars) && take("?<"))
    {
      while let scalar = next, scalar != ">" { _ = take(scalar) }
      guard take(">" as Unicode.Scalar) else { throw error("a group's name without its end") }
    } else if next == "?" {
      throw error("look-around, inline flags and other '(?' groups are not supported")
    }
    let inner = try alternatives()
    guard take(")" as Unicode.Scalar) else { throw error("a group without its ')'") }
    return inner
  }

  /// What is between brackets; the opening one has been read.
  mutating func characterClass() throws -> CodePoints {
    let isNegated = take("^" as Unicode.Scalar)
    var set = CodePoints()
    var isFirst = true
    while true {
      guard let scalar = next else { throw error("a class without its ']'") }
      if scalar == "]", !isFirst {
        position += 1
        break
      }
      if scalar == "[", position + 1 < scalars.count, scalars[position + 1] == ":" {
        throw error("POSIX classes such as [:alpha:] are not supported")
      }
      isFirst = false
      let low = try classMember()
      if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
        position += 1
        let high = try classMember()
        guard let from = low.single, let to = high.single else { throw error("a range between classes") }
        guard from <= to else { throw error("a range that runs backwards") }
        set = set.union(CodePoints([from...to]))
      } else {
        set = set.union(low)
      }
    }
    return isNegated ? set.inverted : set
  }

  private mutating func classMember() throws -> CodePoints {
    guard let scalar = next else { throw error("a class without its ']'") }
    position += 1
    return scalar == "\\" ? try escape(inClass: true) : CodePoints([scalar.value...scalar.value])
  }

  /// What follows a backslash.
  private mutating func escape(inClass: Bool) throws -> CodePoints {
    guard let scalar = next else { throw error("the expression ends in a backslash") }
    position += 1
    func one(_ value: UInt32) -> CodePoints { CodePoints([value...value]) }
    switch scalar {
    case "d": return .digits
    case "D": return CodePoints.digits.inverted
    case "w": return .word
    case "W": return CodePoints.word.inverted
    case "s": return .space
    case "S": return CodePoints.space.inverted
    case "n": return one(0x0A)
    case "r": return one(0x0D)
    case "t": return one(0x09)
    case "f": return one(0x0C)
    case "v": return one(0x0B)
    case "0": return one(0)
    case "b" where inClass: return one(0x08)
    case "x": return one(try hexadecimal(2))
    case "u":
      if take("{" as Unicode.Scalar) {
        var value: UInt32 = 0
        while let digit = next.flatMap({ Int(String($0), radix: 16) }), value < 0x110000 {
          value = value * 16 + UInt32(digit)
          position += 1
        }
        guard take("}" as Unicode.Scalar), Unicode.Scalar(value) != nil else { throw error("no such character") }
        return one(value)
      }
      return one(try hexadecimal(4))
    case "a"..."z", "A"..."Z", "1"..."9":
      position -= 1
      throw error("\\\(scalar) is not supported")
    default: return one(scalar.value)
    }
  }

  mutating func hexadecimal(_ count: Int) throws -> UInt32 {
    guard position + count <= scalars.count,
      let value = UInt32(scalars[position..<position + count].map { String($0) }.joined(), radix: 16)
    else { throw error("\(count) hexadecimal digits are missing") }
    position += count
    guard Unicode.Scalar(value) != nil else { throw error("half of a surrogate pair") }
    return value
  }
}

extension CodePoints {
  /// The only member, if there is one.
  fileprivate var single: UInt32? {
    guard ranges.count == 1, ranges[0].count == 1 else { return nil }
    return ranges[0].lowerBound
  }
}

extension Pattern {
  /// The same for a match of the whole text, where `^` at the beginning and `$` at the end say nothing new.
  func withoutAnchors() throws -> Pattern { try anchored(before: .empty, after: .empty) }

  /// The same for a search: anything may stand before and after what isn't anchored.
  func searched() throws -> Pattern {
    let anything = Pattern.any(.characters(.all))
    return try anchored(before: anything, after: anything)
  }

  private func anchored(before: Pattern, after: Pattern) throws -> Pattern {
    if case .alternatives(let choices) = self {
      return .alternatives(try choices.map { try $0.anchored(before: before, after: after) })
    }
    var parts: [Pattern] = if case .sequence(let list) = self { list } else { [self] }
    var (before, after) = (before, after)
    if case .start? = parts.first {
      parts.removeFirst()
      before = .empty
    }
    if case .end? = parts.last {
      parts.removeLast()
      after = .empty
    }
    // One group in which alternatives are anchored each for itself.
    if parts.count == 1, case .alternatives = parts[0] {
      return try parts[0].anchored(before: before, after: after)
    }
    return .sequence([before] + parts + [after])
  }
}
