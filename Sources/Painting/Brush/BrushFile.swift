import Documents
import Foundation

/// A MyPaint brush as its file describes it.
///
/// ```swift
/// let brush = try BrushFile(named: "charcoal")          // of the installed sets, classic first
/// let other = try BrushFile(named: "tanda/charcoal-01")
/// let own = try BrushFile(named: "my/brush.myb")
/// ```
public struct BrushFile: Sendable, Equatable {
  /// The name under which it was found, such as `classic/charcoal`, or the path of a file.
  public let name: String
  /// The file.
  public let path: String
  /// The file's content: JSON, or the older form of version 1.
  let content: String

  /// The brush of a name or a path.
  ///
  /// - Throws: ``PaintingError`` that names the nearest brushes, or `DataError` where the file can't be read.
  public init(named name: String) throws {
    if name.hasSuffix(".myb") {
      self = try BrushFile(name: name, path: name)
      return
    }
    let all = Self.installed()
    guard !all.isEmpty else {
      throw PaintingError(
        "there are no MyPaint brushes in \(Self.folders.joined(separator: ", ")). Install them "
          + "(apt-get install mypaint-brushes), or name a .myb file.", .unavailable)
    }
    if let found = all.first(where: { $0.name == name || $0.name.hasSuffix("/" + name) }) {
      self = try BrushFile(name: found.name, path: found.path)
      return
    }
    let short = all.map { $0.name.split(separator: "/").last.map(String.init) ?? $0.name }
    let alike = all.map(\.name).filter { $0.localizedCaseInsensitiveContains(name) }.prefix(6)
    let nearest = short.nearest(to: name)
    let advice =
      alike.isEmpty
      ? nearest.map { "Did you mean '\($0)'? " } ?? "" : "There are \(alike.joined(separator: ", ")). "
    throw PaintingError(
      "there is no brush '\(name)'. \(advice)'apprentice strokes brushes' lists all \(all.count).", .noInput)
  }

  private init(name: String, path: String) throws {
    self.name = name
    self.path = path
    content = try FileContents.text(of: path)
    let head = content.drop { $0.isWhitespace }
    guard head.hasPrefix("{") else {
      throw DataError(
        .badData, path: path, problem: "this is no MyPaint brush: its content isn't a JSON object",
        advice: "Give a .myb file of version 3.")
    }
  }

  /// The folders that brushes are looked for in; those of MyPaint 1 come first, as those of 2 are made for its pigments.
  static let folders: [String] = {
    let own = NSHomeDirectory() + "/.local/share/mypaint/brushes"
    let shared = ["/usr/share", "/usr/local/share", "/opt/homebrew/share"]
    return [own] + shared.flatMap { ["\($0)/mypaint-data/1.0/brushes", "\($0)/mypaint-data/2.0/brushes"] }
  }()

  /// All installed brushes, `set/name`, each under its first folder; the set `classic` before others.
  public static func installed() -> [(name: String, path: String)] {
    var found: [(name: String, path: String)] = []
    var seen: Set<String> = []
    for folder in folders {
      let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
      for file in names.sorted() where file.hasSuffix(".myb") {
        let name = String(file.dropLast(4))
        if seen.insert(name).inserted { found.append((name, "\(folder)/\(file)")) }
      }
    }
    return found.filter { $0.name.hasPrefix("classic/") } + found.filter { !$0.name.hasPrefix("classic/") }
  }
}
