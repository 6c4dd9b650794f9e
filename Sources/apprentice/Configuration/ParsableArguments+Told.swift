import ArgumentParser
import Documents
import Settings

/// Options that say themselves what they were told, because reflection would find only their declarations.
protocol ToldSettings {
  /// The values under their keys.
  var told: [String: JSONValue] { get throws }
}

extension DeclaredSettings {
  /// The settings under their keys.
  var members: [String: JSONValue] {
    get throws {
      guard case .object(let object) = try JSONValue(encoding: self) else { return [:] }
      return Dictionary(object.members.map { ($0.key, $0.value) }) { $1 }
    }
  }
}

extension ParsableArguments {
  /// Everything that the command was told, under the keys of configuration files; what was left out has its default.
  ///
  /// Read from the parsed command itself, so that an option can't be forgotten. `--config` is not among it, since what it
  /// brought is, and neither is `--run`, which says where and not what.
  var configurationTold: [String: JSONValue] {
    get throws {
      var told: [String: JSONValue] = [:]
      for child in Mirror(reflecting: self).children {
        guard let label = child.label else { continue }
        if let group = child.value as? any ToldGroup {
          told.merge(try group.configurationTold) { $1 }
        } else if let option = child.value as? any ToldOption, let value = option.toldValue {
          told[label.drop { $0 == "_" }.snakeCase] = value
        }
      }
      for key in ["config", "run", "json"] { told[key] = nil }
      return told
    }
  }
}

private protocol ToldGroup {
  var configurationTold: [String: JSONValue] { get throws }
}

extension OptionGroup: ToldGroup {
  fileprivate var configurationTold: [String: JSONValue] {
    get throws { try (wrappedValue as? any ToldSettings)?.told ?? wrappedValue.configurationTold }
  }
}

private protocol ToldOption {
  var toldValue: JSONValue? { get }
}

extension Option: ToldOption {
  fileprivate var toldValue: JSONValue? { JSONValue(told: wrappedValue) }
}

extension Flag: ToldOption {
  fileprivate var toldValue: JSONValue? { JSONValue(told: wrappedValue) }
}

extension JSONValue {
  /// The value of an option.
  fileprivate init?(told value: Any) {
    switch value {
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .int(value)
    case let value as UInt64: self = Int(exactly: value).map { .int($0) } ?? .string(String(value))
    case let value as Double: self = .double(value)
    case let value as String: self = .string(value)
    case let value as [Any]: self = .array(value.compactMap { JSONValue(told: $0) })
    case let value as any RawRepresentable<String>: self = .string(value.rawValue)
    case Optional<Any>.none: self = .null
    default: return nil
    }
  }
}

extension Substring {
  /// `answerColumn` as `answer_column`.
  fileprivate var snakeCase: String {
    reduce(into: "") { text, letter in
      if letter.isUppercase { text += "_" }
      text += letter.lowercased()
    }
  }
}
