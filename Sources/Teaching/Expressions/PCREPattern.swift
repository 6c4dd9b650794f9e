internal import CPCRE2
public import Documents

/// A regular expression as PCRE2 reads it, to check that what is printed means what was learned.
public final class PCREPattern {
  private let code: OpaquePointer

  /// Compiles an expression as written, for whole-string matches, or says why PCRE2 refuses it.
  public init(_ text: String) throws(PCREError) {
    var number: CInt = 0
    var offset = 0
    let options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    _ = pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, UInt32(options), &number, &offset, context)
    else {
      var message = [UInt8](repeating: 0, count: 256)
      let length = pcre2_get_error_message_8(number, &message, message.count)
      let reason = length > 0 ? String(decoding: message.prefix(Int(length)), as: UTF8.self) : ""
      throw PCREError(description: "PCRE2 refuses \"\(text)\" at byte \(offset): \(reason)")
    }
    self.code = code
  }

  deinit { pcre2_code_free_8(code) }

  /// Whether the whole string matches; PCRE2's own limits on backtracking end in an error.
  public func matches(_ string: String) throws(PCREError) -> Bool {
    let data = pcre2_match_data_create_from_pattern_8(code, nil)
    defer { pcre2_match_data_free_8(data) }
    let bytes = Array(string.utf8)
    let result = pcre2_match_8(code, bytes, bytes.count, 0, 0, data, nil)
    if result >= 0 { return true }
    if result == PCRE2_ERROR_NOMATCH { return false }
    throw PCREError(description: "PCRE2 gave up on a string of \(bytes.count) bytes (\(result))")
  }
}

/// What PCRE2 said.
public struct PCREError: UserFacingError {
  /// PCRE2's message and the place.
  public let description: String
}
