import Foundation

/// Python's two ways to write values into a text: `"{:>5}".format(…)` and `"%5s" % …`.
///
/// Left out: nested fields in a specification, and `%` of mappings other than by name.
enum TemplateFormat {
  /// `str.format`.
  static func braces(
    _ text: String, _ values: [TemplateValue], _ named: [String: TemplateValue], _ machine: TemplateInterpreter
  ) throws -> String {
    var result = ""
    var next = 0
    let scalars = Array(text.unicodeScalars)
    var i = 0
    while i < scalars.count {
      let scalar = scalars[i]
      i += 1
      guard scalar == "{" || scalar == "}" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      if i < scalars.count, scalars[i] == scalar {
        result.unicodeScalars.append(scalar)
        i += 1
        continue
      }
      guard scalar == "{", let end = scalars[i...].firstIndex(of: "}") else {
        throw machine.fault("format: a single '\(scalar)' in the text")
      }
      result += try field(TemplateText.string(scalars[i..<end]), values, named, &next, machine)
      _ = try machine.bounded(result)
      i = end + 1
    }
    return result
  }

  /// One field: what it names, a conversion, a specification.
  private static func field(
    _ field: String, _ values: [TemplateValue], _ named: [String: TemplateValue], _ next: inout Int,
    _ machine: TemplateInterpreter
  ) throws -> String {
    let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: "!", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(path[0].prefix { $0 != "." && $0 != "[" })
    var value: TemplateValue
    if let index = name.isEmpty ? next : Int(name) {
      if name.isEmpty { next += 1 }
      guard values.indices.contains(index) else { throw machine.fault("format lacks a value for {\(field)}") }
      value = values[index]
    } else {
      guard let found = named[name] else { throw machine.fault("format lacks a value for {\(field)}") }
      value = found
    }
    var rest = path[0].dropFirst(name.count)
    while let mark = rest.first {
      rest = rest.dropFirst()
      let key = String(rest.prefix { mark == "[" ? $0 != "]" : $0 != "." && $0 != "[" })
      rest = rest.dropFirst(key.count + (mark == "[" ? 1 : 0))
      let index: TemplateValue = mark == "[" ? Int(key).map { .int($0) } ?? .string(key) : .string(key)
      value = mark == "[" ? try machine.item(index, of: value) : try machine.attribute(key, of: value)
    }
    if path.count > 1 {
      switch path[1] {
      case "r": value = .string(value.representation)
      case "s": value = .string(value.text)
      default: throw machine.fault("format knows the conversions !r and !s, not !\(path[1])")
      }
    }
    return try written(value, parts.count > 1 ? String(parts[1]) : "", machine)
  }

  /// A value by a specification: `[[fill]align][sign][0][width][,][.precision][type]`.
  private static func written(
    _ value: TemplateValue, _ specification: String, _ machine: TemplateInterpreter
  ) throws -> String {
    var rest = specification[...]
    var (fill, align) = (" ", "")
    if let second = rest.dropFirst().first, "<>^=".contains(second) {
      (fill, align) = (String(rest.removeFirst()), String(rest.removeFirst()))
    } else if let first = rest.first, "<>^=".contains(first) {
      align = String(rest.removeFirst())
    }
    let sign = rest.first.map { "+- ".contains($0) } == true ? rest.removeFirst() : "-"
    let isAlternate = rest.first == "#"
    if isAlternate { rest.removeFirst() }
    if rest.first == "0", align.isEmpty {
      rest.removeFirst()
      (fill, align) = ("0", value.number == nil ? "<" : "=")
    }
    func digits() -> Int? {
      let text = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(text.count)
      return Int(text)
    }
    let width = digits() ?? 0
    let grouping = rest.first.map { ",_".contains($0) } == true ? String(rest.removeFirst()) : ""
    var precision: Int?
    if rest.first == "." {
      rest.removeFirst()
      guard let given = digits(), given <= 100 else {
        throw machine.fault("format: a wrong precision in '\(specification)'")
      }
      precision = given
    }
    let type = String(rest)
    let text = try plain(value, type, precision, grouping, isAlternate, machine)
    guard value.number != nil, type != "s", !(type.isEmpty && isText(value)) else {
      return try padded(text, to: width, align.isEmpty || align == "=" ? "<" : align, fill, machine)
    }
    let signed = text.hasPrefix("-") || sign == "-" ? text : String(sign) + text
    return try padded(signed, to: width, align.isEmpty ? ">" : align, fill, machine)
  }

  private static func isText(_ value: TemplateValue) -> Bool {
    if case .bool = value { true } else { false }
  }

  private static func plain(
    _ value: TemplateValue, _ type: String, _ precision: Int?, _ grouping: String, _ isAlternate: Bool,
    _ machine: TemplateInterpreter
  ) throws -> String {
    switch type {
    case "", "s":
      if type.isEmpty, !isText(value), let number = value.number {
        if let precision { return general(number, precision) }
        return grouped(value.text, by: grouping)
      }
      return precision.map { TemplateText.string(value.text.unicodeScalars.prefix($0)) } ?? value.text
    case "d", "n", "x", "X", "o", "b", "c":
      guard let whole = value.integer else {
        throw machine.fault("format '\(type)' needs a whole number, not \(value.kind)")
      }
      if type == "c" { return UInt32(exactly: whole).flatMap(Unicode.Scalar.init).map { String($0) } ?? "" }
      let base = ["x": 16, "X": 16, "o": 8, "b": 2][type] ?? 10
      let digits = String(whole.magnitude, radix: base, uppercase: type == "X")
      let prefix = isAlternate && base != 10 ? "0" + type : ""
      return (whole < 0 ? "-" : "") + prefix + grouped(digits, by: grouping)
    case "f", "F", "e", "E", "g", "G", "%":
      guard let number = value.number else { throw machine.fault("format '\(type)' needs a number, not \(value.kind)") }
      switch type {
      case "%": return fixed(number * 100, precision ?? 6) + "%"
      case "f", "F": return grouped(fixed(number, precision ?? 6), by: grouping)
      case "e", "E": return String(format: "%.\(precision ?? 6)\(type)", number)
      default: return general(number, precision ?? 6, type)
      }
    default: throw machine.fault("format knows no type '\(type)'")
    }
  }

