import ArgumentParser
import Tokenization
import Training

extension ParsableArguments {
  /// All settings of the parsed command under their keys, defaults included: what a run folder
  /// keeps, and what `--config` reads back.
  ///
  /// The names are those of the properties in snake case, so a property is named as its flag is.
  var settings: [String: JSONValue] {
    var settings: [String: JSONValue] = [:]
    for child in Mirror(reflecting: self).children {
      guard let label = child.label, let wrapper = child.value as? any SettingWrapper else {
        continue
      }
      if let group = wrapper.settingValue as? any ParsableArguments {
        settings.merge(group.settings) { own, _ in own }
      } else {
        let name = label.hasPrefix("_") ? String(label.dropFirst()) : label
        settings[name.inSnakeCase] = JSONValue(setting: wrapper.settingValue)
      }
    }
    // Where the settings came from and how the result is printed is no part of them.
    for key in ["config", "json"] { settings[key] = nil }
    return settings
  }
}

/// A property wrapper of ArgumentParser whose value can be read without knowing its type.
private protocol SettingWrapper {
  var settingValue: Any { get }
}

extension Option: SettingWrapper {
  fileprivate var settingValue: Any { wrappedValue }
}

extension Flag: SettingWrapper {
  fileprivate var settingValue: Any { wrappedValue }
}

extension Argument: SettingWrapper {
  fileprivate var settingValue: Any { wrappedValue }
}

extension OptionGroup: SettingWrapper {
  fileprivate var settingValue: Any { wrappedValue }
}

extension JSONValue {
  fileprivate init(setting: Any) {
    switch setting {
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .int(value)
    case let value as any BinaryInteger: self = Int(exactly: value).map { .int($0) } ?? .null
    case let value as Double: self = .double(value)
    case let value as Float: self = Double("\(value)").map { .double($0) } ?? .null
    case let value as String: self = .string(value)
    case let value as any RawRepresentable<String>: self = .string(value.rawValue)
    default:
      let mirror = Mirror(reflecting: setting)
      switch mirror.displayStyle {
      case .optional: self = mirror.children.first.map { JSONValue(setting: $0.value) } ?? .null
      case .collection: self = .array(mirror.children.map { JSONValue(setting: $0.value) })
      default: self = .string(String(describing: setting))
      }
    }
  }
}

extension String {
  /// `learningRate` as `learning_rate`.
  fileprivate var inSnakeCase: String {
    reduce(into: "") { name, character in
      if character.isUppercase { name += "_" }
      name += character.lowercased()
    }
  }
}
