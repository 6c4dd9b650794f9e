extension JSONValue {
  /// Reads one JSON document, refusing anything else with the line and column of the fault.
  ///
  /// Memory stays proportional to the text, nesting is bounded at 200 levels, and strings must be
  /// valid UTF-8 with paired surrogates.
  public init(parsing text: [UInt8]) throws {
    self = try text.withUnsafeBufferPointer { bytes in
      var parser = JSONParser(bytes: bytes)
      return try parser.document()
    }
  }

  /// Reads one JSON document from a string.
  public init(parsing text: String) throws {
    try self.init(parsing: Array(text.utf8))
  }
}

/// A recursive-descent reader over UTF-8 bytes.
private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  var scratch: [UInt8] = []

  static let deepest = 200

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    // A byte-order mark is common in files saved on Windows.
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
  }

  mutating func document() throws -> JSONValue {
    let result = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw fault("text after the end of the JSON document") }
    return result
  }

  func fault(_ what: String) -> TokenizationError {
    var line = 1
    var column = 1
    for index in 0..<min(position, bytes.count) {
      if bytes[index] == 0x0A {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return TokenizationError("line \(line), column \(column): invalid JSON: \(what)")
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  mutating func value(depth: Int) throws -> JSONValue {
    skipSpace()
    guard position < bytes.count else { throw fault("the text ends where a value should be") }
    guard depth < Self.deepest else { throw fault("nested more than \(Self.deepest) levels deep") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  mutating func word(_ text: StaticString, _ value: JSONValue) throws -> JSONValue {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count,
      (0..<count).allSatisfy({ bytes[position + $0] == text.utf8Start[$0] })
    else { throw fault("expected \(text)") }
    position += count
    return value
  }

  mutating func object(depth: Int) throws -> JSONValue {
    position += 1
    var members: [(key: String, value: JSONValue)] = []
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
      position += 1
      return .object(JSONObject())
    }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw fault("expected a member name in quotes")
      }
      let key = try string()
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
        throw fault("expected ':' after the member name")
      }
      position += 1
      members.append((key, try value(depth: depth + 1)))
      if try ends(with: UInt8(ascii: "}")) { return .object(JSONObject(members)) }
    }
  }

  mutating func array(depth: Int) throws -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      elements.append(try value(depth: depth + 1))
      if try ends(with: UInt8(ascii: "]")) { return .array(elements) }
    }
  }

  mutating func ends(with closing: UInt8) throws -> Bool {
    skipSpace()
    guard position < bytes.count else { throw fault("the text ends inside an object or array") }
    let byte = bytes[position]
    guard byte == closing || byte == UInt8(ascii: ",") else {
      throw fault("expected ',' or '\(Character(Unicode.Scalar(closing)))'")
    }
    position += 1
    return byte == closing
  }

  mutating func string() throws -> String {
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
      bytes[position] != UInt8(ascii: "\\")
    {
      guard bytes[position] >= 0x20 else { throw fault("a control character inside a string") }
      position += 1
    }
    guard position < bytes.count else { throw fault("a string without its closing quote") }
    if bytes[position] == UInt8(ascii: "\"") {
      let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
      position += 1
      guard let string = String(validating: text, as: UTF8.self) else {
        throw fault("a string that is not valid UTF-8")
      }
      return string
    }
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: bytes[start..<position])
    while true {
      guard position < bytes.count else { throw fault("a string without its closing quote") }
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { break }
      guard byte >= 0x20 else { throw fault("a control character inside a string") }
      if byte == UInt8(ascii: "\\") { try escape() } else { scratch.append(byte) }
    }
    guard let string = String(validating: scratch, as: UTF8.self) else {
      throw fault("a string that is not valid UTF-8")
    }
    return string
  }

  mutating func escape() throws {
    guard position < bytes.count else { throw fault("a string without its closing quote") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code >= 0xD800 && code < 0xDC00 {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
          bytes[position + 1] == UInt8(ascii: "u")
        else { throw fault("a high surrogate without its low half") }
        position += 2
        let low = try hexadecimal()
        guard low >= 0xDC00 && low < 0xE000 else {
          throw fault("a high surrogate without its low half")
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw fault("a low surrogate without its high half")
      }
      scratch.append(contentsOf: scalar.utf8)
    default: throw fault("an unknown escape in a string")
    }
  }

  mutating func hexadecimal() throws -> UInt32 {
    guard position + 4 <= bytes.count else { throw fault("a \\u escape cut short") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw fault("a \\u escape that is not hexadecimal")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  mutating func number() throws -> JSONValue {
    let start = position
    func isDigit(_ index: Int) -> Bool {
      index < bytes.count && bytes[index] >= 0x30 && bytes[index] <= 0x39
    }
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    guard isDigit(position) else { throw fault("expected a value") }
    let leading = position
    while isDigit(position) { position += 1 }
    guard position == leading + 1 || bytes[leading] != 0x30 else {
      throw fault("a number with a leading zero")
    }
    var whole = true
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      whole = false
      position += 1
      guard isDigit(position) else { throw fault("a number without digits after its point") }
      while isDigit(position) { position += 1 }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      whole = false
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      guard isDigit(position) else { throw fault("a number without digits in its exponent") }
      while isDigit(position) { position += 1 }
    }
    guard position - start <= 400 else { throw fault("a number of more than 400 characters") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if whole, let value = Int(text) { return .int(value) }
    guard let value = Double(text) else { throw fault("expected a value") }
    return .double(value)
  }
}
