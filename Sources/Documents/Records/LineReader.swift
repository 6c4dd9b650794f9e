#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads a byte stream line by line through one buffer that grows only to the longest line.
///
/// A line ends at LF or CR LF, which is not part of it. A UTF-8 byte-order mark at the start of the
/// file is dropped. A line longer than ``longestLine`` is refused, so that a file without line ends
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

  /// Opens a file.
  package init(path: String) throws(DataError) {
    self.path = path
    stream = try ByteStream(path: path)
    while end < 3, !atEnd { try fill() }
    let head = UnsafeRawBufferPointer(rebasing: buffer[..<end])
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
    if end == buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
      buffer.deallocate()
      buffer = larger
    }
    let count = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    if count == 0 { atEnd = true }
    end += count
  }
}
