public import Foundation

/// A file that appears under its name complete or not at all.
///
/// The bytes go to a hidden name in the same folder; ``commit()`` syncs them to the disk and
/// renames. Until then an older file of the name stays as it is, and a replacement that is dropped
/// leaves nothing behind.
public final class FileReplacement {
  /// The file that will be there.
  public let url: URL
  private let temporary: String
  private var descriptor: Int32

  /// Begins a file that will replace `url`.
  ///
  /// - Throws: ``FileReplacementError`` if the folder is missing or can't be written to.
  public init(_ url: URL) throws {
    self.url = url
    let folder = url.deletingLastPathComponent()
    temporary =
      folder.appendingPathComponent(
        ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)."
          + String(UInt64.random(in: 0...UInt64.max), radix: 36)
      ).path
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileReplacementError(url, "created", errno) }
  }

  deinit { discard() }

  /// Adds bytes at the end.
  public func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      // Linux writes at most 2 GiB a call, macOS refuses more.
      let written = write(descriptor, start, min(rest.count, 1 << 30))
      if written < 0 {
        if errno == EINTR { continue }
        let error = FileReplacementError(url, "written", errno)
        discard()
        throw error
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Syncs the bytes and gives the file its name; nothing can be written after that.
  public func commit() throws {
    let folder = url.deletingLastPathComponent()
    guard fsync(descriptor) == 0, close(takeDescriptor()) == 0 else {
      let error = FileReplacementError(url, "synced", errno)
      discard()
      throw error
    }
    guard rename(temporary, url.path) == 0 else {
      let error = FileReplacementError(url, "renamed", errno)
      unlink(temporary)
      throw error
    }
    // The new name itself is only on the disk once its folder is.
    let directory = open(folder.path, O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
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

/// Why a file could not be written; whatever was there before still is.
public struct FileReplacementError: Error, CustomStringConvertible, Equatable, Sendable {
  /// The file.
  public var file: String
  /// The system's error number, such as `ENOSPC`.
  public var code: Int32
  /// What could not be done.
  public var message: String

  init(_ url: URL, _ step: String, _ code: Int32) {
    file = url.path
    self.code = code
    let reason = String(cString: strerror(code))
    message =
      switch code {
      case ENOSPC, EDQUOT, EFBIG:
        "the disk is full (\(reason)): free some space and try again; nothing was changed"
      default: "can't be \(step): \(reason)"
      }
  }

  /// One line with the file and the reason.
  public var description: String { "\(file): \(message)" }
}
