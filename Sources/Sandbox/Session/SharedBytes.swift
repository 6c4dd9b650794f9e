import Foundation

/// Memory of this process that a ``SandboxSession``'s program sees too, under descriptor 5, and can't change.
///
/// It is a file without a name, mapped here for writing; the program gets it opened for reading, to map it or to read it.
public final class SharedBytes {
  /// The bytes, 0 at first.
  public let bytes: UnsafeMutableRawBufferPointer
  /// The file as the program gets it.
  let shown: OwnedDescriptor

  /// Memory of a size.
  ///
  /// - Throws: ``SandboxError`` where the machine has none left.
  public init(count: Int) throws(SandboxError) {
    let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let path = "\(folder)/apprentice-\(UUID().uuidString)"
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw OwnedDescriptor.error("make shared memory in \(folder)", errno) }
    let other = open(path, O_RDONLY | O_CLOEXEC)
    let problem = errno
    unlink(path)
    defer { close(file) }
    guard other >= 0 else { throw OwnedDescriptor.error("open shared memory in \(folder)", problem) }
    shown = try OwnedDescriptor(takingOver: other)
    guard ftruncate(file, off_t(count)) == 0 else { throw OwnedDescriptor.error("make shared memory", errno) }
    let memory = mmap(nil, max(1, count), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let memory, memory != MAP_FAILED else { throw OwnedDescriptor.error("map shared memory", errno) }
    bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
  }

  deinit { munmap(bytes.baseAddress, max(1, bytes.count)) }
}
