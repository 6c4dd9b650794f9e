#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension JSONValue {
  /// Reads one JSON document, refusing anything else with the line and column of the fault.
  ///
  /// Memory stays proportional to the text, nesting is bounded at 200 levels, and strings must be
  /// valid UTF-8 with paired surrogates.
  public init(parsing text: [UInt8]) throws {
    self = try text.withUnsafeBytes { bytes in
      do throws(JSONParser.Failure) {
        return try JSONParser.parse(bytes)
      } catch {
        let (line, column) = error.position(in: bytes)
        throw JSONSyntaxError(line: line, column: column, problem: error.problem)
      }
    }
  }

  /// Reads one JSON document from a string.
  public init(parsing text: String) throws {
    try self.init(parsing: Array(text.utf8))
  }
}

/// A strict JSON parser over bytes in memory (RFC 8259).
///
/// It differs from Foundation's in four ways that tokenizers and data files need: members keep their
/// order and names their bytes, it says at which byte the text goes wrong, it refuses bytes that
/// aren't UTF-8 instead of repairing them, and it keeps whole numbers apart from fractions. Nesting
/// deeper than 200 is refused, so that a hostile file can't exhaust the stack.
package struct JSONParser {
  /// An error and its byte.
  package struct Failure: Error {
    package var offset: Int
    package var problem: String

    package init(offset: Int, problem: String) {
      self.offset = offset
      self.problem = problem
    }

    /// The place in the text that was parsed, both counted from 1, the column in bytes.
    package func position(in bytes: UnsafeRawBufferPointer) -> (line: Int, column: Int) {
      let before = bytes[..<min(offset, bytes.count)]
      let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      return (before.count { $0 == 0x0A } + 1, offset - lineStart + 1)
    }
  }

  private static let deepest = 200

  private let bytes: UnsafeRawBufferPointer
  package private(set) var offset: Int
  private var scratch: [UInt8] = []

  package init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  /// Parses one value that must fill the whole buffer, white space aside.
  package static func parse(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> JSONValue {
    var parser = JSONParser(bytes, at: start(of: bytes))
    let value = try parser.value()
    parser.skipSpace()
    guard parser.offset == bytes.count else {
      throw Failure(offset: parser.offset, problem: "something follows the JSON value")
    }
    return value
  }

  /// Where a text begins: behind a byte-order mark, which is common in files saved on Windows.
  static func start(of bytes: UnsafeRawBufferPointer) -> Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  /// Parses one value, leaving ``offset`` just after it.
  package mutating func value(depth: Int = 0) throws(Failure) -> JSONValue {
    skipSpace()
    guard offset < bytes.count else { throw failure("the JSON ends too early") }
    switch bytes[offset] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "N"), UInt8(ascii: "I"):
      throw failure("NaN and Infinity are not JSON; write null or leave the field out")
    default: throw failure("no JSON value starts with this character")
    }
  }

  /// The next byte that is not white space, left unread.
  package mutating func peek() -> UInt8? {
    skipSpace()
    return offset < bytes.count ? bytes[offset] : nil
  }

  /// Steps over one byte.
  package mutating func advance() { offset += 1 }

  /// Steps over white space.
  package mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  /// A failure at the byte that is next; a comment there is called one.
  package func failure(_ problem: String) -> Failure {
    let next = offset < bytes.count ? bytes[offset] : 0
    let isComment = next == UInt8(ascii: "/") || next == UInt8(ascii: "#")
    return Failure(
      offset: offset, problem: isComment ? "JSON has no comments; take them out, or write YAML, which has" : problem)
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(Failure) -> JSONValue {
    let count = text.utf8CodeUnitCount
    guard let base = bytes.baseAddress, offset + count <= bytes.count,
      memcmp(base + offset, text.utf8Start, count) == 0
    else { throw failure("no JSON value starts with this character") }
    offset += count
    return value
  }

  private mutating func object(depth: Int) throws(Failure) -> JSONValue {
    guard depth < Self.deepest else {
      throw failure("the JSON is nested more than \(Self.deepest) levels deep")
    }
    offset += 1
    var members: [(key: String, value: JSONValue)] = []
    if peek() == UInt8(ascii: "}") {
      offset += 1
      return .object(JSONObject(members))
    }
    while true {
      guard let next = peek() else { throw failure("the JSON ends too early, inside an object") }
      guard next == UInt8(ascii: "\"") else { throw failure("a member's name must be a string") }
      let name = try string()
      guard peek() == UInt8(ascii: ":") else { throw failure("':' is missing after a name") }
      offset += 1
      members.append((name, try value(depth: depth + 1)))
      switch peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "}"):
        offset += 1
        return .object(JSONObject(members))
      case nil: throw failure("the JSON ends too early, inside an object")
      default: throw failure("',' or '}' is missing after a member")
      }
    }
  }

  private mutating func array(depth: Int) throws(Failure) -> JSONValue {
    guard depth < Self.deepest else {
      throw failure("the JSON is nested more than \(Self.deepest) levels deep")
    }
    offset += 1
    var elements: [JSONValue] = []
    if peek() == UInt8(ascii: "]") {
      offset += 1
      return .array(elements)
    }
    while true {
      elements.append(try value(depth: depth + 1))
      switch peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "]"):
        offset += 1
        return .array(elements)
      case nil: throw failure("the JSON ends too early, inside an array")
      default: throw failure("',' or ']' is missing after an element")
      }
    }
  }

  private mutating func number() throws(Failure) -> JSONValue {
    let start = offset
    func digits() -> Int {
      let first = offset
      while offset < bytes.count, bytes[offset] &- 48 < 10 { offset += 1 }
      return offset - first
    }
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let wholeStart = offset
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[wholeStart] != UInt8(ascii: "0") else {
      throw Failure(offset: start, problem: "the number is malformed")
    }
    var isInteger = true
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      guard digits() > 0 else { throw failure("a digit is missing after the decimal point") }
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      offset += 1
      if offset < bytes.count, bytes[offset] == 0x2B || bytes[offset] == 0x2D { offset += 1 }
      guard digits() > 0 else { throw failure("a digit is missing in the exponent") }
    }
    guard offset - start <= 400 else {
      throw Failure(offset: start, problem: "a number of more than 400 characters")
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger, let value = Int(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else {
      throw Failure(offset: start, problem: "the number is too large")
    }
    return .double(value)
  }

  private mutating func string() throws(Failure) -> String {
    let open = offset
    offset += 1
    var runStart = offset
    scratch.removeAll(keepingCapacity: true)
    var escaped = false
    while true {
      offset = endOfPlainRun(from: offset)
      guard offset < bytes.count else {
        throw Failure(offset: open, problem: "a string is not closed")
      }
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        defer { offset += 1 }
        if !escaped { return try text(bytes[runStart..<offset], openedAt: open) }
        scratch.append(contentsOf: bytes[runStart..<offset])
        return try text(scratch, openedAt: open)
      case UInt8(ascii: "\\"):
        escaped = true
        scratch.append(contentsOf: bytes[runStart..<offset])
        try escape()
        runStart = offset
      default:
        throw failure("a string holds a raw control character; write it as \\n, \\t or \\u00XX")
      }
    }
  }

  /// The first byte from there on that is a quote, a backslash or a control character.
  private func endOfPlainRun(from start: Int) -> Int {
    guard let base = bytes.baseAddress else { return start }
    var index = start
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    // Eight bytes at a time: a byte's high bit is set in `hit` where it is one of the three. A
    // false alarm costs only a look byte by byte, so the borrow of the subtraction may stay.
    while index + 8 <= bytes.count {
      let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let hit =
        ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
        | ((word &- ones &* 0x20) & ~word)
      if hit & highs != 0 { break }
      index += 8
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
      index += 1
    }
    return index
  }

  private func text(
    _ run: some Collection<UInt8>, openedAt open: Int
  ) throws(Failure) -> String {
    guard let text = String(validating: run, as: UTF8.self) else {
      throw Failure(offset: open, problem: "a string is not valid UTF-8; convert the file to UTF-8")
    }
    return text
  }

  private mutating func escape() throws(Failure) {
    guard offset + 1 < bytes.count else { throw failure("the JSON ends inside an escape") }
    let kind = bytes[offset + 1]
    offset += 2
    switch kind {
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(kind)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "u"): try unicodeEscape()
    default:
      throw Failure(offset: offset - 2, problem: "no escape starts with this character")
    }
  }

  private mutating func unicodeEscape() throws(Failure) {
    let start = offset - 2
    var code = UInt32(try hexadecimal())
    if code & 0xFC00 == 0xD800, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
      bytes[offset + 1] == UInt8(ascii: "u")
    {
      let mark = offset
      offset += 2
      let low = UInt32(try hexadecimal())
      if low & 0xFC00 == 0xDC00 {
        code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF)
      } else {
        offset = mark
      }
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw Failure(offset: start, problem: "half of a surrogate pair stands alone")
    }
    scratch.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func hexadecimal() throws(Failure) -> UInt16 {
    guard offset + 4 <= bytes.count else { throw failure("the JSON ends inside an escape") }
    var value: UInt16 = 0
    for _ in 0..<4 {
      let byte = bytes[offset]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw failure("\\u needs four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
      offset += 1
    }
    return value
  }
}
