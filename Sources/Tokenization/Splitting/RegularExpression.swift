import CPCRE2

/// A compiled pattern from a tokenizer file, matched over UTF-8 by PCRE2's just-in-time code.
///
/// Tokenizer files write Oniguruma's dialect. What differs is translated: `\s` is Unicode's
/// White_Space, `\h` a hexadecimal digit, `^` and `$` match at lines, and classes inside classes are
/// unions.
package final class RegularExpression: @unchecked Sendable {
  // @unchecked: compiled code is read-only and PCRE2 allows matching with it from any thread.
  fileprivate let code: OpaquePointer

  /// Compiles a pattern of at most 64 kB.
  package init(_ pattern: String, at place: String) throws {
    guard pattern.utf8.count <= 65_536 else {
      throw TokenizationError("\(place): a pattern of more than 65,536 bytes")
    }
    let translated = Array(try Self.translate(pattern, at: place).utf8)
    var error: Int32 = 0
    var offset = 0
    // Bytes that are no UTF-8 match nothing, rather than being undefined behaviour.
    let options =
      UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_MULTILINE)
      | UInt32(PCRE2_MATCH_INVALID_UTF)
    let compiled = translated.withUnsafeBufferPointer {
      pcre2_compile_8($0.baseAddress, $0.count, options, &error, &offset, nil)
    }
    guard let compiled else {
      var message = [UInt8](repeating: 0, count: 200)
      pcre2_get_error_message_8(error, &message, message.count)
      let text = String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
      throw TokenizationError("\(place): \(pattern.debugDescription): \(text) at byte \(offset)")
    }
    code = compiled
    // Without just-in-time code (an unusual build) matching still works, only slower.
    pcre2_jit_compile_8(compiled, UInt32(PCRE2_JIT_COMPLETE))
  }

  deinit { pcre2_code_free_8(code) }

  /// Calls `body` with each match in order; empty matches are passed over.
  package func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    makeMatcher()?.forEachMatch(in: text, body)
  }

  /// Working memory for many searches by one caller at a time; `nil` when memory is short.
  func makeMatcher() -> Matcher? { Matcher(self) }

  /// A search with its working memory.
  final class Matcher {
    private let expression: RegularExpression
    private let data: OpaquePointer
    private let context: OpaquePointer
    private let stack: OpaquePointer

    fileprivate init?(_ expression: RegularExpression) {
      guard let data = pcre2_match_data_create_8(1, nil) else { return nil }
      guard let context = pcre2_match_context_create_8(nil) else {
        pcre2_match_data_free_8(data)
        return nil
      }
      guard let stack = pcre2_jit_stack_create_8(32 * 1024, 1024 * 1024, nil) else {
        pcre2_match_data_free_8(data)
        pcre2_match_context_free_8(context)
        return nil
      }
      self.expression = expression
      self.data = data
      self.context = context
      self.stack = stack
      pcre2_set_match_limit_8(context, 1_000_000)
      pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
    }

    deinit {
      pcre2_match_data_free_8(data)
      pcre2_match_context_free_8(context)
      pcre2_jit_stack_free_8(stack)
    }

    /// Calls `body` with each match in order; empty matches are passed over.
    ///
    /// A match that would take more than PCRE2's limits (a hostile pattern) ends the search.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
      guard let vector = pcre2_get_ovector_pointer_8(data) else { return }
      var position = 0
      let options = UInt32(PCRE2_NOTEMPTY)
      while position < text.count {
        let result = pcre2_match_8(
          expression.code, text.baseAddress, text.count, position, options, data, context)
        guard result >= 0 else { return }
        let range = vector[0]..<vector[1]
        body(range)
        position = range.upperBound
      }
    }
  }

  private static let space =
    #"\x09-\x0d\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"#

  private static func translate(_ pattern: String, at place: String) throws -> String {
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
          throw TokenizationError("\(place): the pattern ends in a backslash")
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
        if depth > 20 { throw TokenizationError("\(place): character classes nested too deep") }
      case "^" where depth > 1:
        throw TokenizationError("\(place): a negated class inside a class is not supported")
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
