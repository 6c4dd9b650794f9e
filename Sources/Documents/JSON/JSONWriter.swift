extension JSONValue {
  /// The document as text: compact with `", "` and `": "` as Python's `json.dumps` writes it, or on
  /// indented lines.
  ///
  /// - Parameters:
  ///   - indent: Spaces per level, `nil` for one line.
  ///   - ascii: Escapes everything beyond ASCII, as `json.dumps` does unless told otherwise.
  ///   - separators: What stands between elements and after member names; Python's unless given.
  public func serialized(
    indent: Int? = nil, ascii: Bool = false, separators: (item: String, key: String)? = nil
  ) -> String {
    var output = ""
    let separators = separators ?? (indent == nil ? ", " : ",", ": ")
    write(to: &output, indent: indent, level: 0, ascii: ascii, separators: separators)
    return output
  }

  private func write(
    to output: inout String, indent: Int?, level: Int, ascii: Bool,
    separators: (item: String, key: String)
  ) {
    func breakLine(_ level: Int) {
      guard let indent else { return }
      output += "\n"
      output += String(repeating: " ", count: indent * level)
    }
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .int(let value): output += String(value)
    case .double(let value): output += Self.text(of: value)
    case .string(let value): Self.quote(value, to: &output, ascii: ascii)
    case .array(let elements):
      if elements.isEmpty {
        output += "[]"
        return
      }
      output += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { output += separators.item }
        breakLine(level + 1)
        element.write(
          to: &output, indent: indent, level: level + 1, ascii: ascii, separators: separators)
      }
      breakLine(level)
      output += "]"
    case .object(let object):
      if object.members.isEmpty {
        output += "{}"
        return
      }
      output += "{"
      for (index, member) in object.members.enumerated() {
        if index > 0 { output += separators.item }
        breakLine(level + 1)
        Self.quote(member.key, to: &output, ascii: ascii)
        output += separators.key
        member.value.write(
          to: &output, indent: indent, level: level + 1, ascii: ascii, separators: separators)
      }
      breakLine(level)
      output += "}"
    }
  }

  /// The number as Python prints it: shortest digits that round-trip, exponents with two digits.
  package static func text(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    var text = "\(value)"
    guard let e = text.firstIndex(of: "e") else { return text }
    var mantissa = String(text[..<e])
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    let exponent = Int(text[text.index(after: e)...]) ?? 0
    let digits = String(abs(exponent))
    text = "\(mantissa)e\(exponent < 0 ? "-" : "+")\(digits.count < 2 ? "0" : "")\(digits)"
    return text
  }

  private static func quote(_ text: String, to output: inout String, ascii: Bool) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{08}": output += "\\b"
      case "\u{0C}": output += "\\f"
      default:
        if scalar.value < 0x20 || (ascii && scalar.value > 0x7E) {
          for unit in scalar.utf16 {
            let digits = String(unit, radix: 16)
            output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        } else {
          output.unicodeScalars.append(scalar)
        }
      }
    }
    output += "\""
  }
}
