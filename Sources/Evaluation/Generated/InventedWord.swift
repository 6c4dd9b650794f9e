import Statistics

/// A word that nobody knows, with what it means: the prompt of GPT-3's test of new words.
struct InventedWord {
  let item: GeneratedTask.Item

  private static let onsets = [
    "b", "br", "d", "dr", "f", "fl", "g", "gl", "k", "kr", "m", "n", "p", "pl", "s", "sn", "t", "v", "w", "y", "z",
  ]
  private static let vowels = ["a", "e", "i", "o", "u", "ee", "oo", "ai"]
  private static let codas = ["b", "ck", "d", "ff", "g", "l", "m", "n", "p", "rt", "sk", "t", "x", "zz"]
  private static let kinds: [(what: String, example: String)] = [
    ("a small tool for opening nuts", "My grandmother cracked the walnuts with a WORD."),
    ("a kind of soft, round bread", "We bought a warm WORD from the baker this morning."),
    ("a large drum that is played with both hands", "He hit the WORD so hard that the windows shook."),
    ("a coat that keeps out the wind", "She put on her WORD before she walked to the shore."),
    ("a cart with one wheel", "They pushed the stones up the hill in a WORD."),
    ("a purple vegetable with a hard skin", "You have to boil a WORD for an hour before it is soft."),
    ("a game that is played with seven stones", "The children played WORD until it was dark."),
    ("a house that stands on poles", "From the door of the WORD we looked down on the river."),
  ]

  init(_ random: inout SeededGenerator) {
    func pick(_ list: [String]) -> String { list[random.index(below: list.count)] }
    let syllables = 1 + random.index(below: 2)
    let word = (0..<syllables).map { _ in pick(Self.onsets) + pick(Self.vowels) }.joined() + pick(Self.codas)
    let kind = Self.kinds[random.index(below: Self.kinds.count)]
    item = GeneratedTask.Item(
      context: "A \"\(word)\" is \(kind.what). An example of a sentence that uses the word \(word) is:",
      completion: " " + kind.example.split(separator: "WORD", omittingEmptySubsequences: false).joined(separator: word))
  }
}

/// A code of symbols for letters: words are written in it, and read back from it.
///
/// Each item shows the code's own key, so that it can be solved from the text alone.
struct SymbolCode {
  private let letters: [Character]
  private let symbols: [Character]

  init(_ random: inout SeededGenerator) {
    let all = Array("abcdefghijklmnoprstuvw").shuffled(using: &random)
    letters = Array(all.prefix(4))
    symbols = Array(Array("#@&%$~^+=").shuffled(using: &random).prefix(4))
  }

  func item(_ random: inout SeededGenerator) -> GeneratedTask.Item {
    let key = zip(letters, symbols).map { "\($0) = \($1)" }.joined(separator: ", ")
    let word = (0..<3 + random.index(below: 3)).map { _ in random.index(below: letters.count) }
    return GeneratedTask.Item(
      context: "\n\n\(key)\n\(word.map { String(letters[$0]) }.joined(separator: " ")) =",
      completion: " " + word.map { String(symbols[$0]) }.joined(separator: " "))
  }
}
