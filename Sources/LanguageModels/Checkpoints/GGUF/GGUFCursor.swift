import Documents

/// Reads a GGUF header's values one after the other, from bytes that may be hostile: nothing is taken beyond their end, and
/// no list is made longer than what is left of them.
struct GGUFCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  private static let deepest = 4

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var left: Int { bytes.count - position }

  mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(GGUFFault) -> T {
    let size = MemoryLayout<T>.size
    guard left >= size else { throw GGUFFault("is truncated at byte \(position)") }
    defer { position += size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
  }

  /// A count of things of which each takes at least `size` bytes.
  mutating func count(of what: String, size: Int) throws(GGUFFault) -> Int {
    let place = position
    let count = try number(UInt64.self)
    guard count <= UInt64(left / size) else {
      throw GGUFFault("byte \(place) promises \(count) \(what), more than the file can hold")
    }
    return Int(count)
  }

  mutating func string() throws(GGUFFault) -> String {
    let place = position
    let length = try count(of: "bytes of text", size: 1)
    defer { position += length }
    guard let text = String(validating: bytes[position..<position + length], as: UTF8.self) else {
      throw GGUFFault("the text at byte \(place) is not valid UTF-8")
    }
    return text
  }

  /// A value after its type, as JSON says it.
  mutating func value() throws(GGUFFault) -> JSONValue { try value(of: number(), depth: 0) }

  private mutating func value(of type: UInt32, depth: Int) throws(GGUFFault) -> JSONValue {
    switch type {
    case 0: return .int(Int(try number(UInt8.self)))
    case 1: return .int(Int(try number(Int8.self)))
    case 2: return .int(Int(try number(UInt16.self)))
    case 3: return .int(Int(try number(Int16.self)))
    case 4: return .int(Int(try number(UInt32.self)))
    case 5: return .int(Int(try number(Int32.self)))
    case 6: return .double(Double(Float(bitPattern: try number())))
    case 7: return .bool(try number(UInt8.self) != 0)
    case 8: return .string(try string())
    case 9: return .array(try array(depth: depth))
    case 10:
      let value = try number(UInt64.self)
      return Int(exactly: value).map(JSONValue.int) ?? .double(Double(value))
    case 11: return .int(Int(try number(Int64.self)))
    case 12: return .double(Double(bitPattern: try number()))
    default: throw GGUFFault("byte \(position - 4) has the unknown type of value \(type)")
    }
  }

  private mutating func array(depth: Int) throws(GGUFFault) -> [JSONValue] {
    guard depth < Self.deepest else { throw GGUFFault("byte \(position) nests arrays too deep") }
    let type = try number(UInt32.self)
    // The least that a value of the type takes: a text its length, an array its type and length.
    let sizes = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8]
    guard type < UInt32(sizes.count) else {
      throw GGUFFault("byte \(position - 4) has the unknown type of value \(type)")
    }
    let count = try count(of: "values", size: sizes[Int(type)])
    var list: [JSONValue] = []
    list.reserveCapacity(count)
    for _ in 0..<count { list.append(try value(of: type, depth: depth + 1)) }
    return list
  }
}

/// An error in a GGUF file, without the file's name.
struct GGUFFault: Error {
  var message: String
  init(_ message: String) { self.message = message }
}
