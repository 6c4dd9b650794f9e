public import Foundation

/// Writing that survives a crash: after a call returns, the bytes are on the disk under their name, and at no moment is
/// there half a file under it.
///
/// A large file is written piece by piece through a ``FileReplacement``, which this uses too.
public enum DurableFile {
  /// Writes a file under a temporary name, syncs it, renames it, and syncs the folder.
  ///
  /// - Throws: ``DataError`` of kind `inputOutput` or, where the folder isn't there, `noInput`; an older file of the name
  ///   is then as it was.
  public static func write(_ data: Data, to path: String) throws(DataError) {
    let replacement = try FileReplacement(URL(fileURLWithPath: path))
    let written: Result<Void, DataError> = data.withUnsafeBytes { bytes in
      do throws(DataError) { return .success(try replacement.append(bytes)) } catch { return .failure(error) }
    }
    try written.get()
    try replacement.commit()
  }

  /// Writes text as UTF-8; see ``write(_:to:)-(Data,_)``.
  public static func write(_ text: String, to path: String) throws(DataError) { try write(Data(text.utf8), to: path) }

  /// Renames a file or folder over another one and syncs the folder that holds it.
  package static func rename(_ source: String, to target: String) throws(DataError) {
    guard systemRename(source, target) == 0 else {
      throw DataError(errno: errno, path: target, action: "rename '\(source)' to this")
    }
    try synchronize(path: (target as NSString).deletingLastPathComponent)
  }

  /// Writes all of the data to an open file.
  package static func append(_ data: Data, to file: Int32, path: String) throws(DataError) {
    let written: Result<Void, DataError> = data.withUnsafeBytes { bytes in
      do throws(DataError) { return .success(try append(bytes, to: file, path: path)) } catch { return .failure(error) }
    }
    try written.get()
  }

  static func append(_ bytes: UnsafeRawBufferPointer, to file: Int32, path: String) throws(DataError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      // Linux writes at most 2 GiB a call, macOS refuses more.
      let count = systemWrite(file, start, min(rest.count, 1 << 30))
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno != EINTR {
        throw DataError(errno: errno, path: path, action: "write to the file")
      }
    }
  }

  /// Waits until a file's or folder's content is on the disk.
  package static func synchronize(path: String) throws(DataError) {
    let path = path.isEmpty ? "." : path
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "open this") }
    defer { close(file) }
    try synchronize(file, path: path)
  }

  /// Waits until an open file's content is on the disk.
  package static func synchronize(_ file: Int32, path: String) throws(DataError) {
    // Some file systems can't sync a folder and say EINVAL; there is nothing more to do there.
    guard fsync(file) == 0 || errno == EINVAL else {
      throw DataError(errno: errno, path: path, action: "sync this to the disk")
    }
  }
}

/// A file that appears under its name complete or not at all.
///
/// The bytes go to a hidden name in the same folder; ``commit()`` syncs them to the disk and renames. Until then an older
/// file of the name stays as it is, and a replacement that is dropped leaves nothing behind.
public final class FileReplacement {
  /// The file that will be there.
  public let url: URL
  private let temporary: String
  private var descriptor: Int32

  /// Begins a file that will replace `url`.
  ///
  /// - Throws: ``DataError`` if the folder is missing or can't be written to.
  public init(_ url: URL) throws(DataError) {
    self.url = url
    let folder = url.deletingLastPathComponent()
    temporary =
      folder.appendingPathComponent(
        ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)."
          + String(UInt64.random(in: 0...UInt64.max), radix: 36)
      ).path
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw DataError(errno: errno, path: FileContents.path(of: url), action: "write the file")
    }
  }

  deinit { discard() }

  /// Adds bytes at the end.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
    do { try DurableFile.append(bytes, to: descriptor, path: FileContents.path(of: url)) } catch {
      discard()
      throw error
    }
  }

  /// Syncs the bytes and gives the file its name; nothing can be written after that.
  public func commit() throws(DataError) {
    do { try DurableFile.synchronize(descriptor, path: FileContents.path(of: url)) } catch {
      discard()
      throw error
    }
    guard close(takeDescriptor()) == 0 else {
      let error = DataError(errno: errno, path: FileContents.path(of: url), action: "write the file")
      unlink(temporary)
      throw error
    }
    // The new name itself is only on the disk once its folder is.
    do { try DurableFile.rename(temporary, to: url.path) } catch {
      unlink(temporary)
      throw error
    }
  }

  private func takeDescriptor() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  private func discard() {
    guard descriptor >= 0 else { return }
    close(takeDescriptor())
    unlink(temporary)
  }
}

private func systemRename(_ source: String, _ target: String) -> Int32 { rename(source, target) }

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}
