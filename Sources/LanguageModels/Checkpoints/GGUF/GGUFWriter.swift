import Documents
import Foundation
import Torch

/// Writes a GGUF file (version 3): the metadata, then tensors that are made one after the other.
struct GGUFWriter {
  /// A tensor that is made when its turn comes.
  struct Pending {
    var name: String
    /// Row-major.
    var shape: [Int]
    var type: BlockType
    /// Hands its bytes over, in as many pieces as it likes.
    var write: (_ take: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    var byteCount: Int { shape.reduce(1, *) / type.length * type.bytes }
  }

  var metadata: JSONObject
  var tensors: [Pending]

  private static let alignment = 32

  /// Writes the file, complete or not at all.
  ///
  /// - Parameter progress: is told how many tensors are written.
  /// - Throws: ``CheckpointError``, or what making a tensor throws; an older file of the name is then unchanged.
  func write(to url: URL, progress: (Int) -> Void = { _ in }) throws {
    let file = try FileReplacement(url)
    try header().withUnsafeBytes { try file.append($0) }
    for (i, tensor) in tensors.enumerated() {
      var written = 0
      try tensor.write { bytes in
        written += bytes.count
        try file.append(bytes)
      }
      precondition(written == tensor.byteCount, "'\(tensor.name)' has \(written) bytes, not \(tensor.byteCount)")
      try [UInt8](repeating: 0, count: Self.padding(written)).withUnsafeBytes { try file.append($0) }
      progress(i + 1)
    }
    try file.commit()
  }

  private static func padding(_ size: Int) -> Int { (alignment - size % alignment) % alignment }

  private func header() -> [UInt8] {
    var out = GGUFBytes()
    out.bytes = Array("GGUF".utf8)
    out.put(UInt32(3))
    out.put(UInt64(tensors.count))
    out.put(UInt64(metadata.members.count))
    for (key, value) in metadata.members {
      out.put(key)
      out.put(typed: value)
    }
    var offset = 0
    for tensor in tensors {
      out.put(tensor.name)
      out.put(UInt32(tensor.shape.count))
      for length in tensor.shape.reversed() { out.put(UInt64(length)) }
      out.put(tensor.type.number)
      out.put(UInt64(offset))
      offset += tensor.byteCount + Self.padding(tensor.byteCount)
    }
    out.bytes += [UInt8](repeating: 0, count: Self.padding(out.bytes.count))
    return out.bytes
  }
}

/// Bytes in GGUF's form.
private struct GGUFBytes {
  var bytes: [UInt8] = []

  mutating func put(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }

  mutating func put(_ text: String) {
    put(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  /// A value after its type: whole numbers are u32 where they fit, as readers expect, and others f32.
  mutating func put(typed value: JSONValue) {
    if case .array(let list) = value {
      put(UInt32(9))
      let type = Self.type(of: list)
      put(type)
      put(UInt64(list.count))
      for element in list { put(element, as: type) }
    } else {
      let type = Self.type(of: value)
      put(type)
      put(value, as: type)
    }
  }

  /// The type of all of a list: i32 for whole numbers, as kinds of tokens are, f32 where one has a fraction.
  private static func type(of list: [JSONValue]) -> UInt32 {
    let types = Set(list.map(type(of:)))
    if types.isEmpty || types.contains(8) { return 8 }
    if types.count == 1, let only = types.first { return only == 4 ? 5 : only }
    return types.contains(6) ? 6 : 11
  }

  private static func type(of value: JSONValue) -> UInt32 {
    switch value {
    case .bool: 7
    case .int(let number):
      UInt32(exactly: number) != nil ? 4 : number >= 0 ? 10 : Int32(exactly: number) != nil ? 5 : 11
    case .double: 6
    case .string, .null, .array, .object: 8
    }
  }

  private mutating func put(_ value: JSONValue, as type: UInt32) {
    switch type {
    case 4: put(UInt32(truncatingIfNeeded: value.int ?? 0))
    case 5: put(Int32(truncatingIfNeeded: value.int ?? 0))
    case 6: put(Float(value.double ?? 0).bitPattern)
    case 7: put(UInt8(value.bool == true ? 1 : 0))
    case 10, 11: put(Int64(value.int ?? 0))
    default: put(value.string ?? "")
    }
  }
}
