import Foundation

/// Writing that survives a crash: after a call returns, the bytes are on the disk under their name,
/// and at no moment is there half a file under it.
enum DurableFile {
  /// Writes a file under a temporary name, syncs it, renames it, and syncs the folder.
  static func write(_ data: Data, to path: String) throws(DataError) {
    let temporary = "\(path).partial-\(getpid())"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "write the file") }
    do {
      try append(data, to: file, path: path)
      try synchronize(file, path: path)
    } catch {
      close(file)
      unlink(temporary)
      throw error
    }
    close(file)
    try rename(temporary, to: path)
  }

  /// Renames a file or folder over another one and syncs the folder that holds it.
  static func rename(_ source: String, to target: String) throws(DataError) {
    guard systemRename(source, target) == 0 else {
      throw DataError(errno: errno, path: target, action: "rename '\(source)' to this")
    }
    try synchronize(path: (target as NSString).deletingLastPathComponent)
  }

  /// Writes all of the data to an open file.
  static func append(_ data: Data, to file: Int32, path: String) throws(DataError) {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw DataError(errno: errno, path: path, action: "write to the file")
      }
    }
  }

  /// Waits until a file's or folder's content is on the disk.
  static func synchronize(path: String) throws(DataError) {
    let path = path.isEmpty ? "." : path
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "open this") }
    defer { close(file) }
    try synchronize(file, path: path)
  }

  /// Waits until an open file's content is on the disk.
  static func synchronize(_ file: Int32, path: String) throws(DataError) {
    // Some file systems can't sync a folder and say EINVAL; there is nothing more to do there.
    guard fsync(file) == 0 || errno == EINVAL else {
      throw DataError(errno: errno, path: path, action: "sync this to the disk")
    }
  }
}

private func systemRename(_ source: String, _ target: String) -> Int32 { rename(source, target) }

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
