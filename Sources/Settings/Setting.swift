/// A setting, declared once: its key, its default, its valid values and its help text.
///
/// ```swift
/// struct PPOSettings: DeclaredSettings {
///   @Setting("kl_coef", .atLeast(0), "beta", "The KL penalty's coefficient.")
///   var klCoefficient = 0.05
/// }
/// ```
/// From this line come the flag `--kl-coef` with its help, the key `kl_coef` of configuration files and of a run's
/// `run.json`, and the row of the documentation's table. Assigning to the property in a program is not checked at once:
/// ``DeclaredSettings/validate()`` checks all of them, and a training run begins with it.
@propertyWrapper
public struct Setting<Value: SettingValue>: Sendable {
  /// The key in files; with hyphens, the flag.
  public let key: String
  /// Other spellings that mean the same.
  public let aliases: [String]
  /// The value in one word, as it stands behind the flag in a help screen.
  public let valueName: String
  /// The help text: a sentence on what the setting does.
  public let help: String
  /// The values it may have.
  public let bounds: Bounds<Value>
  private var storage: Storage

  /// Declares a setting; the property's initial value is its default.
  public init(
    wrappedValue: Value, _ key: String, _ bounds: Bounds<Value> = .any, _ valueName: String = "", _ help: String,
    aliases: [String] = []
  ) {
    self.key = key
    self.aliases = aliases
    self.valueName = valueName
    self.help = help
    self.bounds = bounds
    storage = Storage(wrappedValue)
  }

  /// The value.
  public var wrappedValue: Value {
    get { storage.value }
    set { storage = Storage(newValue) }
  }

  /// A value that is only ever replaced in settings that were just made and that nobody else has seen: reflection finds the
  /// declarations of a struct, and can't write to its properties.
  private final class Storage: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
  }
}

/// A declared setting of any type.
public protocol SettingDeclaration: Sendable {
  /// The key in files.
  var key: String { get }
  /// Other spellings that mean the same.
  var aliases: [String] { get }
  /// The value in one word.
  var valueName: String { get }
  /// The help text.
  var help: String { get }
  /// The form in which it is given on a command line.
  var form: SettingForm { get }
  /// The words it can be, where there are few.
  var choices: [String] { get }
  /// The valid values in words, where not every value is one.
  var range: String? { get }
  /// The words that would be given for the present value.
  var words: [String] { get }
  /// Throws if the words can't be a value of the setting.
  func check(_ words: [String]) throws(SettingError)
}

/// The part of a declaration that only this room uses.
protocol StoredSetting: SettingDeclaration {
  /// Takes the words' value; the settings must be new (``Setting``).
  func take(_ words: [String]) throws(SettingError)
  /// Takes the value of another settings' declaration of the same property.
  func take(from other: any StoredSetting)
  func decode(from container: KeyedDecodingContainer<SettingKey>) throws
  func encode(to container: inout KeyedEncodingContainer<SettingKey>) throws
  func validate() throws(SettingError)
}

extension Setting: StoredSetting {
  /// That of the value's type.
  public var form: SettingForm { Value.form }
  /// Those of the value's type.
  public var choices: [String] { Value.choices }
  /// The bounds' words.
  public var range: String? { bounds.words }
  /// The value's words.
  public var words: [String] { wrappedValue.words }

  /// Throws if the words can't be a value of the setting.
  public func check(_ words: [String]) throws(SettingError) { _ = try value(of: words) }

  private func value(of words: [String]) throws(SettingError) -> Value {
    guard let value = Value(words: words) else {
      let range = choices.isEmpty ? range.map { ", \($0)" } : nil
      throw SettingError(
        key: key, value: words.joined(separator: " "), problem: "it must be \(Value.kind)\(range ?? "")")
    }
    if let problem = bounds.problem(with: value) {
      throw SettingError(key: key, value: words.joined(separator: " "), problem: problem)
    }
    return value
  }

  func take(_ words: [String]) throws(SettingError) { storage.value = try value(of: words) }

  func take(from other: any StoredSetting) {
    if let other = other as? Setting<Value> { storage.value = other.wrappedValue }
  }

  func decode(from container: KeyedDecodingContainer<SettingKey>) throws {
    for name in [key] + aliases where container.contains(SettingKey(name)) {
      storage.value = try container.decode(Value.self, forKey: SettingKey(name))
    }
  }

  func encode(to container: inout KeyedEncodingContainer<SettingKey>) throws {
    try container.encode(wrappedValue, forKey: SettingKey(key))
  }

  func validate() throws(SettingError) {
    if let problem = bounds.problem(with: wrappedValue) {
      throw SettingError(key: key, value: words.joined(separator: " "), problem: problem)
    }
  }
}

extension Setting: Equatable {
  /// Compares the values.
  public static func == (a: Setting, b: Setting) -> Bool { a.wrappedValue == b.wrappedValue }
}

/// A key of any name.
struct SettingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