  /// So many digits after the point.
  static func fixed(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

  private static func general(_ number: Double, _ precision: Int, _ type: String = "g") -> String {
    String(format: "%.\(max(1, precision))\(type)", number)
  }

  /// A mark between each three digits before the point.
  private static func grouped(_ text: String, by mark: String) -> String {
    guard !mark.isEmpty else { return text }
    let isNegative = text.hasPrefix("-")
    let number = isNegative ? text.dropFirst() : text[...]
    let whole = number.prefix { $0 != "." && $0 != "e" }
    var result = ""
    for (i, digit) in whole.enumerated() {
      if i > 0, (whole.count - i) % 3 == 0 { result += mark }
      result.append(digit)
    }
    return (isNegative ? "-" : "") + result + number.dropFirst(whole.count)
  }

  /// A text filled up to a width: `<`, `>`, `^`, or `=` between sign and digits.
  static func padded(
    _ text: String, to width: Int, _ align: String, _ fill: String, _ machine: TemplateInterpreter
  ) throws -> String {
    let missing = width - text.unicodeScalars.count
    guard missing > 0 else { return text }
    guard missing <= TemplateInterpreter.mostBytes / 4, fill.unicodeScalars.count == 1 else {
      throw machine.fault("a text of \(width) characters, or a fill of more than one")
    }
    func filled(_ count: Int) -> String { String(repeating: fill, count: count) }
    switch align {
    case ">": return try machine.bounded(filled(missing) + text)
    case "^": return try machine.bounded(filled(missing / 2) + text + filled(missing - missing / 2))
    case "=":
      let sign = text.first.map { "+-".contains($0) } == true ? 1 : 0
      return try machine.bounded(text.prefix(sign) + filled(missing) + text.dropFirst(sign))
    default: return try machine.bounded(text + filled(missing))
    }
  }

  /// `str.center`, which puts an odd space to the left where the width is odd.
  static func centred(
    _ text: String, to width: Int, _ fill: String, _ machine: TemplateInterpreter
  ) throws -> String {
    let missing = width - text.unicodeScalars.count
    guard missing > 0 else { return text }
    let left = missing / 2 + (missing & width & 1)
    let begun = try padded(text, to: width - missing + left, ">", fill, machine)
    return try padded(begun, to: width, "<", fill, machine)
  }

  /// `%` with its flags, width, precision and kinds.
  static func percent(
    _ text: String, _ values: [TemplateValue], _ named: [String: TemplateValue], _ machine: TemplateInterpreter
  ) throws -> String {
    var rest = values[...]
    var result = ""
    let scalars = Array(text.unicodeScalars)
    var i = 0
    while i < scalars.count {
      let scalar = scalars[i]
      i += 1
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      var value: TemplateValue?
      if i < scalars.count, scalars[i] == "(", let end = scalars[i...].firstIndex(of: ")") {
        let name = TemplateText.string(scalars[i + 1..<end])
        guard let found = named[name] else { throw machine.fault("format lacks a value for '\(name)'") }
        (value, i) = (found, end + 1)
        rest = []
      }
      var flags: Set<Unicode.Scalar> = []
      while i < scalars.count, "-+ 0#".unicodeScalars.contains(scalars[i]) {
        flags.insert(scalars[i])
        i += 1
      }
      func digits() -> Int? {
        var text = ""
        while i < scalars.count, (0x30...0x39).contains(scalars[i].value) {
          text.unicodeScalars.append(scalars[i])
          i += 1
        }
        return Int(text)
      }
      let width = digits() ?? 0
      var precision: Int?
      if i < scalars.count, scalars[i] == "." {
        i += 1
        precision = min(digits() ?? 0, 100)
      }
      guard i < scalars.count else { throw machine.fault("format ends in the middle of a %") }
      var type = String(scalars[i])
      i += 1
      if type == "%" {
        result += "%"
        continue
      }
      guard let own = value ?? rest.popFirst() else { throw machine.fault("format lacks a value") }
      if type == "i" || type == "u" { type = "d" }
      let written: String
      switch type {
      case "r": written = own.representation
      case "s": written = own.text
      case "c": if case .string(let text) = own { written = text } else { fallthrough }
      case "d":
        // Python cuts a fraction off.
        let whole =
          own.integer.map { TemplateValue.int($0) }
          ?? own.number.flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .int($0) }
        written = try plain(whole ?? own, type, nil, "", false, machine)
      default: written = try plain(own, type, precision, "", flags.contains("#"), machine)
      }
      let isNumber = !["r", "s", "c"].contains(type)
      var shown =
        !isNumber && precision != nil ? TemplateText.string(written.unicodeScalars.prefix(precision ?? 0)) : written
      if isNumber, !shown.hasPrefix("-"), flags.contains("+") || flags.contains(" ") {
        shown = (flags.contains("+") ? "+" : " ") + shown
      }
      let align = flags.contains("-") ? "<" : isNumber && flags.contains("0") ? "=" : ">"
      result += try padded(shown, to: width, align, align == "=" ? "0" : " ", machine)
      _ = try machine.bounded(result)
    }
    return result
  }
}
