/// Python's string operations, by code point.
enum TemplateText {
  typealias Scalars = [Unicode.Scalar]

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    // Python counts the four information separators as white space.
    scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
  }

  /// `str.strip`: white space, or any of the given characters.
  static func strip(
    _ text: String, _ characters: String?, left: Bool = true, right: Bool = true
  ) -> String {
    let set = characters.map { Set($0.unicodeScalars) }
    func drops(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? isSpace(scalar) }
    var view = text.unicodeScalars[...]
    if left { view = view.drop(while: drops) }
    if right {
      while let last = view.last, drops(last) { view.removeLast() }
    }
    return String(String.UnicodeScalarView(view))
  }

  /// The places of `needle`, without overlap, at most `limit` of them.
  static func find(_ needle: Scalars, in text: Scalars, limit: Int = .max) -> [Int] {
    guard let first = needle.first else { return [] }
    var result: [Int] = []
    var index = 0
    while index + needle.count <= text.count, result.count < limit {
      if text[index] == first, text[index..<index + needle.count].elementsEqual(needle) {
        result.append(index)
        index += needle.count
      } else {
        index += 1
      }
    }
    return result
  }

  /// `str.replace`.
  static func replace(_ text: String, _ old: String, _ new: String, limit: Int = .max) -> String {
    let scalars = Array(text.unicodeScalars)
    let needle = Array(old.unicodeScalars)
    let added = Array(new.unicodeScalars)
    var result: Scalars = []
    if needle.isEmpty {
      for (index, scalar) in scalars.enumerated() {
        if index < limit { result += added }
        result.append(scalar)
      }
      if scalars.count < limit { result += added }
      return string(result)
    }
    var done = 0
    for place in find(needle, in: scalars, limit: limit) {
      result += scalars[done..<place]
      result += added
      done = place + needle.count
    }
    result += scalars[done...]
    return string(result)
  }

  /// `str.split` at white space or at a separator.
  static func split(_ text: String, _ separator: String?, limit: Int) -> [String] {
    let scalars = Array(text.unicodeScalars)
    var parts: [String] = []
    guard let separator else {
      var index = 0
      while true {
        while index < scalars.count, isSpace(scalars[index]) { index += 1 }
        if index == scalars.count { return parts }
        if parts.count == limit {
          parts.append(string(scalars[index...]))
          return parts
        }
        let start = index
        while index < scalars.count, !isSpace(scalars[index]) { index += 1 }
        parts.append(string(scalars[start..<index]))
      }
    }
    let needle = Array(separator.unicodeScalars)
    var done = 0
    for place in find(needle, in: scalars, limit: limit) {
      parts.append(string(scalars[done..<place]))
      done = place + needle.count
    }
    parts.append(string(scalars[done...]))
    return parts
  }

  /// `str.splitlines`.
  static func lines(_ text: String) -> [String] {
    let breaks: Set<Unicode.Scalar> = [
      "\n", "\r", "\u{0B}", "\u{0C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}",
      "\u{2029}",
    ]
    let scalars = Array(text.unicodeScalars)
    var result: [String] = []
    var start = 0
    var index = 0
    while index < scalars.count {
      if breaks.contains(scalars[index]) {
        result.append(string(scalars[start..<index]))
        if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" {
          index += 1
        }
        start = index + 1
      }
      index += 1
    }
    if start < scalars.count { result.append(string(scalars[start...])) }
    return result
  }

  /// `str.capitalize`.
  static func capitalized(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return text }
    let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
    return first.properties.titlecaseMapping + rest.lowercased()
  }

  /// `str.title`: letters after anything but a letter are capitals.
  static func titled(_ text: String) -> String {
    var result = ""
    var inWord = false
    for scalar in text.unicodeScalars {
      let isCased = scalar.properties.isCased
      if isCased {
        result += inWord ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
      } else {
        result.unicodeScalars.append(scalar)
      }
      inWord = isCased
    }
    return result
  }

  /// Jinja's `title` filter: words begin at the start and after spaces, hyphens and open brackets.
  static func filterTitled(_ text: String) -> String {
    var result = ""
    var atStart = true
    for scalar in text.unicodeScalars {
      if isSpace(scalar) || "-({[<".unicodeScalars.contains(scalar) {
        result.unicodeScalars.append(scalar)
        atStart = true
      } else {
        let properties = scalar.properties
        result += atStart ? properties.uppercaseMapping : properties.lowercaseMapping
        atStart = false
      }
    }
    return result
  }
}
