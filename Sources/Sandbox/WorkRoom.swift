import Foundation

/// The places of a run's files: inside bubblewrap they are made with the sandbox, elsewhere they are a temporary folder.
struct WorkRoom {
  /// The folder in which the program may write, as the program sees it.
  let scratch: String
  private let isTemporary: Bool

  init(_ isolation: Isolation) throws(SandboxError) {
    isTemporary = isolation != .bubblewrap
    guard isTemporary else {
      scratch = Bubblewrap.scratch
      return
    }
    scratch = FileManager.default.temporaryDirectory.path + "/apprentice-run-\(UUID().uuidString)"
    guard mkdir(scratch, 0o700) == 0 else { throw OwnedDescriptor.error("make the folder \(scratch)", errno) }
  }

  /// The path of a file, as the program sees it.
  func place(of name: String) -> String { "\(isTemporary ? scratch : Bubblewrap.programFolder)/\(name)" }

  /// Puts a file into the folder.
  func write(_ content: Data, to name: String) throws(SandboxError) {
    guard FileManager.default.createFile(atPath: place(of: name), contents: content) else {
      throw SandboxError(.machine, "can't write \(place(of: name))")
    }
  }

  /// Removes the folder with all that the program has left in it.
  func remove() { if isTemporary { try? FileManager.default.removeItem(atPath: scratch) } }
}
