import Documents
import Foundation
import Torch

/// One GGUF file (ggml's format, versions 2 and 3), mapped into memory: opening reads the header, a tensor is restored to
/// floating point when it is used.
///
/// A file is checked completely when it is opened: types, shapes, offsets, and that no two tensors share their data.
final class GGUFFile: WeightFile {
  struct Entry {
    var type: GGUFTensorType
    /// Row-major, the reverse of what the file says.
    var shape: [Int]
    var range: Range<Int>
  }

  let url: URL
  /// The tensors in the file's order.
  let names: [String]
  /// Keys and values: the architecture's sizes and the tokenizer.
  let metadata: JSONObject
  private let entries: [String: Entry]
  private let file: MappedFile

  /// Whether a path is meant as a GGUF file's.
  static func isOne(_ url: URL) -> Bool { url.pathExtension.lowercased() == "gguf" }

  /// - Throws: ``CheckpointError`` that names the file, and the tensor or the byte where one is at fault.
  init(_ url: URL) throws {
    self.url = url
    func fail(_ message: String) -> CheckpointError { CheckpointError(path: url.path, message: message) }
    do { file = try MappedFile(url.path) } catch { throw fail(error.message) }
    do throws(GGUFFault) {
      var header = GGUFHeader()
      try header.read(UnsafeRawBufferPointer(file.bytes))
      (names, entries, metadata) = (header.names, header.entries, header.metadata)
    } catch {
      throw fail(error.message)
    }
  }

  func shape(of name: String) -> [Int]? { entries[name]?.shape }
  func release(_ name: String) { if let entry = entries[name] { file.release(entry.range) } }

  func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name], let base = file.bytes.baseAddress else {
      throw CheckpointError(path: url.path, message: "there is no tensor '\(name)'")
    }
    try TorchLibrary.load()
    let start = base + entry.range.lowerBound
    if let dtype = entry.type.plain {
      if UInt(bitPattern: start) % UInt(dtype.size) == 0 {
        return Tensor(borrowing: start, shape: entry.shape, dtype: dtype, owner: file)
      }
      return Tensor(
        copying: UnsafeRawBufferPointer(start: start, count: entry.range.count), shape: entry.shape,
        dtype: dtype)
    }
    let made = Tensor.empty(entry.shape)
    made.withUnsafeElements(of: Float.self) { elements in
      if let target = elements.baseAddress {
        entry.type.restore(UnsafeRawPointer(start), count: elements.count, into: target)
      }
    }
    return made
  }
}

/// The table of contents of a GGUF file.
struct GGUFHeader {
  private(set) var names: [String] = []
  private(set) var entries: [String: GGUFFile.Entry] = [:]
  private(set) var metadata = JSONObject()

  /// Published files have some fifty keys.
  private static let mostKeys = 1 << 16

  mutating func read(_ bytes: UnsafeRawBufferPointer) throws(GGUFFault) {
    var cursor = GGUFCursor(bytes)
    guard bytes.count >= 24, bytes[..<4].elementsEqual("GGUF".utf8) else {
      throw GGUFFault("is no GGUF file")
    }
    _ = try cursor.number(UInt32.self)
    let version = try cursor.number(UInt32.self)
    guard version == 2 || version == 3 else {
      throw GGUFFault("has version \(version) of GGUF; 2 and 3 (little-endian) are supported")
    }
    let tensors = try cursor.count(of: "tensors", size: 32)
    let keys = try cursor.count(of: "keys", size: 13)
    guard keys <= Self.mostKeys else { throw GGUFFault("has \(keys) keys, more than \(Self.mostKeys)") }
    var members: [(key: String, value: JSONValue)] = []
    var seen = Set<String>()
    for _ in 0..<keys {
      let key = try cursor.string()
      guard seen.insert(key).inserted else { throw GGUFFault("has the key '\(key.prefix(80))' twice") }
      members.append((key, try cursor.value()))
    }
    metadata = JSONObject(members)
    var offsets: [(name: String, start: Int)] = []
    for _ in 0..<tensors { offsets.append(try readTensor(&cursor)) }
    let alignment = metadata["general.alignment"]?.int ?? 32
    guard alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
      throw GGUFFault("general.alignment is \(alignment), which is no power of two")
    }
    let start = (cursor.position + alignment - 1) / alignment * alignment
    try place(offsets, from: start, end: bytes.count)
  }

  private mutating func readTensor(_ cursor: inout GGUFCursor) throws(GGUFFault) -> (name: String, start: Int) {
    let name = try cursor.string()
    func fault(_ text: String) -> GGUFFault { GGUFFault("tensor '\(name.prefix(80))' \(text)") }
    guard entries[name] == nil else { throw fault("is there twice") }
    let rank = try cursor.number(UInt32.self)
    guard (1...4).contains(rank) else { throw fault("has \(rank) axes") }
    var shape: [Int] = []
    var count = 1
    for _ in 0..<rank {
      let length = try cursor.number(UInt64.self)
      guard length > 0, let size = Int(exactly: length) else { throw fault("has an axis of length \(length)") }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product < 1 << 48 else { throw fault("is larger than any memory") }
      count = product
      shape.append(size)
    }
    let number = try cursor.number(UInt32.self)
    guard let type = GGUFTensorType(rawValue: number) else {
      throw fault(
        "has ggml's type \(number); F32, F16, BF16, Q8_0, Q4_0, Q4_K and Q6_K are supported")
    }
    guard shape[0] % type.blockLength == 0 else {
      throw fault("has rows of \(shape[0]), no multiple of its type's \(type.blockLength)")
    }
    let offset = try cursor.number(UInt64.self)
    guard offset < 1 << 60 else { throw fault("begins at byte \(offset)") }
    let size = count / type.blockLength * type.blockSize
    entries[name] = GGUFFile.Entry(type: type, shape: shape.reversed(), range: 0..<size)
    names.append(name)
    return (name, Int(offset))
  }

  /// Puts the tensors where they lie and refuses those that reach outside or into each other.
  private mutating func place(_ offsets: [(name: String, start: Int)], from start: Int, end: Int) throws(GGUFFault) {
    var free = start
    for (name, offset) in offsets.sorted(by: { $0.start < $1.start }) {
      let size = entries[name]?.range.count ?? 0
      let first = start + offset
      guard first + size <= end else {
        throw GGUFFault(
          "tensor '\(name.prefix(80))' ends at byte \(first + size) of \(end): the file is truncated or wrong")
      }
      guard first >= free else { throw GGUFFault("tensor '\(name.prefix(80))' lies inside another's data") }
      entries[name]?.range = first..<first + size
      free = first + size
    }
  }
}
