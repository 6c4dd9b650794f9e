/// The form in which MATH's published grading compares answers written in LaTeX (`math_equivalence.py`; Hendrycks 2021).
///
/// Spacing, `\left` and `\right`, degrees, percent and dollar signs and units are dropped, fractions and roots are written with
/// braces, `a/b` of whole numbers becomes a fraction, and what is left is compared letter by letter.
enum MathAnswer {
  static func normalized(_ answer: String) -> String {
    var text = answer.replacing("\n", with: "")
    for (found, put) in [
      ("\\!", ""), ("\\\\", "\\"), ("tfrac", "frac"), ("dfrac", "frac"), ("\\left", ""), ("\\right", ""),
      ("^{\\circ}", ""), ("^\\circ", ""), ("\\$", ""),
    ] {
      text = text.replacing(found, with: put)
    }
    let units = text.components(at: "\\text{ ")
    // More than one such part is left as it was written; the published code gives up there and compares it plainly.
    guard units.count <= 2 else { return answer }
    text = units[0]
    for (found, put) in [("\\%", ""), (" .", " 0."), ("{.", "{0.")] { text = text.replacing(found, with: put) }
    guard !text.isEmpty else { return text }
    if text.hasPrefix(".") { text = "0" + text }
    let sides = text.components(at: "=")
    if sides.count == 2, sides[0].unicodeScalars.count <= 2 { text = sides[1] }
    guard let rooted = withBraces(text, behind: "\\sqrt") else { return answer }
    text = rooted.replacing(" ", with: "")
    guard let divided = withFractions(text) else { return answer }
    text = divided == "0.5" ? "\\frac{1}{2}" : divided
    return withSlash(text)
  }

  /// `\sqrt3` as `\sqrt{3}`; nil where nothing stands behind it.
  private static func withBraces(_ text: String, behind name: String) -> String? {
    let parts = text.components(at: name)
    var made = parts[0]
    for part in parts.dropFirst() {
      guard let first = part.first else { return nil }
      made += name + (first == "{" ? part : "{\(first)}" + part.dropFirst())
    }
    return made
  }

  /// `\frac12` as `\frac{1}{2}`; nil where nothing stands behind it.
  private static func withFractions(_ text: String) -> String? {
    let parts = text.components(at: "\\frac")
    var made = parts[0]
    for part in parts.dropFirst() {
      guard let first = part.first else { return nil }
      made += "\\frac"
      if first == "{" {
        made += part
        continue
      }
      guard part.count >= 2 else { return text }
      let second = part[part.index(after: part.startIndex)]
      let rest = part.dropFirst(2)
      made += second == "{" ? "{\(first)}{" + rest : "{\(first)}{\(second)}" + rest
    }
    return made
  }

  /// `3/4` as a fraction, where both are whole numbers in their usual spelling.
  private static func withSlash(_ text: String) -> String {
    let sides = text.components(at: "/")
    guard sides.count == 2, let above = Int(sides[0]), let below = Int(sides[1]), text == "\(above)/\(below)" else {
      return text
    }
    return "\\frac{\(above)}{\(below)}"
  }
}

extension String {
  /// The pieces between the occurrences of a text.
  fileprivate func components(at mark: String) -> [String] {
    var (pieces, start) = ([String](), startIndex)
    while let found = self[start...].firstRange(of: mark) {
      pieces.append(String(self[start..<found.lowerBound]))
      start = found.upperBound
    }
    return pieces + [String(self[start...])]
  }
}
