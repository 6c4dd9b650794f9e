import Documents
import Foundation
import Torch

/// One model in GGUF (ggml's format, versions 2 and 3), mapped into memory: opening reads the headers, a tensor is restored to
/// floating point when it is used.
///
/// A model may be split into files `NAME-00001-of-0000N.gguf`, of which the first is named. A file is checked completely when it is
/// opened: types, shapes, offsets, and that no two tensors share their data.
final class GGUFFile: GGUFContents {
  struct Entry {
    var type: BlockType
    /// Row-major, the reverse of what the file says.
    var shape: [Int]
    var range: Range<Int>
    /// Which of the files.
    var part = 0

    /// The bytes of one entry along the first axis, or of all.
    func range(of slice: Int?) -> Range<Int> {
      guard let slice, let count = shape.first, shape.count > 1 else { return range }
      let size = range.count / count
      return range.lowerBound + slice * size..<range.lowerBound + (slice + 1) * size
    }
  }

  let url: URL
  /// The tensors in the files' order.
  let names: [String]
  /// Keys and values: the architecture's sizes and the tokenizer.
  let metadata: JSONObject
  private let entries: [String: Entry]
  private let files: [MappedFile]

  /// Whether a path is meant as a GGUF file's.
  static func isOne(_ url: URL) -> Bool { url.pathExtension.lowercased() == "gguf" }

  /// - Throws: ``CheckpointError`` that names the file, and the tensor or the byte where one is at fault.
  init(_ url: URL) throws {
    self.url = url
    let (file, header) = try Self.open(url)
    metadata = header.metadata
    var files = [file], names = header.names, entries = header.entries
    for (part, other) in try GGUFSplit(header.metadata, of: url).others {
      let (file, header) = try Self.open(other)
      guard header.metadata["split.no"]?.int == part, header.metadata["split.count"] == metadata["split.count"] else {
        throw CheckpointError(
          path: other.path, message: "is not part \(part + 1) of what \(url.lastPathComponent) begins")
      }
      files.append(file)
      names += header.names
      try entries.merge(
        header.entries.mapValues { entry in
          var entry = entry
          entry.part = part
          return entry
        }
      ) { _, _ in throw CheckpointError(path: other.path, message: "has a tensor that another part has too") }
    }
    if let promised = metadata["split.tensors.count"]?.int, files.count > 1, promised != names.count {
      throw CheckpointError(path: url.path, message: "promises \(promised) tensors, and its parts have \(names.count)")
    }
    (self.files, self.names, self.entries) = (files, names, entries)
  }

  private static func open(_ url: URL) throws -> (MappedFile, GGUFHeader) {
    do {
      let file = try MappedFile(url.path)
      var header = GGUFHeader()
      try header.read(UnsafeRawBufferPointer(file.bytes))
      return (file, header)
    } catch let error as SafetensorsFault {
      throw CheckpointError(path: url.path, message: error.message)
    } catch let error as GGUFFault {
      throw CheckpointError(path: url.path, message: error.message)
    }
  }

  func shape(of name: String) -> [Int]? { entries[name]?.shape }
  func release(_ name: String) { if let entry = entries[name] { files[entry.part].release(entry.range) } }

  /// The type in which a tensor is stored.
  func type(of name: String) -> BlockType? { entries[name]?.type }
  func storedType(of name: String) -> BlockType? { type(of: name) }

  /// A tensor's bytes as they lie in the file.
  func bytes(of name: String) -> UnsafeRawBufferPointer? {
    guard let entry = entries[name], let base = files[entry.part].bytes.baseAddress else { return nil }
    return UnsafeRawBufferPointer(start: base + entry.range.lowerBound, count: entry.range.count)
  }

  /// The rows of a part that lies in blocks; nil for one that doesn't.
  func blocks(of part: CheckpointLayout.Part) -> PackedLinear.BlockRows? {
    guard let entry = entries[part.name], entry.type.plain == nil, let base = files[entry.part].bytes.baseAddress else {
      return nil
    }
    let heads: Int
    switch part.storage {
    case .plain: heads = 0
    case .pairs(let count): heads = count
    case .transposed, .aroundZero, .alternating: return nil
    }
    let range = entry.range(of: part.slice?.index)
    let bytes = UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    return PackedLinear.BlockRows(type: entry.type, rows: part.rows, bytes: bytes, pairedHeads: heads)
  }

  func tensor(_ name: String) throws -> Tensor { try tensor(name, slice: nil) }

  func tensor(_ name: String, at index: Int) throws -> Tensor { try tensor(name, slice: index) }

  private func tensor(_ name: String, slice: Int?) throws -> Tensor {
    guard let entry = entries[name], let base = files[entry.part].bytes.baseAddress else {
      throw CheckpointError(path: url.path, message: "there is no tensor '\(name)'")
    }
    try TorchLibrary.load()
    let range = entry.range(of: slice)
    let start = base + range.lowerBound
    let shape = slice == nil ? entry.shape : Array(entry.shape.dropFirst())
    let bytes = UnsafeRawBufferPointer(start: start, count: range.count)
    guard let dtype = entry.type.plain else { return entry.type.restored(bytes, shape: shape) }
    if UInt(bitPattern: start) % UInt(dtype.size) == 0 {
      return Tensor(borrowing: start, shape: shape, dtype: dtype, owner: files[entry.part])
    }
    return Tensor(copying: bytes, shape: shape, dtype: dtype)
  }
}

/// What a GGUF file says, or will say once it is written.
protocol GGUFContents: WeightFile {
  /// Keys and values: the architecture's sizes and the tokenizer.
  var metadata: JSONObject { get }
}

/// The files of which a model consists: `split.count` of them, named by number.
struct GGUFSplit {
  /// All but the first, by their numbers from 0.
  var others: [(part: Int, url: URL)] = []

  /// The most that is followed; published models have some dozens.
  private static let most = 9_999

  init(_ metadata: JSONObject, of url: URL) throws {
    let count = metadata["split.count"]?.int ?? 1
    guard count > 1 else { return }
    func fail(_ message: String) -> CheckpointError { CheckpointError(path: url.path, message: message) }
    guard count <= Self.most else { throw fail("is split into \(count) files, more than \(Self.most)") }
    func name(_ stem: String, _ part: Int) -> String {
      String(format: "%@-%05d-of-%05d.gguf", stem, part + 1, count)
    }
    let ending = name("", 0), file = url.lastPathComponent
    let part = metadata["split.no"]?.int ?? 0
    guard part == 0 else {
      throw fail("is part \(part + 1) of \(count): name the first, which ends in \(ending)")
    }
    guard file.hasSuffix(ending) else {
      throw fail("is the first of \(count) files and must be called NAME\(ending), so that the others are found")
    }
    let stem = String(file.dropLast(ending.count)), folder = url.deletingLastPathComponent()
    others = (1..<count).map { ($0, folder.appendingPathComponent(name(stem, $0))) }
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
    guard let type = BlockType(number: number) else {
      throw fault("has ggml's type \(number), which was withdrawn or is newer than this program")
    }
    guard shape[0] % type.length == 0 else {
      throw fault("has rows of \(shape[0]), no multiple of \(type)'s \(type.length)")
    }
    let offset = try cursor.number(UInt64.self)
    guard offset < 1 << 60 else { throw fault("begins at byte \(offset)") }
    let size = count / type.length * type.bytes
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
