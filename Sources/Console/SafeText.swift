/// Text from a model, a file or a stranger as a terminal may show it: control characters become pictures of themselves.
///
/// A terminal takes escape sequences for orders: they retitle windows, write to the clipboard, hide what was said. So nothing but
/// line ends and tabs gets through. Escape is shown as `␛`, other controls of ASCII by their pictures (U+2400 and on), and those
/// of Latin-1 (U+0080 to U+009F, which some terminals obey as well) as `�`. A line end of Windows is one line end.
///
/// ```swift
/// var safe = SafeText()
/// for piece in ["a *li", "ght* touch"] { Terminal.write(safe.take(piece)) }
/// Terminal.write(safe.finish())
/// ```
public struct SafeText: Sendable {
  /// Whether the last character was a carriage return, which the next one decides about.
  private var isAfterReturn = false

  /// A text that begins.
  public init() {}

  /// A whole text.
  public static func of(_ text: String) -> String {
    var safe = SafeText()
    return safe.take(text) + safe.finish()
  }

  /// Takes more of the text, and gives what can be shown of it.
  public mutating func take(_ piece: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in piece.unicodeScalars {
      if isAfterReturn, scalar != "\n" { shown.append("\u{240D}") }
      isAfterReturn = scalar == "\r"
      if !isAfterReturn { shown.append(Self.visible(scalar)) }
    }
    return String(shown)
  }

  /// What is left when nothing follows.
  public mutating func finish() -> String {
    defer { isAfterReturn = false }
    return isAfterReturn ? "\u{240D}" : ""
  }

  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x09, 0x0A: scalar
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    case 0x80...0x9F: "\u{FFFD}"
    default: scalar
    }
  }
}
