import Foundation

/// A file's bytes in memory, read by the system when they are touched and unmapped with the last
/// reference.
///
/// The mapping is private: what is written to it is copied page by page and never reaches the file.
package final class MappedFile: @unchecked Sendable {
  // Sendable: both are set once, and whoever writes through `bytes` owns that race like any
  // tensor's.
  package let bytes: UnsafeMutableRawBufferPointer

  package init(_ path: String) throws(SafetensorsFault) {
    // Without O_NONBLOCK a named pipe would wait for a writer for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw SafetensorsFault("can't be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw SafetensorsFault("can't be examined: \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SafetensorsFault("is not a regular file")
    }
    let size = Int(status.st_size)
    guard size > 0 else { throw SafetensorsFault("is empty") }
    let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED else {
      throw SafetensorsFault(
        "\(size) bytes can't be mapped into memory: \(String(cString: strerror(errno)))")
    }
    bytes = UnsafeMutableRawBufferPointer(start: mapped, count: size)
  }

  /// Gives the whole pages of a range back to the system, which reads them again if they are touched.
  ///
  /// What was written to them is forgotten.
  package func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = (range.lowerBound + page - 1) / page * page, end = range.upperBound / page * page
    guard start < end, let base = bytes.baseAddress else { return }
    _ = madvise(base + start, end - start, MADV_DONTNEED)
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }
}
