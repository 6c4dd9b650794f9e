import CZlib
public import Foundation

/// A ZIP archive in the making (APPNOTE 6.3.9), as `.npz`, `.ora` and `.bk2` files are; ``ZipArchive`` reads them.
///
/// Not covered: ZIP64 (4 GiB and more), encryption.
public struct ZipWriter {
  private struct Entry {
    var name: String
    var method: UInt16
    var checksum: UInt32
    var size: UInt32
    var stored: UInt32
    var offset: UInt32
  }

  private var entries: [Entry] = []
  private var bytes = Data()

  /// An archive without a file.
  public init() {}

  /// Adds a file.
  ///
  /// - Parameter isStored: leaves it as it is, as OpenRaster wants of `mimetype` and as pictures that are packed already need.
  public mutating func add(_ name: String, _ content: Data, isStored: Bool = false) {
    let packed = isStored ? content : Self.deflated(content)
    let checksum = content.withUnsafeBytes { crc32(0, $0.bindMemory(to: UInt8.self).baseAddress, UInt32($0.count)) }
    let entry = Entry(
      name: name, method: isStored ? 0 : 8, checksum: UInt32(truncatingIfNeeded: checksum), size: UInt32(content.count),
      stored: UInt32(packed.count), offset: UInt32(bytes.count))
    entries.append(entry)
    bytes.append(Self.number(0x0403_4B50) + Self.head(entry))
    bytes.append(contentsOf: name.utf8)
    bytes.append(packed)
  }

  /// The whole archive.
  public var data: Data {
    var result = bytes
    for entry in entries {
      result.append(Self.number(0x0201_4B50) + Self.short(20) + Self.head(entry))
      result.append(Self.short(0) + Self.short(0) + Self.short(0) + Self.number(0) + Self.number(entry.offset))
      result.append(contentsOf: entry.name.utf8)
    }
    let size = UInt32(result.count - bytes.count)
    let count = Self.short(UInt16(entries.count))
    result.append(Self.number(0x0605_4B50) + Self.short(0) + Self.short(0) + count + count)
    result.append(Self.number(size) + Self.number(UInt32(bytes.count)) + Self.short(0))
    return result
  }

  /// What both headers of an entry have: version, flags, method, a date (1 January 1980), sizes, the lengths of name and extra.
  private static func head(_ entry: Entry) -> Data {
    short(20) + short(0) + short(entry.method) + short(0) + short(0x21) + number(entry.checksum) + number(entry.stored)
      + number(entry.size) + short(UInt16(entry.name.utf8.count)) + short(0)
  }

  private static func short(_ value: UInt16) -> Data { Data([UInt8(value & 255), UInt8(value >> 8)]) }

  private static func number(_ value: UInt32) -> Data {
    Data((0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }

  /// The bytes without zlib's own header, as archives hold them.
  private static func deflated(_ content: Data) -> Data {
    var stream = z_stream()
    // Level 1: what is written here is mostly zeros, which every level packs alike.
    deflateInit2_(&stream, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var result = Data(count: Int(deflateBound(&stream, UInt(content.count))))
    let room = result.count
    var input = content
    let length = input.withUnsafeMutableBytes { source in
      result.withUnsafeMutableBytes { target in
        stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(room)
        let status = deflate(&stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "zlib could not compress (\(status))")
        return room - Int(stream.avail_out)
      }
    }
    return result.prefix(length)
  }
}
