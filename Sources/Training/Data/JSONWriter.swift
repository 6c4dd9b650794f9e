/// Builds JSON text, with the members of an object in the order given or sorted.
struct JSONWriter {
  private(set) var text = ""
  private let pretty: Bool
  private var depth = 0

  init(pretty: Bool = false) { self.pretty = pretty }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .integer(let number): text += String(number)
    case .number(let number): write(number)
    case .string(let string): write(string)
    case .array(let elements):
      writeList("[", "]", elements) { writer, element in writer.write(element) }
    case .object(let members):
      write(members: members.sorted { $0.key < $1.key })
    }
  }

  /// Writes an object, its members in this order.
  mutating func write(members: [(key: String, value: JSONValue)]) {
    writeList("{", "}", members) { writer, member in
      writer.write(member.key)
      writer.text += writer.pretty ? ": " : ":"
      writer.write(member.value)
    }
  }

  private mutating func write(_ number: Double) {
    guard number.isFinite else {
      text += "null"
      return
    }
    // The shortest text that reads back as the same number; a whole one without ".0" would be read
    // back as an integer, so it keeps it.
    text += "\(number)"
  }

  private mutating func writeList<Element>(
    _ open: String, _ close: String, _ elements: [Element],
    _ body: (inout JSONWriter, Element) -> Void
  ) {
    guard !elements.isEmpty else {
      text += open + close
      return
    }
    text += open
    depth += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      breakLine()
      body(&self, element)
    }
    depth -= 1
    breakLine()
    text += close
  }

  private mutating func breakLine() {
    guard pretty else { return }
    text += "\n" + String(repeating: "  ", count: depth)
  }

  private mutating func write(_ string: String) {
    text += "\""
    var plainStart = string.utf8.startIndex
    var index = plainStart
    while index != string.utf8.endIndex {
      let byte = string.utf8[index]
      let next = string.utf8.index(after: index)
      if byte == 0x22 || byte == 0x5C || byte < 0x20 {
        text += string[plainStart..<index]
        text += Self.escape(byte)
        plainStart = next
      }
      index = next
    }
    text += string[plainStart...]
    text += "\""
  }

  private static func escape(_ byte: UInt8) -> String {
    switch byte {
    case 0x22: "\\\""
    case 0x5C: "\\\\"
    case 0x0A: "\\n"
    case 0x0D: "\\r"
    case 0x09: "\\t"
    default: "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}
