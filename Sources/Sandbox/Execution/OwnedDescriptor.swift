import Foundation

/// An open file that closes with the object, under a high number, and that no started process gets by accident.
final class OwnedDescriptor: Sendable {
  let number: Int32

  /// Takes a descriptor over.
  ///
  /// Low numbers are what started processes are given their own under; one in the way would be overwritten there.
  init(takingOver descriptor: Int32) throws(SandboxError) {
    number = fcntl(descriptor, F_DUPFD_CLOEXEC, 64)
    let problem = errno
    close(descriptor)
    guard number >= 0 else { throw Self.error("keep a file open", problem) }
  }

  deinit { close(number) }

  /// Both ends of a pipe.
  static func pipe() throws(SandboxError) -> (reading: OwnedDescriptor, writing: OwnedDescriptor) {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else { throw error("make a pipe", errno) }
    let reading = try OwnedDescriptor(takingOver: ends[0])
    return (reading, try OwnedDescriptor(takingOver: ends[1]))
  }

  static func error(_ action: String, _ code: Int32) -> SandboxError {
    SandboxError(.machine, "can't \(action) for a program: \(String(cString: strerror(code)).lowercased())")
  }
}

/// Bytes that a started process reads from a descriptor, in a file without a name.
struct TemporaryInput {
  let descriptor: OwnedDescriptor

  init(_ data: Data) throws(SandboxError) {
    let folder = FileManager.default.temporaryDirectory.path
    var name = Array("\(folder)/apprentice-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { throw OwnedDescriptor.error("make a file in \(folder)", errno) }
    unlink(name)
    descriptor = try OwnedDescriptor(takingOver: file)
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor.number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw OwnedDescriptor.error("write a file in \(folder)", errno) }
      rest = rest.dropFirst(count)
    }
    lseek(descriptor.number, 0, SEEK_SET)
  }
}
