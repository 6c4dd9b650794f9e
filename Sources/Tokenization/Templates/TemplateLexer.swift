/// Cuts a template into text and the tokens of its tags, with Jinja's white-space control as
/// its environment sets it.
struct TemplateLexer {
  private let source: [Unicode.Scalar]
  private let environment: TemplateEnvironment
  private var position = 0
  private var line = 1
  private var tokens: [TemplateToken] = []
  /// Whether the text after the last tag begins a line.
  private var startsLine = true

  private init(_ text: String, _ environment: TemplateEnvironment) {
    self.environment = environment
    var scalars = Array(text.unicodeScalars)
    // Line ends are "\n" whatever the file has.
    if scalars.contains("\r") {
      var unified: [Unicode.Scalar] = []
      for (index, scalar) in scalars.enumerated() {
        if scalar == "\r" {
          unified.append("\n")
        } else if !(scalar == "\n" && index > 0 && scalars[index - 1] == "\r") {
          unified.append(scalar)
        }
      }
      scalars = unified
    }
    if scalars.last == "\n", !environment.keepsLastLineBreak { scalars.removeLast() }
    source = scalars
  }

  /// The tokens of a template, ending with `.end`.
  static func tokens(of text: String, in environment: TemplateEnvironment) throws -> [TemplateToken] {
    var lexer = TemplateLexer(text, environment)
    try lexer.run()
    return lexer.tokens
  }

  private func at(_ offset: Int) -> Unicode.Scalar? {
    position + offset < source.count ? source[position + offset] : nil
  }

  private func fault(_ what: String) -> TokenizationError {
    TokenizationError("\(environment.subject), line \(line): \(what)")
  }

  private mutating func add(_ kind: TemplateToken.Kind) {
    tokens.append(TemplateToken(kind: kind, line: line))
  }

  private mutating func advance(_ count: Int) {
    for _ in 0..<count where position < source.count {
      if source[position] == "\n" { line += 1 }
      position += 1
    }
  }

  private mutating func run() throws {
    while position < source.count {
      var end = position
      while end < source.count,
        !(source[end] == "{" && end + 1 < source.count
          && "{%#".unicodeScalars.contains(source[end + 1]))
      {
        end += 1
      }
      let kind = end < source.count ? source[end + 1] : nil
      let sign = end + 2 < source.count ? source[end + 2] : nil
      addText(position..<end, before: kind, sign: sign)
      advance(end - position)
      guard let kind else { break }
      switch kind {
      case "#": try comment()
      case "{":
        advance(2)
        if at(0) == "-" || at(0) == "+" { advance(1) }
        add(.variableBegin)
        try expression(closing: "}")
        add(.variableEnd)
      default:
        advance(2)
        if at(0) == "-" || at(0) == "+" { advance(1) }
        if try !raw() {
          add(.blockBegin)
          try expression(closing: "%")
          add(.blockEnd)
        }
      }
    }
    add(.end)
  }

