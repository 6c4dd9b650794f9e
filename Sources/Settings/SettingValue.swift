/// A type that a setting can have: a number, a switch, a word, a choice of words, or a list of those.
public protocol SettingValue: Sendable, Equatable, Codable {
  /// The form in which the setting is given on a command line.
  static var form: SettingForm { get }
  /// The words it can be, where there are few.
  static var choices: [String] { get }
  /// The type in words that follow "it must be".
  static var kind: String { get }
  /// The words mean, or nil if they mean nothing.
  init?(words: [String])
  /// The words that would be given for this value; none for no value.
  var words: [String] { get }
  /// Whether the value is no number, or a finite one.
  var isUsable: Bool { get }
}

/// The form in which a setting is given on a command line.
public enum SettingForm: Sendable, Equatable {
  /// A flag, `--bf16` or `--no-bf16`.
  case flag
  /// A flag with one value.
  case value
  /// A flag with any number of values.
  case list
}

extension SettingValue {
  /// One value.
  public static var form: SettingForm { .value }
  /// No such list.
  public static var choices: [String] { [] }
  /// Text.
  public static var kind: String { "text" }
  /// True of what is no number.
  public var isUsable: Bool { true }
}

extension SettingValue where Self: LosslessStringConvertible {
  /// Reads the single word.
  public init?(words: [String]) {
    guard words.count == 1 else { return nil }
    self.init(words[0])
  }
  /// The number or text itself.
  public var words: [String] { [description] }
}

extension Int: SettingValue {
  /// A whole number.
  public static var kind: String { "a whole number" }
}

extension UInt64: SettingValue {
  /// A whole number without a sign.
  public static var kind: String { "a whole number from 0 to \(max)" }
}

extension String: SettingValue {}

extension Double: SettingValue {
  /// The shortest text that is read as the same number; without a fraction where it has none.
  public var words: [String] {
    let text = description
    return [text.hasSuffix(".0") ? String(text.dropLast(2)) : text]
  }
  /// A number.
  public static var kind: String { "a number" }
  /// Whether it is finite.
  public var isUsable: Bool { isFinite }
}

extension Bool: SettingValue {
  /// A flag.
  public static var form: SettingForm { .flag }
  /// One of two words.
  public static var kind: String { "true or false" }
}

extension SettingValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  /// The cases' names.
  public static var choices: [String] { allCases.map(\.rawValue) }
  /// One of the names.
  public static var kind: String { "one of \(choices.joined(separator: ", "))" }
  /// The case of that name.
  public init?(words: [String]) {
    guard words.count == 1 else { return nil }
    self.init(rawValue: words[0])
  }
  /// The case's name.
  public var words: [String] { [rawValue] }
}

extension Optional: SettingValue where Wrapped: SettingValue {
  /// That of the value.
  public static var form: SettingForm { Wrapped.form }
  /// That of the value.
  public static var kind: String { Wrapped.kind }
  /// The value's, and `none`.
  public static var choices: [String] { Wrapped.choices.isEmpty ? [] : Wrapped.choices + ["none"] }
  /// The value, or nil where the word is `none` or there is no word.
  public init?(words: [String]) {
    if words.isEmpty || words == ["none"] {
      self = .none
    } else {
      guard let value = Wrapped(words: words) else { return nil }
      self = .some(value)
    }
  }
  /// The value's words; none for nil.
  public var words: [String] { self?.words ?? [] }
  /// That of the value.
  public var isUsable: Bool { self?.isUsable ?? true }
}

extension Array: SettingValue where Element: SettingValue {
  /// A list.
  public static var form: SettingForm { .list }
  /// The elements'.
  public static var choices: [String] { Element.choices }
  /// An element for each word.
  public init?(words: [String]) {
    self = []
    for word in words {
      guard let element = Element(words: [word]) else { return nil }
      append(element)
    }
  }
  /// The elements' words.
  public var words: [String] { flatMap(\.words) }
  /// Whether all elements are.
  public var isUsable: Bool { allSatisfy(\.isUsable) }
}
