/// Oniguruma's dialect, which tokenizer files write, in PCRE2's.
///
/// What differs is translated: `\s` is Unicode's White_Space, `\h` a hexadecimal digit, and classes inside classes are
/// unions.
enum OnigurumaSyntax {
  private static let space =
    #"\x09-\x0d\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"#

  static func translated(_ pattern: String) throws(PCREError) -> String {
    var result = String.UnicodeScalarView()
    var depth = 0
    var scalars = pattern.unicodeScalars.makeIterator()
    var atClassStart = false
    while let scalar = scalars.next() {
      let wasStart = atClassStart
      atClassStart = false
      switch scalar {
      case "\\":
        guard let escaped = scalars.next() else {
          throw PCREError(description: "the pattern ends in a backslash")
        }
        switch escaped {
        case "s": result.append(contentsOf: (depth > 0 ? space : "[\(space)]").unicodeScalars)
        case "S" where depth == 0: result.append(contentsOf: "[^\(space)]".unicodeScalars)
        case "h":
          result.append(contentsOf: (depth > 0 ? "0-9a-fA-F" : "[0-9a-fA-F]").unicodeScalars)
        default:
          result.append("\\")
          result.append(escaped)
        }
      case "[" where depth == 0:
        depth = 1
        atClassStart = true
        result.append(scalar)
      case "[" where depth > 0:
        // A class inside a class is a union; its brackets go.
        depth += 1
        if depth > 20 { throw PCREError(description: "character classes nested too deep") }
      case "^" where depth > 1:
        throw PCREError(description: "a negated class inside a class is not supported")
      case "^" where depth == 1 && wasStart:
        atClassStart = true
        result.append(scalar)
      case "]" where depth == 1 && wasStart:
        result.append(contentsOf: "\\]".unicodeScalars)
      case "]" where depth > 0:
        depth -= 1
        if depth == 0 { result.append(scalar) }
      default:
        result.append(scalar)
      }
    }
    return String(result)
  }
}

extension PCREPattern {
  /// Compiles a pattern of at most 64 kB in Oniguruma's dialect, to be searched for; `^` and `$` match at lines.
  package convenience init(oniguruma pattern: String) throws(PCREError) {
    guard pattern.utf8.count <= 65_536 else {
      throw PCREError(description: "a pattern of more than 65,536 bytes")
    }
    try self.init(try OnigurumaSyntax.translated(pattern), options: [.unicodeClasses, .lines, .anyBytes])
  }
}
