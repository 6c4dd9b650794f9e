/// Numbers as people and chat models write them.
enum NumberText {
  /// The last number of a text, in its shortest form; nil where there is none.
  static func last(in text: String) -> String? {
    let bytes = Array(text.utf8)
    var end = bytes.count
    while end > 0 {
      guard isDigit(bytes[end - 1]) else {
        end -= 1
        continue
      }
      var start = end
      while start > 0, isDigit(bytes[start - 1]) || isInside(bytes, start - 1) { start -= 1 }
      // A sign, unless it stands between two numbers or words as a minus or hyphen does; a currency may follow it.
      var sign = start - 1
      if sign >= 0, bytes[sign] == UInt8(ascii: "$") { sign -= 1 }
      let isNegative =
        sign >= 0 && bytes[sign] == UInt8(ascii: "-")
        && (sign == 0
          || !(isDigit(bytes[sign - 1]) || isLetter(bytes[sign - 1]) || bytes[sign - 1] == UInt8(ascii: ")")))
      return shortest((isNegative ? "-" : "") + String(decoding: bytes[start..<end], as: UTF8.self))
    }
    return nil
  }

  /// A number without commas, zeros in front, zeros at the end of its decimals and a point behind it; nil for what is no number.
  static func shortest(_ text: String) -> String? {
    var bytes = text.utf8.filter { $0 != UInt8(ascii: ",") }
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes.removeFirst() }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard !bytes.isEmpty, parts.allSatisfy({ $0.allSatisfy(isDigit) }) else { return nil }
    let whole = parts[0].drop { $0 == UInt8(ascii: "0") }
    let decimals = (parts.count > 1 ? parts[1] : []).reversed().drop { $0 == UInt8(ascii: "0") }.reversed()
    guard !whole.isEmpty || !decimals.isEmpty else { return "0" }
    return (isNegative ? "-" : "") + (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self))
      + (decimals.isEmpty ? "" : "." + String(decoding: Array(decimals), as: UTF8.self))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte >= 0x80
  }

  /// Whether a byte is the point of a decimal, or a comma with three digits behind it and one before.
  private static func isInside(_ bytes: [UInt8], _ place: Int) -> Bool {
    guard place + 1 < bytes.count, isDigit(bytes[place + 1]) else { return false }
    if bytes[place] == UInt8(ascii: ".") { return !bytes[(place + 1)...].prefix { $0 != UInt8(ascii: ",") }.isEmpty }
    guard bytes[place] == UInt8(ascii: ","), place > 0, isDigit(bytes[place - 1]) else { return false }
    return bytes[(place + 1)...].prefix(4).prefix(while: isDigit).count == 3
  }
}
