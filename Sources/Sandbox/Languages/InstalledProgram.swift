import Foundation

/// A program of this machine, at a path that a sandbox can show.
struct InstalledProgram {
  /// The path to start it by.
  let path: String
  /// The folder that holds it and what belongs to it, where that isn't `/usr`.
  let folder: String?

  /// The first of some programs that is there: the system's own before those of the path, since wrappers in a home folder would
  /// find nothing in a sandbox.
  init?(anyOf names: [String]) {
    let search =
      ["/usr/bin", "/usr/local/bin", "/bin"]
      + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let candidates = names.flatMap { name in name.hasPrefix("/") ? [name] : search.map { "\($0)/\(name)" } }
    guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
    path = Self.followed(found)
    let parts = path.split(separator: "/")
    // A toolchain's `usr/bin/swiftc` needs `usr/lib` beside it.
    folder = parts.first == "usr" || parts.count < 3 ? nil : "/" + parts.dropLast(2).joined(separator: "/")
  }

  /// The path behind links that keep the name; a compiler knows by its name what it is to be.
  private static func followed(_ path: String) -> String {
    var path = path
    for _ in 0..<8 {
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
      let folder = (path as NSString).deletingLastPathComponent
      let next = target.hasPrefix("/") ? target : (folder as NSString).appendingPathComponent(target)
      guard (next as NSString).lastPathComponent == (path as NSString).lastPathComponent else { break }
      path = (next as NSString).standardizingPath
    }
    let folder = (path as NSString).deletingLastPathComponent
    guard let real = realpath(folder, nil) else { return path }
    defer { free(real) }
    return String(cString: real) + "/" + (path as NSString).lastPathComponent
  }
}
