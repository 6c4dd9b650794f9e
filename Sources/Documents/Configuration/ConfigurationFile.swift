import Foundation
import Yams

/// The settings in a JSON or YAML file, in the order they stand there.
///
/// A run's `run.json` is such a file, too: its `configuration` is read.
/// A mapping inside a mapping gives keys joined by dots; a list gives a setting of several values;
/// `null` gives no setting, so the command's default stays.
public struct ConfigurationFile {
  /// One key with its values as they would be written on the command line.
  public struct Setting: Sendable {
    /// The key; those of inner mappings are joined by dots.
    public var key: String
    /// The values as text, in order.
    public var values: [String]
    /// Whether the file has a list there, even of one value.
    public var isList: Bool
    /// The line of the key, counted from 1.
    public var line: Int?
  }

  /// The file, as it was named.
  public let path: String
  /// The settings, in the order of the file.
  public private(set) var settings: [Setting] = []
  /// The command of which a run's `run.json` holds the settings, such as `train sft`.
  public private(set) var command: String?

  /// Reads a file: JSON where its name ends in `.json`, else YAML.
  ///
  /// - Throws: ``DataError`` with the line where the text goes wrong.
  public init(path: String) throws {
    self.path = path
    let text = try FileContents.text(of: path)
    // JSON is read as JSON for its own error messages; its lines come from YAML, which contains it.
    if path.hasSuffix(".json") {
      let value = try JSONValue(parsing: Data(text.utf8), path: path)
      guard value.object != nil else { throw notAMapping(line: 1) }
    }
    try read(text)
  }

  private func notAMapping(line: Int?) -> DataError {
    DataError(
      .badData, path: path, line: line,
      problem: "a configuration file must hold one mapping of keys to values, "
        + "such as 'learning_rate: 3e-4'")
  }

  private mutating func read(_ text: String) throws {
    let root: Node?
    do {
      // Tabs as indentation are fine in JSON and not in YAML; between tokens they mean nothing.
      let isJSON = path.hasSuffix(".json")
      root = try Yams.compose(yaml: isJSON ? text.replacing("\t", with: " ") : text)
    } catch let error as YamlError {
      throw DataError(.badData, path: path, line: error.line, problem: error.problem)
    }
    guard let root else { return }
    guard let mapping = root.mapping else { throw notAMapping(line: root.mark?.line) }
    if let configuration = mapping["configuration"]?.mapping, let command = mapping["command"]?.string {
      self.command = command
      return try add(configuration, prefix: "")
    }
    try add(mapping, prefix: "")
  }

  private mutating func add(_ mapping: Node.Mapping, prefix: String) throws {
    for (keyNode, node) in mapping {
      guard let name = keyNode.scalar?.string else { throw notAMapping(line: keyNode.mark?.line) }
      let key = prefix + name
      let line = keyNode.mark?.line
      switch node {
      case .mapping(let inner): try add(inner, prefix: key + ".")
      case .scalar(let scalar):
        if node.null != nil { continue }
        settings.append(
          Setting(key: key, values: [scalar.string], isList: false, line: line))
      case .sequence(let elements):
        let values = try elements.map { element in
          guard let scalar = element.scalar else {
            throw DataError(
              .badData, path: path, line: element.mark?.line ?? line,
              problem: "the list '\(key)' may hold only plain values")
          }
          return scalar.string
        }
        settings.append(Setting(key: key, values: values, isList: true, line: line))
      case .alias:
        throw DataError(.badData, path: path, line: line, problem: "aliases are not supported")
      }
    }
  }
}
