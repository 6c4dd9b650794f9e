/// A struct of settings, each declared once by ``Setting``.
///
/// The declarations give it reading and writing under their keys (as `Codable`, so as JSON too), a check of every value, and
/// a table for the documentation; the command line makes its flags from them.
public protocol DeclaredSettings: Sendable, Equatable, Codable {
  /// The defaults.
  init()

  /// Completes and checks what depends on several settings at once, when some were given by a user.
  ///
  /// - Parameter given: the keys that were given; the others have their defaults.
  /// - Throws: ``SettingError`` for a combination that makes no sense.
  mutating func settle(given: Set<String>) throws(SettingError)
}

extension DeclaredSettings {
  /// Nothing depends on several settings.
  public mutating func settle(given: Set<String>) throws(SettingError) {}

  /// The declarations in their order, with the present values.
  public var declarations: [any SettingDeclaration] { stored }

  private var stored: [any StoredSetting] {
    Mirror(reflecting: self).children.compactMap { $0.value as? any StoredSetting }
  }

  /// These settings with some replaced by words from a command line, checked, under their keys.
  ///
  /// - Throws: ``SettingError``, naming the key.
  public func replacing(_ given: [String: [String]]) throws(SettingError) -> Self {
    var made = Self()
    for (new, old) in zip(made.stored, stored) {
      new.take(from: old)
      if let words = given[new.key] { try new.take(words) }
    }
    try made.settle(given: Set(given.keys))
    return made
  }

  /// Throws if a value lies outside of its setting's bounds.
  public func validate() throws(SettingError) {
    for setting in stored { try setting.validate() }
  }

  /// Reads settings; those that are not there keep their defaults.
  public init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: SettingKey.self)
    for setting in stored { try setting.decode(from: container) }
  }

  /// Writes all settings under their keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SettingKey.self)
    for setting in stored { try setting.encode(to: &container) }
  }

  /// A table of the settings in Markdown: key, default, valid values and meaning.
  public var table: String {
    let rows = declarations.map { setting in
      let words = setting.words.joined(separator: " ")
      let valid =
        setting.choices.isEmpty ? setting.range ?? "" : setting.choices.map { "`\($0)`" }.joined(separator: ", ")
      return "| `\(setting.key)` | \(words.isEmpty ? "none" : "`\(words)`") | \(valid) | \(setting.help) |"
    }
    return (["| setting | default | values | meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n")
  }
}
