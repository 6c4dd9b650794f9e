import Foundation

/// The commit that is checked out, read from git's own files: no process is started for it.
enum GitRevision {
  /// The commit of the repository that holds `folder`, or nil outside of one.
  static func current(from folder: String) -> String? {
    var folder = URL(fileURLWithPath: folder).standardizedFileURL
    while true {
      let dot = folder.appendingPathComponent(".git")
      if FileManager.default.fileExists(atPath: dot.path) { return revision(at: dot) }
      let parent = folder.deletingLastPathComponent()
      guard parent.path != folder.path else { return nil }
      folder = parent
    }
  }

  private static func revision(at dot: URL) -> String? {
    var repository = dot
    // In a linked work tree `.git` is a file that names the folder.
    if let link = text(of: dot), link.hasPrefix("gitdir: ") {
      repository = URL(
        fileURLWithPath: String(link.dropFirst("gitdir: ".count)),
        relativeTo: dot.deletingLastPathComponent())
    }
    guard let head = text(of: repository.appendingPathComponent("HEAD")) else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let reference = String(head.dropFirst("ref: ".count))
    var shared = repository
    if let common = text(of: repository.appendingPathComponent("commondir")) {
      shared = URL(fileURLWithPath: common, relativeTo: repository)
    }
    if let hash = text(of: shared.appendingPathComponent(reference)) { return hash }
    let packed = text(of: shared.appendingPathComponent("packed-refs")) ?? ""
    return packed.split(separator: "\n").first { $0.hasSuffix(" " + reference) }
      .map { String($0.prefix { $0 != " " }) }
  }

  private static func text(of file: URL) -> String? {
    (try? String(contentsOf: file, encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
