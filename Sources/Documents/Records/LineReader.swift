#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads a byte stream line by line through one buffer that grows only to the longest line.
///
/// A line ends at LF or CR LF, which is not part of it. A UTF-8 byte-order mark at the start of the
/// file is dropped; text that begins with UTF-16's, as spreadsheets write it, becomes UTF-8. A line longer than ``longestLine`` is refused, so that a file without line ends
/// can't fill the memory.
package final class LineReader {
  /// The most bytes that a line may have: 1 GiB.
  package static let longestLine = 1 << 30

  package let path: String
  /// The number of the line returned last, counted from 1.
  package private(set) var line = 0
  private let stream: ByteStream
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
  private var start = 0
  private var end = 0
  private var atEnd = false
  private var wide: WideDecoder?

  /// Opens a file.
  package init(path: String) throws(DataError) {
    self.path = path
    stream = try ByteStream(path: path)
    while end < 3, !atEnd { try fill() }
    let head = UnsafeRawBufferPointer(rebasing: buffer[..<end])
    if var decoder = WideDecoder(head, path: path) {
      let text = try decoder.decode(Array(head.dropFirst(WideDecoder.markLength)), atEnd: atEnd)
      end = 0
      put(text)
      wide = decoder
      return
    }
    if let encoding = WideEncoding(head) { throw encoding.error(path: path) }
    if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
  }

  deinit { buffer.deallocate() }

  /// The next line's bytes, valid until the next call; nil at the end of the file.
  ///
  /// With `keepingEnd` the line end is part of the bytes, as it stands in the file.
  package func next(keepingEnd: Bool = false) throws(DataError) -> UnsafeRawBufferPointer? {
    var searched = 0
    while true {
      if let base = buffer.baseAddress,
        let found = memchr(base + start + searched, 0x0A, end - start - searched)
      {
        let lineEnd = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        return take(from: start, to: lineEnd, resumingAt: lineEnd + 1, keepingEnd: keepingEnd)
      }
      searched = end - start
      if atEnd {
        guard searched > 0 else { return nil }
        return take(from: start, to: end, resumingAt: end, keepingEnd: keepingEnd)
      }
      guard searched < Self.longestLine else {
        throw DataError(
          .badData, path: path, line: line + 1, problem: "the line is longer than 1 GiB",
          advice: "Check that the file is text with one record a line.")
      }
      try fill()
    }
  }

  private func take(
    from first: Int, to last: Int, resumingAt next: Int, keepingEnd: Bool
  ) -> UnsafeRawBufferPointer {
    line += 1
    start = next
    var last = last
    if keepingEnd {
      last = next
    } else if last > first, buffer[last - 1] == 0x0D {
      last -= 1
    }
    return UnsafeRawBufferPointer(rebasing: buffer[first..<last])
  }

  /// Makes room and reads more; the bytes not yet returned move to the buffer's start.
  private func fill() throws(DataError) {
    if start > 0, let base = buffer.baseAddress {
      memmove(base, base + start, end - start)
      end -= start
      start = 0
    }
    if end == buffer.count { grow(to: buffer.count * 2) }
    if wide != nil {
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
      defer { piece.deallocate() }
      let count = try stream.read(into: piece)
      if count == 0 { atEnd = true }
      put(try wide?.decode(piece.prefix(count), atEnd: atEnd) ?? [])
      return
    }
    let count = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    if count == 0 { atEnd = true }
    end += count
  }

  private func put(_ bytes: [UInt8]) {
    if buffer.count < end + bytes.count { grow(to: max(buffer.count * 2, end + bytes.count)) }
    UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyBytes(from: bytes)
    end += bytes.count
  }

  private func grow(to size: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }
}