  /// Adds text up to a tag, stripped as the tag's sign and `lstrip_blocks` ask.
  private mutating func addText(
    _ range: Range<Int>, before kind: Unicode.Scalar?, sign: Unicode.Scalar?
  ) {
    var end = range.upperBound
    if kind != nil, sign == "-" {
      while end > range.lowerBound, source[end - 1].properties.isWhitespace { end -= 1 }
    } else if environment.trimsBlocks, let kind, kind != "{", sign != "+" {
      var start = end
      while start > range.lowerBound, source[start - 1] != "\n",
        source[start - 1].properties.isWhitespace
      {
        start -= 1
      }
      let atLineStart = start > range.lowerBound ? source[start - 1] == "\n" : startsLine
      if atLineStart { end = start }
    }
    if end > range.lowerBound {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: source[range.lowerBound..<end])
      add(.text(String(view)))
    }
    startsLine = false
  }

  /// After a tag: `-` strips all white space, otherwise a block loses one line break.
  private mutating func finishTag(sign: Unicode.Scalar?, isBlock: Bool) {
    startsLine = false
    if sign == "-" {
      while let next = at(0), next.properties.isWhitespace {
        startsLine = next == "\n"
        advance(1)
      }
    } else if isBlock, environment.trimsBlocks, sign != "+", at(0) == "\n" {
      advance(1)
      startsLine = true
    }
  }

  private mutating func comment() throws {
    let start = line
    advance(2)
    while position < source.count, !(at(0) == "#" && at(1) == "}") { advance(1) }
    guard position < source.count else {
      line = start
      throw fault("a comment without its closing #}")
    }
    let sign = source[position - 1]
    advance(2)
    finishTag(sign: sign == "-" || sign == "+" ? sign : nil, isBlock: true)
  }

  /// `{% raw %}`: text up to `{% endraw %}` as it is.
  private mutating func raw() throws -> Bool {
    func closing(_ name: String, from start: Int) -> (end: Int, sign: Unicode.Scalar?)? {
      var index = start
      func skip() {
        while index < source.count, source[index].properties.isWhitespace { index += 1 }
      }
      skip()
      for scalar in name.unicodeScalars {
        guard index < source.count, source[index] == scalar else { return nil }
        index += 1
      }
      skip()
      var sign: Unicode.Scalar?
      if index < source.count, source[index] == "-" || source[index] == "+" {
        sign = source[index]
        index += 1
      }
      guard index + 1 < source.count, source[index] == "%", source[index + 1] == "}" else {
        return nil
      }
      return (index + 2, sign)
    }
    guard let open = closing("raw", from: position) else { return false }
    advance(open.end - position)
    finishTag(sign: open.sign, isBlock: true)
    var index = position
    while index + 1 < source.count {
      if source[index] == "{", source[index + 1] == "%" {
        let signed =
          index + 2 < source.count && (source[index + 2] == "-" || source[index + 2] == "+")
        if let close = closing("endraw", from: index + (signed ? 3 : 2)) {
          addText(position..<index, before: "%", sign: signed ? source[index + 2] : nil)
          advance(close.end - position)
          finishTag(sign: close.sign, isBlock: true)
          return true
        }
      }
      index += 1
    }
    throw fault("{% raw %} without {% endraw %}")
  }

  /// The tokens of a tag up to its closing `}}` or `%}`.
  private mutating func expression(closing: Unicode.Scalar) throws {
    var brackets: [Unicode.Scalar] = []
    while let scalar = at(0) {
      if scalar.properties.isWhitespace {
        advance(1)
        continue
      }
      if brackets.isEmpty {
        let signed = scalar == "-" || scalar == "+"
        let offset = signed ? 1 : 0
        if at(offset) == closing, at(offset + 1) == "}" {
          advance(offset + 2)
          finishTag(sign: signed ? scalar : nil, isBlock: closing == "%")
          return
        }
      }
      if scalar == "_" || scalar.properties.isAlphabetic {
        name()
      } else if (0x30...0x39).contains(scalar.value) {
        try number()
      } else if scalar == "\"" || scalar == "'" {
        try string(scalar)
      } else {
        try symbol(&brackets)
      }
    }
    throw fault(closing == "}" ? "a {{ without its }}" : "a {% without its %}")
  }

  private mutating func name() {
    var view = String.UnicodeScalarView()
    while let scalar = at(0),
      scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
    {
      view.append(scalar)
      position += 1
    }
    add(.name(String(view)))
  }

  private mutating func number() throws {
    let bases: [Unicode.Scalar: Int] = ["x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2]
    if at(0) == "0", let mark = at(1), let base = bases[mark] {
      advance(2)
      var digits = ""
      while let scalar = at(0), scalar == "_" || scalar.properties.isASCIIHexDigit {
        if scalar != "_" { digits.unicodeScalars.append(scalar) }
        advance(1)
      }
      guard let value = Int(digits, radix: base) else { throw fault("\(digits) is not a number") }
      return add(.int(value))
    }
    var text = ""
    var isWhole = true
    while let scalar = at(0) {
      let next = at(1).map { (0x30...0x39).contains($0.value) } ?? false
      if (0x30...0x39).contains(scalar.value) {
        text.unicodeScalars.append(scalar)
      } else if scalar == "_" && next {
        // Digits may be grouped.
      } else if scalar == "." && isWhole && next {
        isWhole = false
        text += "."
      } else if scalar == "e" || scalar == "E", next || at(1) == "-" || at(1) == "+" {
        isWhole = false
        text += "e"
        if !next {
          position += 1
          if let sign = at(0) { text.unicodeScalars.append(sign) }
        }
      } else {
        break
      }
      position += 1
    }
    if isWhole, let value = Int(text) {
      add(.int(value))
    } else if let value = Double(text) {
      add(.double(value))
    } else {
      throw fault("\(text) is not a number")
    }
  }

  private mutating func string(_ quote: Unicode.Scalar) throws {
    var view = String.UnicodeScalarView()
    let start = line
    advance(1)
    while let scalar = at(0), scalar != quote {
      advance(1)
      if scalar != "\\" {
        view.append(scalar)
        continue
      }
      guard let escaped = at(0) else { break }
      advance(1)
      switch escaped {
      case "n": view.append("\n")
      case "t": view.append("\t")
      case "r": view.append("\r")
      case "b": view.append("\u{08}")
      case "f": view.append("\u{0C}")
      case "v": view.append("\u{0B}")
      case "a": view.append("\u{07}")
      case "0": view.append("\u{00}")
      case "\\", "'", "\"": view.append(escaped)
      case "\n": break
      case "x", "u", "U":
        let digits = escaped == "x" ? 2 : escaped == "u" ? 4 : 8
        let text = source[position..<min(position + digits, source.count)]
        let value = UInt32(String(String.UnicodeScalarView(text)), radix: 16)
        guard text.count == digits, let value, let code = Unicode.Scalar(value) else {
          throw fault("a wrong \\\(escaped) escape in a string")
        }
        view.append(code)
        position += digits
      default:
        view.append("\\")
        view.append(escaped)
      }
    }
    guard at(0) == quote else {
      line = start
      throw fault("a string without its closing quote")
    }
    advance(1)
    add(.string(String(view)))
  }

  private mutating func symbol(_ brackets: inout [Unicode.Scalar]) throws {
    guard let scalar = at(0) else { return }
    let two = String(String.UnicodeScalarView(source[position..<min(position + 2, source.count)]))
    if ["==", "!=", "<=", ">=", "//", "**"].contains(two) {
      add(.symbol(two))
      position += 2
      return
    }
    let pairs: [Unicode.Scalar: Unicode.Scalar] = [")": "(", "]": "[", "}": "{"]
    if "([{".unicodeScalars.contains(scalar) { brackets.append(scalar) }
    if let opening = pairs[scalar] {
      guard brackets.popLast() == opening else { throw fault("an unexpected '\(scalar)'") }
    }
    guard "+-*/%~<>=.,:|()[]{}".unicodeScalars.contains(scalar) else {
      throw fault("an unexpected character \(String(scalar).debugDescription)")
    }
    add(.symbol(String(scalar)))
    position += 1
  }
}
