/// Reads the little JSON that a safetensors header may hold: objects, strings and lists of whole
/// numbers.
///
/// It builds no tree and never recurses, so nesting can't exhaust the stack and memory stays below
/// the header's size.
struct HeaderScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// An object; `member` is called after each key and must read the value.
  mutating func object(
    _ member: (inout HeaderScanner, String) throws(SafetensorsFault) -> Void
  ) throws(SafetensorsFault) {
    try expect(UInt8(ascii: "{"), "an object")
    if take(UInt8(ascii: "}")) { return }
    while true {
      let key = try string()
      try expect(UInt8(ascii: ":"), "':'")
      try member(&self, key)
      if take(UInt8(ascii: "}")) { return }
      try expect(UInt8(ascii: ","), "',' or '}'")
    }
  }

  /// A list of whole numbers from 0 up.
  mutating func integers(atMost limit: Int) throws(SafetensorsFault) -> [Int] {
    try expect(UInt8(ascii: "["), "a list")
    var result: [Int] = []
    if take(UInt8(ascii: "]")) { return result }
    while true {
      guard result.count < limit else { throw fault("a list of at most \(limit) numbers") }
      result.append(try integer())
      if take(UInt8(ascii: "]")) { return result }
      try expect(UInt8(ascii: ","), "',' or ']'")
    }
  }

  /// A string with JSON's escapes, valid UTF-8 throughout.
  mutating func string() throws(SafetensorsFault) -> String {
    try expect(UInt8(ascii: "\""), "a string")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: text, as: UTF8.self) else {
          throw fault("valid UTF-8")
        }
        return result
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escaped()).utf8)
      case 0..<0x20: throw fault("no control character in a string")
      default: text.append(byte)
      }
    }
    throw fault("the end of a string")
  }

  /// Nothing but white space may follow.
  mutating func end() throws(SafetensorsFault) {
    skipSpace()
    guard position == bytes.count else { throw fault("nothing after the object") }
  }

  // MARK: Parts

  private mutating func integer() throws(SafetensorsFault) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(digit))
      guard !overflow, !carry else { throw fault("a number below 2^63") }
      value = sum
      position += 1
    }
    guard position > start else { throw fault("a whole number from 0 up") }
    guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw fault("a number without leading zeros")
    }
    return value
  }

  private mutating func escaped() throws(SafetensorsFault) -> Unicode.Scalar {
    guard position < bytes.count else { throw fault("an escape") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try codeUnit()
      if 0xD800..<0xDC00 ~= code {
        guard take(UInt8(ascii: "\\"), skipping: false), take(UInt8(ascii: "u"), skipping: false),
          case let low = try codeUnit(), 0xDC00..<0xE000 ~= low
        else { throw fault("the second half of a surrogate pair") }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("a Unicode scalar") }
      return scalar
    default: throw fault("one of JSON's escapes")
    }
  }

  private mutating func codeUnit() throws(SafetensorsFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else { throw fault("four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8, skipping: Bool = true) -> Bool {
    if skipping { skipSpace() }
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(SafetensorsFault) {
    guard take(byte) else { throw fault(what) }
  }

  private func fault(_ expected: String) -> SafetensorsFault {
    SafetensorsFault("the header is not valid at byte \(position): expected \(expected)")
  }
}
