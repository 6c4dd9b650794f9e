internal import CPCRE2
public import Documents

/// A pattern that PCRE2 compiled: the one place where this package hands expressions to another engine.
///
/// It is for patterns that are more than a ``RegularExpression`` can say (look-ahead in tokenizer files, groups that
/// capture), and for checking that what is printed means what was learned.
public final class PCREPattern: @unchecked Sendable {
  // @unchecked: compiled code is read-only and PCRE2 allows matching with it from any thread.
  private let code: OpaquePointer

  /// Options for reading and matching a pattern.
  public struct Options: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int

    /// Makes options from their bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The whole text must match.
    public static let wholeText = Options(rawValue: 1)
    /// `\d`, `\w` and `\s` hold characters beyond ASCII, and so do cases.
    public static let unicodeClasses = Options(rawValue: 2)
    /// `^` and `$` match at lines.
    public static let lines = Options(rawValue: 4)
    /// Text may hold bytes that are no UTF-8; they match nothing, rather than being undefined behaviour.
    public static let anyBytes = Options(rawValue: 8)
  }

  /// Compiles a pattern, by default for whole texts, or says why PCRE2 refuses it.
  public init(_ text: String, options: Options = .wholeText) throws(PCREError) {
    var bits = UInt32(PCRE2_UTF)
    if options.contains(.wholeText) {
      bits |= UInt32(PCRE2_ANCHORED) | UInt32(PCRE2_ENDANCHORED) | UInt32(PCRE2_DOLLAR_ENDONLY)
    }
    if options.contains(.unicodeClasses) { bits |= UInt32(PCRE2_UCP) }
    if options.contains(.lines) { bits |= UInt32(PCRE2_MULTILINE) }
    if options.contains(.anyBytes) { bits |= UInt32(PCRE2_MATCH_INVALID_UTF) }
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    _ = pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    var number: CInt = 0
    var offset = 0
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, bits, &number, &offset, context) else {
      var message = [UInt8](repeating: 0, count: 256)
      let length = pcre2_get_error_message_8(number, &message, message.count)
      let reason = length > 0 ? String(decoding: message.prefix(Int(length)), as: UTF8.self) : ""
      throw PCREError(description: "PCRE2 refuses \"\(text)\" at byte \(offset): \(reason)")
    }
    self.code = code
    // What is searched for in much text is worth machine code; where there is none (an unusual build) matching still
    // works, only slower.
    if !options.contains(.wholeText) { pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE)) }
  }

  deinit { pcre2_code_free_8(code) }

  /// Whether the text matches; PCRE2's own limits on backtracking end in an error.
  public func matches(_ text: String) throws(PCREError) -> Bool { try firstMatch(in: text) != nil }

  /// The first match: the whole of it, then what each group holds; nil where there is none.
  public func firstMatch(in text: String) throws(PCREError) -> [String?]? {
    let data = pcre2_match_data_create_from_pattern_8(code, nil)
    defer { pcre2_match_data_free_8(data) }
    let bytes = Array(text.utf8)
    let result = pcre2_match_8(code, bytes, bytes.count, 0, 0, data, nil)
    if result == PCRE2_ERROR_NOMATCH { return nil }
    guard result >= 0, let places = pcre2_get_ovector_pointer_8(data) else {
      throw PCREError(description: "PCRE2 gave up on a string of \(bytes.count) bytes (\(result))")
    }
    return (0..<Int(pcre2_get_ovector_count_8(data))).map { group in
      let (start, end) = (places[2 * group], places[2 * group + 1])
      // A group that took no part has −1 for both.
      return start >= 0 && start <= end ? String(decoding: bytes[start..<end], as: UTF8.self) : nil
    }
  }

  /// Every match in order, as ranges of UTF-8 bytes: the whole of it, then each group, nil for one that took no part.
  ///
  /// Empty matches count, also one that touches the end of the match before it, as in Python's `re`.
  public func allMatches(in text: String) throws(PCREError) -> [[Range<Int>?]] {
    let data = pcre2_match_data_create_from_pattern_8(code, nil)
    defer { pcre2_match_data_free_8(data) }
    let bytes = Array(text.utf8)
    let groups = Int(pcre2_get_ovector_count_8(data))
    var found: [[Range<Int>?]] = []
    var position = 0
    var wasEmpty = false
    while position <= bytes.count {
      let options = wasEmpty ? UInt32(PCRE2_NOTEMPTY_ATSTART) : 0
      let result = pcre2_match_8(code, bytes, bytes.count, position, options, data, nil)
      if result == PCRE2_ERROR_NOMATCH { break }
      guard result >= 0, let places = pcre2_get_ovector_pointer_8(data) else {
        throw PCREError(description: "PCRE2 gave up on a string of \(bytes.count) bytes (\(result))")
      }
      found.append(
        (0..<groups).map { group in
          let (start, end) = (places[2 * group], places[2 * group + 1])
          return start >= 0 && start <= end ? start..<end : nil
        })
      wasEmpty = places[0] == places[1]
      position = places[1]
    }
    return found
  }

  /// Calls `body` with each match in order; empty matches are passed over.
  package func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    makeMatcher()?.forEachMatch(in: text, body)
  }

  /// Working memory for many searches by one caller at a time; `nil` when memory is short.
  package func makeMatcher() -> Matcher? { Matcher(self) }

  /// A search with its working memory.
  package final class Matcher {
    private let pattern: PCREPattern
    private let data: OpaquePointer
    private let context: OpaquePointer
    private let stack: OpaquePointer

    fileprivate init?(_ pattern: PCREPattern) {
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
      self.pattern = pattern
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
    package func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
      guard let vector = pcre2_get_ovector_pointer_8(data) else { return }
      var position = 0
      let options = UInt32(PCRE2_NOTEMPTY)
      while position < text.count {
        let result = pcre2_match_8(
          pattern.code, text.baseAddress, text.count, position, options, data, context)
        guard result >= 0 else { return }
        let range = vector[0]..<vector[1]
        body(range)
        position = range.upperBound
      }
    }
  }
}

/// An error in PCRE2's own words.
public struct PCREError: UserFacingError {
  /// PCRE2's message and the place.
  public let description: String
}
