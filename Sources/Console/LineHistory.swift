import Documents
public import Foundation

/// The lines that somebody typed at other times, kept in a file that only they can read.
///
/// Each line of the file is a JSON string, so that what was pasted over several lines comes back as it was. Several programs may
/// write at once: each adds what was typed to the end. A file that can't be read or written is no reason not to talk, so
/// nothing here throws.
public struct LineHistory: Sendable {
  /// The file.
  public let path: String
  private let most: Int

  /// The history in a file, which needn't be there.
  ///
  /// - Parameter most: the most lines that are read; when the file holds twice as many, the older ones are dropped.
  public init(path: String, most: Int = LineEditor.mostHistory) {
    self.path = path.expandingHome
    self.most = most
  }

  /// The history of a command by its usual place, `$XDG_STATE_HOME/apprentice/NAME-history`, or under `~/.local/state`.
  ///
  /// - Returns: nil where `APPRENTICE_HISTORY` is set and empty, by which nothing is kept; set to a path it names another folder.
  public static func usual(of name: String, environment: [String: String] = ProcessInfo.processInfo.environment)
    -> LineHistory?
  {
    func given(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if environment["APPRENTICE_HISTORY"]?.isEmpty == true { return nil }
    let folder =
      given("APPRENTICE_HISTORY")
      ?? (given("XDG_STATE_HOME") ?? given("HOME").map { "\($0)/.local/state" }).map { "\($0)/apprentice" }
    return folder.map { LineHistory(path: "\($0)/\(name)-history") }
  }

  /// The lines, oldest first.
  public func lines() -> [String] {
    // A history that somebody grew to gigabytes isn't worth the wait.
    guard let data = try? FileContents.data(of: path), data.count < 1 << 26 else { return [] }
    let all = data.split(separator: UInt8(ascii: "\n")).compactMap { (try? JSONValue(parsing: Array($0)))?.string }
    let kept = Array(all.suffix(most))
    if all.count > 2 * most {
      let text = kept.map { JSONValue.string($0).serialized() + "\n" }.joined()
      if (try? DurableFile.write(text, to: path)) != nil { chmod(path, 0o600) }
    }
    return kept
  }

  /// Adds a line.
  public func append(_ line: String) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // One call, so that lines of two programs don't mix.
    let bytes = Array((JSONValue.string(line).serialized() + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
  }
}
