import Documents

/// What Python's `ast.literal_eval` makes of a text: strings, numbers, `True`, `False`, `None`, lists, tuples, mappings.
///
/// Task files print lists from templates, `{{choices.text}}`, and read them back so.
enum PythonLiteral {
  /// The value, nil where the text is no literal.
  static func value(of text: String) -> JSONValue? {
    var reader = Reader(scalars: Array(text.unicodeScalars))
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipSpace()
    return reader.isAtEnd ? value : nil
  }

  private struct Reader {
    let scalars: [Unicode.Scalar]
    var position = 0

    var isAtEnd: Bool { position >= scalars.count }
    var current: Unicode.Scalar? { isAtEnd ? nil : scalars[position] }

    mutating func skipSpace() {
      while let scalar = current, " \t\n\r".unicodeScalars.contains(scalar) { position += 1 }
    }

    mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
      skipSpace()
      guard current == scalar else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) -> JSONValue? {
      skipSpace()
      guard depth < 100, let first = current else { return nil }
      switch first {
      case "[", "(": return list(closing: first == "[" ? "]" : ")", depth: depth)
      case "{": return mapping(depth: depth)
      case "'", "\"": return strings()
      case "+", "-", ".", "0"..."9": return number()
      default: return word()
      }
    }

    private mutating func list(closing: Unicode.Scalar, depth: Int) -> JSONValue? {
      position += 1
      var elements: [JSONValue] = []
      var hasComma = false
      while !accept(closing) {
        guard elements.isEmpty || hasComma, let element = value(depth: depth + 1) else { return nil }
        elements.append(element)
        hasComma = accept(",")
      }
      // A single value in parentheses is itself.
      return closing == ")" && elements.count == 1 && !hasComma ? elements[0] : .array(elements)
    }

    private mutating func mapping(depth: Int) -> JSONValue? {
      position += 1
      var object = JSONObject()
      var hasComma = true
      while !accept("}") {
        guard hasComma, let key = value(depth: depth + 1), accept(":"), let value = value(depth: depth + 1) else {
          return nil
        }
        object[key.string ?? key.serialized()] = value
        hasComma = accept(",")
      }
      return .object(object)
    }

    private mutating func word() -> JSONValue? {
      let words: [(String, JSONValue)] = [("True", true), ("False", false), ("None", .null)]
      for (word, value) in words where scalars[position...].starts(with: word.unicodeScalars) {
        position += word.count
        return value
      }
      return nil
    }

    private mutating func number() -> JSONValue? {
      var text = ""
      while let scalar = current, "+-.0123456789eE_".unicodeScalars.contains(scalar) {
        if scalar != "_" { text.unicodeScalars.append(scalar) }
        position += 1
      }
      if let whole = Int(text) {
        let digits = text.drop { "+-".contains($0) }
        return digits.count > 1 && digits.first == "0" && whole != 0 ? nil : .int(whole)
      }
      return Double(text).map { .double($0) }
    }

    /// One string, or several beside each other.
    private mutating func strings() -> JSONValue? {
      var text = ""
      while let quote = current, quote == "'" || quote == "\"" {
        guard let part = string(quote) else { return nil }
        text += part
        skipSpace()
      }
      return .string(text)
    }

    private mutating func string(_ quote: Unicode.Scalar) -> String? {
      position += 1
      var view = String.UnicodeScalarView()
      while let scalar = current {
        position += 1
        if scalar == quote { return String(view) }
        if scalar == "\n" { return nil }
        guard scalar == "\\" else {
          view.append(scalar)
          continue
        }
        guard let escaped = current else { return nil }
        position += 1
        switch escaped {
        case "\n": break
        case "\\", "'", "\"": view.append(escaped)
        case "n": view.append("\n")
        case "r": view.append("\r")
        case "t": view.append("\t")
        case "a": view.append("\u{07}")
        case "b": view.append("\u{08}")
        case "f": view.append("\u{0C}")
        case "v": view.append("\u{0B}")
        case "x", "u", "U":
          let count = escaped == "x" ? 2 : escaped == "u" ? 4 : 8
          guard position + count <= scalars.count,
            let code = UInt32(String(String.UnicodeScalarView(scalars[position..<position + count])), radix: 16),
            let made = Unicode.Scalar(code)
          else { return nil }
          view.append(made)
          position += count
        case "0"..."7":
          var code = escaped.value - 48
          var digits = 1
          while digits < 3, let next = current, ("0"..."7").contains(next) {
            code = code * 8 + next.value - 48
            digits += 1
            position += 1
          }
          guard let made = Unicode.Scalar(code) else { return nil }
          view.append(made)
        default:
          view.append("\\")
          view.append(escaped)
        }
      }
      return nil
    }
  }
}
