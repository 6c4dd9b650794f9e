public import Foundation

/// One safetensors file, mapped into memory: opening reads the header, a tensor's data is read when
/// it is used.
///
/// ```swift
/// let file = try SafetensorsFile(URL(filePath: "model.safetensors"))
/// print(file.names, file.metadata)
/// let table = try file.tensor("transformer.wte.weight")   // no copy
/// ```
///
/// A file is checked completely when it is opened: header, types, shapes, offsets. The tensors
/// borrow the mapping and keep it alive. Writing to one in place changes a private copy of its
/// pages, never the file; two tensors of the same name share that copy. Nobody else may shorten the
/// file while it is open: replace it by renaming, as ``Safetensors`` does.
public final class SafetensorsFile: Sendable {
  /// The header's entry for one tensor.
  public struct Entry: Hashable, Sendable {
    /// The type of the elements.
    public var dtype: DType
    /// The length of each axis.
    public var shape: [Int]
    /// The number of bytes of its data.
    public var byteCount: Int

    /// An entry with all three.
    public init(dtype: DType, shape: [Int], byteCount: Int) {
      self.dtype = dtype
      self.shape = shape
      self.byteCount = byteCount
    }
  }

  /// The file's place.
  public let url: URL
  /// The tensors in the header's order.
  public let names: [String]
  /// The free text of `__metadata__`, such as `format: pt`.
  public let metadata: [String: String]
  private let entries: [String: SafetensorsHeader.Entry]
  private let file: MappedFile
  private let dataStart: Int

  /// Maps a file and checks its header.
  ///
  /// - Throws: ``SafetensorsError`` that names the file, and the tensor where one is at fault.
  public init(_ url: URL) throws {
    self.url = url
    do {
      file = try MappedFile(url.path)
      let header = try SafetensorsHeader(readingFrom: UnsafeRawBufferPointer(file.bytes))
      names = header.names
      metadata = header.metadata
      entries = header.entries
      dataStart = header.dataStart
    } catch {
      throw error.at(url.path)
    }
  }

  /// The type and shape of a tensor; nil if there is none of that name.
  public func entry(_ name: String) -> Entry? {
    entries[name].map { Entry(dtype: $0.dtype, shape: $0.shape, byteCount: $0.range.count) }
  }

  /// A tensor over the file's own memory, or a copy where the data is not aligned for its type.
  ///
  /// - Throws: ``SafetensorsError`` if there is no such tensor, or if a bool is neither 0 nor 1.
  public func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name] else {
      throw SafetensorsError(
        file: url.path, tensor: name, message: "is not in the file; it has \(names.count) tensors")
    }
    try TorchLibrary.load()
    guard let base = file.bytes.baseAddress, !entry.range.isEmpty else {
      return .empty(entry.shape, dtype: entry.dtype)
    }
    let start = base + dataStart + entry.range.lowerBound
    let data = UnsafeRawBufferPointer(start: start, count: entry.range.count)
    if entry.dtype == .bool, !data.allSatisfy({ $0 < 2 }) {
      throw SafetensorsError(file: url.path, tensor: name, message: "has bools that are not 0 or 1")
    }
    if UInt(bitPattern: start) % UInt(entry.dtype.size) == 0 {
      return Tensor(borrowing: start, shape: entry.shape, dtype: entry.dtype, owner: file)
    }
    return Tensor(copying: data, shape: entry.shape, dtype: entry.dtype)
  }

  /// Gives the memory of a tensor's data back to the system; the file is read again if it is used once more.
  ///
  /// For who has copied the tensor: what was written to it in place is forgotten.
  public func release(_ name: String) {
    guard let entry = entries[name] else { return }
    file.release(dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound)
  }
}
