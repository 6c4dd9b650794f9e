import Documents
import Foundation

/// Keeps a second process out of a folder for as long as the object lives.
///
/// The lock is the kernel's and ends with the process, however it ends.
final class FolderLock: Sendable {
  private let file: Int32

  init(_ folder: String) throws {
    let path = folder + "/.lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "open the lock") }
    // A child that this process is just starting holds a copy of an old lock's descriptor until it runs its program.
    var tries = 0
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK, tries < 20 {
        tries += 1
        usleep(25_000)
        continue
      }
      let isTaken = errno == EWOULDBLOCK
      close(file)
      // A file system without locks (some network ones) is no reason not to train.
      guard isTaken else {
        self.file = -1
        return
      }
      throw RunFolderError(
        path: folder,
        problem: "another process is writing to this run. Wait for it, or choose another --run.")
    }
    self.file = file
  }

  deinit {
    if file >= 0 { close(file) }
  }
}
