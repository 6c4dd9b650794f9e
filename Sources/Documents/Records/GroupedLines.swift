import Foundation

/// A file of JSON lines that grows by whole groups of one size, so that a run which was stopped goes on: a problem's solutions, a task's
/// samples.
///
/// A crash can cut the last group short; that one is dropped, to be made again. Anything else that doesn't belong is refused, so that
/// what was drawn by other settings is never lost.
public final class GroupedLines<Line> {
  /// What the lines and the groups are called in errors.
  public struct Words: Sendable {
    var line: String
    var group: String

    /// Two nouns in the singular, such as `solution` and `problem`.
    public init(line: String, group: String) { (self.line, self.group) = (line, group) }
  }

  /// The whole groups so far, by name.
  public private(set) var groups: [String: [Line]] = [:]
  private let path: String
  private let names: [String]
  private let write: (Line) throws -> String

  /// Opens a file, or one that is yet to be written.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - names: of all groups, in their order.
  ///   - size: the lines of each.
  ///   - words: what errors call them.
  ///   - read: makes a line of what stands in the file, and says which group it belongs to.
  ///   - write: the opposite.
  /// - Throws: `DataError` for a file of other groups or of another size, with the line.
  public init(
    _ path: String, names: [String], size: Int, words: Words, read: (JSONValue) throws -> (group: String, line: Line),
    write: @escaping (Line) throws -> JSONValue
  ) throws {
    self.path = path
    self.names = names
    self.write = { try write($0).serialized(ascii: true) + "\n" }
    guard FileManager.default.fileExists(atPath: path) else { return }
    let known = Set(names)
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let lines = data.split(separator: UInt8(ascii: "\n"))
    let isCut = data.last != UInt8(ascii: "\n") && !data.isEmpty
    var last = ""
    for (number, text) in lines.enumerated() {
      guard let value = try? JSONValue(parsing: Array(text)), let (group, line) = try? read(value) else {
        // Only the last line can be cut short.
        if number == lines.count - 1, isCut { break }
        throw DataError(
          .badData, path: path, line: number + 1, problem: "this is no \(words.line) as they are written here",
          advice: "Move the file away to draw the \(words.line)s anew.")
      }
      guard known.contains(group) else {
        let near = known.nearest(to: group).map { "; the nearest one is '\($0)'" } ?? ""
        throw DataError(
          .badData, path: path, line: number + 1, problem: "there is no \(words.group) '\(group)'\(near)",
          advice: "The \(words.group)s must be those that the \(words.line)s were drawn for.")
      }
      groups[group, default: []].append(line)
      last = group
    }
    let isUnfinished = (groups[last]?.count ?? size) < size
    if isUnfinished { groups[last] = nil }
    if let (name, own) = groups.first(where: { $0.value.count != size }) {
      throw DataError(
        .badData, path: path,
        problem: "there are \(own.count) \(words.line)s of '\(name)' and \(size) are to be drawn",
        advice: "Give another file or folder for other settings.")
    }
    if isUnfinished || isCut { try writeInOrder() }
  }

  /// Adds whole groups and waits until they are on the disk.
  public func append(_ added: [(name: String, lines: [Line])]) throws {
    if !FileManager.default.fileExists(atPath: path) { try DurableFile.write("", to: path) }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(try added.flatMap(\.lines).map(write).joined().utf8))
    try handle.synchronize()
    for (name, lines) in added { groups[name] = lines }
  }

  /// Writes the file anew, its groups in the order of the names.
  public func writeInOrder() throws {
    try DurableFile.write(names.flatMap { groups[$0] ?? [] }.map(write).joined(), to: path)
  }
}
