import CZlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The bytes of a file from start to end, decompressed on the way if it is gzip.
///
/// Whether a file is gzip is told by its first two bytes, not by its name, so a misnamed file is
/// read as what it is. Files of several gzip members (as `cat a.gz b.gz` makes them) are read whole. `-` is standard input.
final class ByteStream {
  let path: String
  private let descriptor: Int32
  private var inflater: Inflater?
  private var pending: ArraySlice<UInt8> = []

  init(path: String) throws(DataError) {
    self.path = path
    // Opening /dev/stdin anew fails where it is a socket; a second descriptor does not.
    descriptor =
      path == FileContents.standardInput ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw DataError(errno: errno, path: path, action: "open the file")
    }
    let head = UnsafeMutableRawBufferPointer.allocate(byteCount: 2, alignment: 1)
    defer { head.deallocate() }
    var filled = 0
    while filled < 2 {
      let count = try readRaw(into: UnsafeMutableRawBufferPointer(rebasing: head[filled...]))
      if count == 0 { break }
      filled += count
    }
    pending = Array(head[..<filled])[...]
    if filled == 2, head[0] == 0x1F, head[1] == 0x8B { inflater = try Inflater(path: path) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills the start of `buffer` and returns how many bytes it wrote; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    guard let inflater else { return try readPlain(into: buffer) }
    return try inflater.read(into: buffer) { input throws(DataError) in
      try readPlain(into: input)
    }
  }

  private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    guard pending.isEmpty else {
      let count = min(pending.count, buffer.count)
      buffer.copyBytes(from: pending.prefix(count))
      pending = pending.dropFirst(count)
      return count
    }
    return try readRaw(into: buffer)
  }

  private func readRaw(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    while true {
      let count = systemRead(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw DataError(errno: errno, path: path, action: "read the file") }
    }
  }
}

/// `read(2)` under a name that a method called `read` doesn't hide.
private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, buffer, count)
}

/// Streaming gzip decompression through zlib.
private final class Inflater {
  private let path: String
  // zlib keeps a pointer to the stream inside its state, so the stream must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var insideMember = true

  init(path: String) throws(DataError) {
    self.path = path
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw DataError(.inputOutput, path: path, problem: "zlib could not start (\(status))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  func read(
    into output: UnsafeMutableRawBufferPointer,
    refill: (UnsafeMutableRawBufferPointer) throws(DataError) -> Int
  ) throws(DataError) -> Int {
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(output.count)
    while stream.pointee.avail_out == UInt32(output.count) {
      if stream.pointee.avail_in == 0 {
        let count = try refill(input)
        if count == 0 {
          guard !insideMember else {
            throw DataError(
              .badData, path: path, problem: "the gzip file is cut off",
              advice: "Fetch or write it again; 'gzip -t' checks a file.")
          }
          return 0
        }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
      }
      if !insideMember {
        inflateReset(stream)
        insideMember = true
      }
      let status = inflate(stream, Z_NO_FLUSH)
      switch status {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: insideMember = false
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(status)"
        throw DataError(
          .badData, path: path, problem: "the gzip file is damaged: \(reason)",
          advice: "Fetch or write it again; 'gzip -t' checks a file.")
      }
    }
    return output.count - Int(stream.pointee.avail_out)
  }
}
