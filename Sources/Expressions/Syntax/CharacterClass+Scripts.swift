extension CharacterClass {
  /// The letters of a script, as people name them in a class.
  public struct Script: Sendable {
    /// The script's name, which is also its name in `\p{…}`.
    public let name: String
    /// The classes that people write, narrow ones first; the last holds all letters.
    public let classes: [CharacterClass]

    /// All letters of the script.
    public var letters: CharacterClass { classes.last ?? .none }

    fileprivate init(_ name: String, _ classes: [[ClosedRange<UInt32>]]) {
      self.name = name
      self.classes = classes.map { CharacterClass(ranges: $0) }
    }
  }

  /// Scripts beyond ASCII's letters; where one has cases, lower ones come first, then upper ones, then both.
  ///
  /// They are blocks of letters, a few unassigned places included, because that is what people write: `[а-яё]`, `[一-鿿]`.
  public static let scripts = [
    Script(
      "Latin",
      [[0x41...0x5A, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x17F]]),
    Script(
      "Cyrillic",
      [
        [0x430...0x44F, 0x451...0x451], [0x401...0x401, 0x410...0x42F], [0x401...0x401, 0x410...0x44F, 0x451...0x451],
        [0x430...0x45F, 0x491...0x491], [0x400...0x4FF],
      ]),
    Script("Greek", [[0x3AC...0x3CE], [0x386...0x3AB], [0x386...0x3CE]]),
    Script("Armenian", [[0x561...0x587], [0x531...0x556], [0x531...0x556, 0x561...0x587]]),
    Script("Hebrew", [[0x5D0...0x5EA]]),
    Script("Arabic", [[0x620...0x64A]]),
    Script("Devanagari", [[0x900...0x963]]),
    Script("Thai", [[0xE01...0xE3A, 0xE40...0xE4E]]),
    Script("Georgian", [[0x10D0...0x10FF]]),
    Script("Hiragana", [[0x3041...0x3096]]),
    Script("Katakana", [[0x30A1...0x30FA, 0x30FC...0x30FC]]),
    Script("Han", [[0x4E00...0x9FFF]]),
    Script("Hangul", [[0xAC00...0xD7A3]]),
  ]
}
