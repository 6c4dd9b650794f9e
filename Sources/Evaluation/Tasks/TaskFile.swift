public import Documents
import Foundation

/// A task's settings as its YAML file has them, what it includes merged in.
///
/// The files of lm-evaluation-harness are read as they are. Keys of the file itself win over those that it includes, later includes
/// over earlier ones. Errors name the file and line in which a key stands.
public struct TaskFile: Sendable {
  /// The file, as it was named.
  public let path: String
  /// The settings, in the order of the harness: what is included comes first.
  public internal(set) var settings: JSONObject
  /// The file in which each key stands.
  private var origins: [String: StructuredFile]

  /// Reads a file and what it includes.
  ///
  /// - Throws: `DataError` for what can't be read, and where files include each other in a circle.
  public init(path: String) throws(DataError) { try self.init(path: path, including: []) }

  private init(path: String, including parents: [String]) throws(DataError) {
    self.path = path
    let place = URL(fileURLWithPath: path).standardizedFileURL.path
    guard !parents.contains(place) else {
      throw DataError(
        .badData, path: path, problem: "the file includes itself, by way of \(parents.joined(separator: ", "))")
    }
    let file = try StructuredFile(path: path, keepingTags: true)
    let own = try file.fields().members
    (settings, origins) = (JSONObject(), [:])
    let includes: [JSONValue] = own["include"].map { $0.array ?? [$0] } ?? []
    for include in includes {
      guard let name = include.string else {
        throw file.error(at: [.key("include")], "include must be the name of a file, or a list of them")
      }
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      let target = name.hasPrefix("/") ? name : folder.appendingPathComponent(name).path
      let included = try TaskFile(path: target, including: parents + [place])
      for (key, value) in included.settings.members where key != "task_list" {
        settings[key] = value
        origins[key] = included.origins[key]
      }
    }
    for (key, value) in own.members where key != "include" {
      settings[key] = value
      origins[key] = file
    }
  }

  /// The same file with some settings replaced, as groups and lists of tasks do.
  public func replacing(_ others: JSONObject) -> TaskFile {
    var made = self
    for (key, value) in others.members { made.settings[key] = value }
    return made
  }

  /// An error at a key, with the file and line where it stands.
  public func error(at key: String, _ problem: String, advice: String? = nil) -> DataError {
    guard let origin = origins[key] else {
      return DataError(.badData, path: path, problem: "\(key): \(problem)", advice: advice)
    }
    return origin.error(at: [.key(key)], "\(key): \(problem)", advice: advice)
  }
}

extension JSONValue {
  /// The Python function that a value of a task file names, `utils.process_docs` of `!function utils.process_docs`.
  var pythonFunction: String? {
    guard let members = object?.members, members.count == 1, members[0].key == "!function" else { return nil }
    return members[0].value.string
  }
}
