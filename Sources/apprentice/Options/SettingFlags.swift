import ArgumentParser
import Documents
import Settings

/// The flags of declared settings: made from their declarations, read back into new settings.
///
/// ArgumentParser finds a command's flags by reflection over its property wrappers, and hands their values out through a
/// keyed decoder. A type that shows such wrappers in its `customMirror` and decodes them under the same names can have flags
/// that nobody wrote down a second time.
enum SettingFlags {
  /// A property of the name `key`, for a `customMirror`, for each declaration.
  static func children(of settings: any DeclaredSettings) -> [Mirror.Child] {
    settings.declarations.map { (label: $0.key, value: flag(for: $0)) }
  }

  private static func flag(for setting: any SettingDeclaration) -> Any {
    let name = NameSpecification(([setting.key] + setting.aliases).map { .customLong($0.asFlag) })
    let help = ArgumentHelp(
      help(of: setting), valueName: setting.valueName.isEmpty ? nil : setting.valueName)
    let completion = setting.choices.isEmpty ? nil : CompletionKind.list(setting.choices)
    let checked: @Sendable (String) throws -> String = { word in
      do throws(SettingError) { try setting.check([word]) } catch { throw ValidationError("\(error.problem).") }
      return word
    }
    switch setting.form {
    case .flag: return Flag<Bool?>(name: name, inversion: .prefixedNo, help: help)
    case .value: return Option<String?>(name: name, help: help, completion: completion, transform: checked)
    case .list:
      return Option<[String]>(
        wrappedValue: [], name: name, parsing: .upToNextOption, help: help, completion: completion, transform: checked)
    }
  }

  private static func help(of setting: any SettingDeclaration) -> String {
    noted(
      setting.help, range: setting.choices.isEmpty ? setting.range : nil, choices: setting.choices,
      words: setting.form == .flag && setting.words == ["false"] ? [] : setting.words)
  }

  /// A help text with the values that may be given and the default behind it.
  static func noted(_ help: String, range: String?, choices: [String] = [], words: [String]) -> String {
    var notes = range.map { [$0] } ?? []
    if !choices.isEmpty { notes.append("values: \(choices.joined(separator: ", "))") }
    if !words.isEmpty { notes.append("default: \(words.joined(separator: " "))") }
    return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
  }

  /// The words that were given for each key.
  static func words(
    for settings: any DeclaredSettings, in container: KeyedDecodingContainer<OptionKey>
  ) throws -> [String: [String]] {
    var given: [String: [String]] = [:]
    for setting in settings.declarations {
      let key = OptionKey(setting.key)
      switch setting.form {
      case .flag:
        if let isOn = try container.decode(Flag<Bool?>.self, forKey: key).wrappedValue {
          given[setting.key] = ["\(isOn)"]
        }
      case .value:
        if let word = try container.decode(Option<String?>.self, forKey: key).wrappedValue {
          given[setting.key] = [word]
        }
      case .list:
        let words = try container.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !words.isEmpty { given[setting.key] = words }
      }
    }
    return given
  }

  /// The settings with what was given, or a mistake in the words of the command line.
  static func settled<Group: DeclaredSettings>(_ defaults: Group, _ given: [String: [String]]) throws -> Group {
    do throws(SettingError) { return try defaults.replacing(given) } catch {
      throw ValidationError("--\(error.key.asFlag) \(error.value): \(error.problem).")
    }
  }
}

/// The name of an option in ArgumentParser's decoder.
struct OptionKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// The flags of one struct of settings: `@OptionGroup var adapters: SettingsOptions<AdapterSettings>`.
struct SettingsOptions<Group: DeclaredSettings>: ParsableArguments, CustomReflectable {
  /// The settings.
  private(set) var settings = Group()
  private var given: [String: [String]] = [:]

  init() {}

  init(from decoder: any Swift.Decoder) throws {
    let container = try decoder.container(keyedBy: OptionKey.self)
    given = try SettingFlags.words(for: settings, in: container)
  }

  mutating func validate() throws { settings = try SettingFlags.settled(Group(), given) }

  var customMirror: Mirror { Mirror(self, children: SettingFlags.children(of: Group())) }
}

extension SettingsOptions: ToldSettings {
  var told: [String: JSONValue] { get throws { try settings.members } }
}
