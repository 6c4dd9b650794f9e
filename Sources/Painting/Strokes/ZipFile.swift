import CZlib
import Documents
import Foundation

/// ZIP archives, which `.npz` and `.ora` files are.
///
/// Covered: writing and reading of stored and deflated entries. Not covered: ZIP64 (4 GiB and more), encryption.
struct ZipFile {
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

  /// Adds a file.
  ///
  /// - Parameter isStored: leaves it as it is, as OpenRaster wants of `mimetype` and as pictures that are packed already need.
  mutating func add(_ name: String, _ content: Data, isStored: Bool = false) {
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
  var data: Data {
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

  /// The files of an archive by their names.
  ///
  /// - Throws: `DataError` for what is no archive or a damaged one.
  static func read(_ path: String) throws -> [String: Data] {
    let data = try FileContents.data(of: path)
    func fail(_ problem: String) -> DataError {
      DataError(.badData, path: path, problem: problem, advice: "Make the file again.")
    }
    func value(_ place: Int, _ length: Int) throws -> Int {
      guard place >= 0, place + length <= data.count else { throw fail("the archive ends early") }
      return (0..<length).reduce(0) { $0 | Int(data[data.startIndex + place + $1]) << ($1 * 8) }
    }
    guard data.count >= 22,
      let end = (max(0, data.count - 65_557)...data.count - 22).last(where: { (try? value($0, 4)) == 0x0605_4B50 })
    else { throw fail("this is no ZIP archive, or its end is missing") }
    var place = try value(end + 16, 4)
    var files: [String: Data] = [:]
    for _ in 0..<(try value(end + 10, 2)) {
      guard try value(place, 4) == 0x0201_4B50 else { throw fail("the archive's directory is damaged") }
      let (method, stored, size) = (try value(place + 10, 2), try value(place + 20, 4), try value(place + 24, 4))
      let (nameLength, local) = (try value(place + 28, 2), try value(place + 42, 4))
      let name = String(decoding: data.dropFirst(place + 46).prefix(nameLength), as: UTF8.self)
      let start = local + 30 + (try value(local + 26, 2)) + (try value(local + 28, 2))
      guard start + stored <= data.count else { throw fail("the archive ends early") }
      let packed = data.dropFirst(start).prefix(stored)
      guard let content = method == 0 ? Data(packed) : method == 8 ? inflated(packed, size: size) : nil,
        content.count == size,
        content.withUnsafeBytes({ crc32(0, $0.bindMemory(to: UInt8.self).baseAddress, UInt32($0.count)) })
          == UInt(try value(place + 16, 4))
      else { throw fail("'\(name)' in the archive is damaged") }
      files[name] = content
      place += 46 + nameLength + (try value(place + 30, 2)) + (try value(place + 32, 2))
    }
    return files
  }

  /// The bytes without zlib's own header, as archives hold them.
  private static func deflated(_ content: Data) -> Data {
    var stream = z_stream()
    // Level 1: coverage is mostly zeros, which every level packs alike.
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

  private static func inflated(_ packed: Data, size: Int) -> Data? {
    var stream = z_stream()
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    // An entry can't unpack to more than about a thousand times its bytes: a forged size takes no memory.
    guard size <= packed.count * 1100 + 64 else { return nil }
    var result = Data(count: size)
    var input = Data(packed)
    let isWhole = input.withUnsafeMutableBytes { source in
      result.withUnsafeMutableBytes { target in
        stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(target.count)
        return inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0
      }
    }
    return isWhole ? result : nil
  }
}
