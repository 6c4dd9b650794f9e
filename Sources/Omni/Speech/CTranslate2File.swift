import Foundation
import Torch

/// A model of CTranslate2, `model.bin`: named arrays, and other names for some of them.
///
/// Covered: versions 4 to 6 of the file with arrays of floats of 32 and 16 bits and of whole numbers. Not covered: the older versions,
/// and arrays in 8 or 4 bits, whose scales belong to their product.
struct CTranslate2File {
  let url: URL
  /// The architecture's name, such as `WhisperSpec`.
  private(set) var specification = ""
  private var entries: [String: Entry] = [:]
  private let file: MappedFile

  private struct Entry {
    var shape: [Int]
    var type: Int
    var range: Range<Int>
  }

  /// The types of arrays by their number.
  private static let types: [Int: DType] = [0: .float32, 1: .int8, 2: .int16, 3: .int32, 4: .float16, 5: .bfloat16]

  /// Maps a file and reads where its arrays lie.
  ///
  /// - Throws: ``WhisperError`` for a file that is cut off or isn't one.
  init(_ url: URL) throws {
    self.url = url
    do { file = try MappedFile(url.path) } catch { throw WhisperError(path: url.path, message: error.message) }
    var reader = Reader(bytes: UnsafeRawBufferPointer(file.bytes), path: url.path)
    let version = try reader.number(4)
    guard (4...6).contains(version) else {
      throw WhisperError(
        path: url.path,
        message: "this is no model.bin of CTranslate2 that is read here (version \(version), not 4 to 6)")
    }
    specification = try reader.name()
    _ = try reader.number(4)
    for _ in 0..<(try reader.number(4)) {
      let name = try reader.name()
      let shape = try (0..<(try reader.number(1))).map { _ in try reader.number(4) }
      let type = try reader.number(1)
      let size = try reader.number(4)
      entries[name] = Entry(shape: shape, type: type, range: try reader.skip(size))
    }
    for _ in 0..<(try reader.number(4)) {
      let name = try reader.name()
      entries[name] = entries[try reader.name()]
    }
  }

  /// Whether there is such an array.
  func contains(_ name: String) -> Bool { entries[name] != nil }

  /// The shape of an array; nil where there is none.
  func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// A whole number that is kept as an array of one.
  func number(_ name: String) throws -> Int {
    guard let entry = entries[name], let dtype = Self.types[entry.type], !dtype.isFloatingPoint else {
      throw WhisperError(path: url.path, message: "there is no number \(name)")
    }
    return (0..<entry.range.count).reduce(0) { $0 | Int(file.bytes[entry.range.lowerBound + $1]) << (8 * $1) }
  }

  /// An array of floats, in 32 bits.
  func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name] else {
      throw WhisperError(path: url.path, message: "there is no array \(name)")
    }
    guard let dtype = Self.types[entry.type], dtype.isFloatingPoint else {
      throw WhisperError(
        path: url.path,
        message: "\(name) is quantised; convert the model anew with --quantization float16 or without quantization")
    }
    guard entry.range.count == entry.shape.reduce(dtype.size, *) else {
      throw WhisperError(path: url.path, message: "\(name) has \(entry.range.count) bytes, not those of \(entry.shape)")
    }
    let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(file.bytes)[entry.range])
    defer { withExtendedLifetime(file) {} }
    return Tensor(copying: bytes, shape: entry.shape, dtype: dtype).to(.float32)
  }

  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    let path: String
    var place = 0

    mutating func skip(_ count: Int) throws -> Range<Int> {
      guard count >= 0, count <= bytes.count - place else {
        throw WhisperError(path: path, message: "the file ends after \(bytes.count) bytes, in the middle of an array")
      }
      defer { place += count }
      return place..<place + count
    }

    mutating func number(_ size: Int) throws -> Int {
      try skip(size).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }

    /// A name with its length before it and a zero at its end.
    mutating func name() throws -> String {
      let range = try skip(try number(2))
      return String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
