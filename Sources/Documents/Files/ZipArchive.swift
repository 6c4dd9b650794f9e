import CZlib
public import Foundation

/// The files in a ZIP archive (APPNOTE 6.3.9): stored and deflated ones, of up to a limit in size.
///
/// Not covered: encryption, archives in several parts, more than 4 GiB. What is damaged is an error with the file's name in it.
public struct ZipArchive {
  private struct Entry {
    var method: UInt16
    var flags: UInt16
    var checksum: UInt32
    var compressed: Int
    var size: Int
    var header: Int
  }

  /// The archive's own path, for messages.
  public let path: String
  private let bytes: Data
  private var entries: [String: Entry] = [:]
  /// The names in the directory's order.
  public private(set) var names: [String] = []

  /// Reads an archive's directory.
  ///
  /// - Parameters:
  ///   - data: the whole archive.
  ///   - path: its own path, for messages.
  ///   - mostBytes: of all files together, so that a small archive can't fill the memory.
  /// - Throws: `DataError` where there is none.
  public init(_ data: Data, path: String, mostBytes: Int = 256 << 20) throws(DataError) {
    (bytes, self.path) = (Data(data), path)
    guard bytes.count >= 22, let end = Self.directoryEnd(bytes) else {
      throw damaged("it has no directory: the file may be cut off")
    }
    let count = Int(bytes.two(end + 10))
    var place = Int(bytes.four(end + 16))
    guard place != 0xFFFF_FFFF, count != 0xFFFF else { throw damaged("it is in the ZIP64 form, for more than 4 GiB") }
    var total = 0
    for _ in 0..<count {
      guard place >= 0, place + 46 <= bytes.count, bytes.four(place) == 0x0201_4B50 else {
        throw damaged("its directory is damaged")
      }
      let lengths = [28, 30, 32].map { Int(bytes.two(place + $0)) }
      let end = place + 46 + lengths.reduce(0, +)
      guard end <= bytes.count else { throw damaged("its directory is cut off") }
      let name = String(decoding: bytes[place + 46..<place + 46 + lengths[0]], as: UTF8.self)
      let entry = Entry(
        method: bytes.two(place + 10), flags: bytes.two(place + 8), checksum: bytes.four(place + 16),
        compressed: Int(bytes.four(place + 20)),
        size: Int(bytes.four(place + 24)), header: Int(bytes.four(place + 42)))
      total += entry.size
      guard total <= mostBytes else { throw damaged("it unfolds to more than \(mostBytes >> 20) MiB") }
      if entries.updateValue(entry, forKey: name) == nil { names.append(name) }
      place = end
    }
  }

  private func damaged(_ problem: String) -> DataError {
    DataError(
      .badData, path: path, problem: "the ZIP archive can't be read: \(problem)", advice: "'unzip -t' checks a file.")
  }

  /// The place of the directory's end: behind it is a comment of up to 64 KiB.
  private static func directoryEnd(_ bytes: Data) -> Int? {
    var place = bytes.count - 22
    while place >= max(0, bytes.count - 22 - 65_535) {
      if bytes[place] == 0x50, bytes.four(place) == 0x0605_4B50 { return place }
      place -= 1
    }
    return nil
  }

  /// Whether there is such a file.
  public func contains(_ name: String) -> Bool { entries[name] != nil }

  /// The bytes of a file; nil where there is none of the name.
  ///
  /// - Throws: `DataError` for what is damaged, encrypted or packed in another way.
  public func data(_ name: String) throws(DataError) -> Data? {
    guard let entry = entries[name] else { return nil }
    guard entry.flags & 1 == 0 else { throw damaged("'\(name)' is encrypted") }
    guard entry.header + 30 <= bytes.count, bytes.four(entry.header) == 0x0403_4B50 else {
      throw damaged("'\(name)' isn't where the directory says")
    }
    let start = entry.header + 30 + Int(bytes.two(entry.header + 26)) + Int(bytes.two(entry.header + 28))
    guard start + entry.compressed <= bytes.count else { throw damaged("'\(name)' is cut off") }
    let packed = bytes[start..<start + entry.compressed]
    let made: Data
    switch entry.method {
    case 0: made = Data(packed)
    case 8:
      guard let unpacked = Self.inflated(packed, size: entry.size) else { throw damaged("'\(name)' is damaged") }
      made = unpacked
    default: throw damaged("'\(name)' is packed in a way (\(entry.method)) that isn't read here")
    }
    let checksum = made.withUnsafeBytes {
      UInt32(truncatingIfNeeded: crc32(0, $0.bindMemory(to: UInt8.self).baseAddress, UInt32(made.count)))
    }
    guard made.count == entry.size, checksum == entry.checksum || made.isEmpty else {
      throw damaged("'\(name)' has another checksum than the directory says")
    }
    return made
  }

  private static func inflated(_ packed: Data, size: Int) -> Data? {
    // Nothing unpacks to more than about a thousand times its bytes: a forged size takes no memory.
    guard size <= packed.count * 1100 + 64 else { return nil }
    var stream = z_stream()
    guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    var input = [UInt8](packed)
    var output = [UInt8](repeating: 0, count: size + 1)
    let (status, count): (Int32, Int) = input.withUnsafeMutableBufferPointer { from in
      output.withUnsafeMutableBufferPointer { to in
        (stream.next_in, stream.avail_in) = (from.baseAddress, UInt32(from.count))
        (stream.next_out, stream.avail_out) = (to.baseAddress, UInt32(to.count))
        return (inflate(&stream, Z_FINISH), Int(stream.total_out))
      }
    }
    return status == Z_STREAM_END && count == size ? Data(output[..<size]) : nil
  }
}

extension Data {
  fileprivate func two(_ place: Int) -> UInt16 { UInt16(self[place]) | UInt16(self[place + 1]) << 8 }
  fileprivate func four(_ place: Int) -> UInt32 { UInt32(two(place)) | UInt32(two(place + 2)) << 16 }
}
