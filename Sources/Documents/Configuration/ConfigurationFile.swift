import Foundation

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

  /// Reads a file, as ``StructuredFile`` does.
  ///
  /// - Throws: ``DataError`` with the line where the text goes wrong.
  public init(path: String) throws(DataError) {
    self.path = path
    let data = try FileContents.data(of: path)
    // A file without a setting changes nothing.
    guard data.contains(where: { $0 > 0x20 }) else { return }
    let file = try StructuredFile(data: data, path: path)
    if file.value.isNull { return }
    if let configuration = file.value["configuration"]?.object, let command = file.value["command"]?.string {
      self.command = command
      try add(configuration, at: [.key("configuration")], below: "", in: file)
      return
    }
    guard let object = file.value.object else {
      throw file.error(
        at: [], "a configuration file must hold one mapping of keys to values, such as 'learning_rate: 3e-4'")
    }
    try add(object, at: [], below: "", in: file)
  }

  private mutating func add(
    _ object: JSONObject, at place: [ValueStep], below prefix: String, in file: StructuredFile
  ) throws(DataError) {
    var seen: Set<String> = []
    for (name, value) in object.members {
      let steps = place + [.key(name)]
      let key = prefix + name
      guard seen.insert(name).inserted else { throw file.error(at: steps, "the key '\(key)' stands there twice") }
      switch value {
      case .null: continue
      case .object(let inner): try add(inner, at: steps, below: key + ".", in: file)
      case .array(let list):
        var words: [String] = []
        for (index, element) in list.enumerated() {
          guard let word = Self.word(element, at: steps + [.index(index)], in: file) else {
            throw file.error(at: steps + [.index(index)], "the list '\(key)' may hold only plain values")
          }
          words.append(word)
        }
        settings.append(Setting(key: key, values: words, isList: true, line: file.line(of: steps)))
      default:
        guard let word = Self.word(value, at: steps, in: file) else { continue }
        settings.append(Setting(key: key, values: [word], isList: false, line: file.line(of: steps)))
      }
    }
  }

  /// A plain value as it would be written on the command line.
  private static func word(_ value: JSONValue, at steps: [ValueStep], in file: StructuredFile) -> String? {
    switch value {
    case .object, .array: nil
    case .string(let text): text
    case .null: ""
    case .bool, .int, .double: file.text(at: steps) ?? value.serialized()
    }
  }
}
