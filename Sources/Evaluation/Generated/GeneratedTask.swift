public import Documents
import Statistics

/// The tasks that GPT-3 was asked and whose items a program makes (Brown 2020): arithmetic, scrambled words, new words, symbols.
///
/// The items have the published files' form: `context` and `completion`.
///
/// ```swift
/// let items = GeneratedTask(.addition(digits: 2)).items(count: 100, seed: 1)
/// print(items[0].context, items[0].completion)   // "\n\nQ: What is 98 plus 45?\n\nA:"  " 143"
/// ```
public struct GeneratedTask: Sendable {
  /// What an item asks.
  public enum Kind: Sendable, Equatable {
    /// The sum of two numbers of up to so many digits.
    case addition(digits: Int)
    /// The difference.
    case subtraction(digits: Int)
    /// The product of two numbers of up to two digits.
    case multiplication
    /// A composite of three one-digit numbers.
    case threeOperations
    /// The sum of a number's digits.
    case sumOfDigits
    /// A word whose letters were moved around in a circle.
    case cycledLetters
    /// A word whose inner letters were shuffled, all but the first and last so many.
    case anagram(kept: Int)
    /// A word with a mark or space after each letter.
    case insertions
    /// A word backwards.
    case reversedWord
    /// A word that nobody knows, explained, to be used in a sentence.
    case novelWord
    /// A text with its letters replaced by symbols, to be gone on with by the rule of the examples before it.
    case symbols
  }

  /// The name that task files give as `dataset_path`.
  static let path = "apprentice/generated"

  /// The names that task files give as `dataset_name`, which are those of the published files where there are such.
  public static let kinds: [(name: String, kind: Kind)] =
    zip(["two", "three", "four", "five", "six"], 2...6).flatMap { word, digits in
      [
        ("\(word)_digit_addition", Kind.addition(digits: digits)),
        ("\(word)_digit_subtraction", .subtraction(digits: digits)),
      ]
    } + [
      ("two_digit_multiplication", .multiplication), ("single_digit_three_ops", .threeOperations),
      ("sum_of_digits", .sumOfDigits), ("cycle_letters_in_word", .cycledLetters),
      ("mid_word_1_anagrams", .anagram(kept: 1)),
      ("mid_word_2_anagrams", .anagram(kept: 2)), ("random_insertion_in_word", .insertions),
      ("reversed_words", .reversedWord), ("novel_words", .novelWord), ("symbols", .symbols),
    ]

  /// An item.
  public struct Item: Sendable, Equatable {
    /// What the model reads.
    public var context: String
    /// What should follow.
    public var completion: String

    /// An item.
    public init(context: String, completion: String) { (self.context, self.completion) = (context, completion) }

    /// As a record of a data set.
    public var record: JSONObject { ["context": .string(context), "completion": .string(completion)] }
  }

  /// What an item asks.
  public let kind: Kind
  /// The words that are scrambled.
  public var words: [String]
  private var seed: UInt64 = 1
  private var count = 2_000

  /// A task.
  ///
  /// - Parameter words: what is scrambled; words of its own unless given.
  public init(_ kind: Kind, words: [String] = WordList.common) {
    self.kind = kind
    self.words = words
  }

  /// The task of a file whose `dataset_path` is `apprentice/generated`, a split of its own for each name of one.
  init(_ file: TaskFile, split: String) throws(DataError) {
    let name = file.settings["dataset_name"]?.string ?? ""
    guard let kind = Self.kinds.first(where: { $0.name == name })?.kind else {
      throw file.error(
        at: "dataset_name", Self.kinds.map(\.name).problem(ofUnknownKey: name, called: name),
        advice: "The tasks are \(Self.kinds.map(\.name).joined(separator: ", ")).")
    }
    self.init(kind)
    let settings = file.settings["dataset_kwargs"]
    count = settings?["count"]?.int ?? count
    seed = UInt64(clamping: settings?["seed"]?.int ?? 1)
    // Splits differ in their items.
    for byte in split.utf8 { seed = seed &* 31 &+ UInt64(byte) }
  }

  func documents() -> [JSONObject] { items(count: count, seed: seed).map(\.record) }

  /// Items, none twice as long as there are others.
  public func items(count: Int, seed: UInt64) -> [Item] {
    var random = SeededGenerator(seed: seed)
    var seen: Set<String> = []
    var items: [Item] = []
    var misses = 0
    while items.count < count {
      let item = item(&random)
      if !seen.insert(item.context).inserted, misses < 100 * count {
        misses += 1
        continue
      }
      items.append(item)
    }
    return items
  }

  private func item(_ random: inout SeededGenerator) -> Item {
    func number(_ digits: Int) -> Int { random.index(below: Int((0..<digits).reduce(1) { value, _ in value * 10 })) }
    func asked(_ question: String, _ answer: Int) -> Item {
      Item(context: "\n\nQ: What is \(question)?\n\nA:", completion: " \(answer)")
    }
    switch kind {
    case .addition(let digits):
      let (a, b) = (number(digits), number(digits))
      return asked("\(a) plus \(b)", a + b)
    case .subtraction(let digits):
      let (a, b) = (number(digits), number(digits))
      return asked("\(a) minus \(b)", a - b)
    case .multiplication:
      let (a, b) = (number(2), number(2))
      return asked("\(a) times \(b)", a * b)
    case .threeOperations: return threeOperations(&random)
    case .sumOfDigits:
      let value = 1000 + random.index(below: 9000)
      return asked(
        "the sum of the digits of the number \(value)", "\(value)".reduce(0) { $0 + ($1.wholeNumberValue ?? 0) })
    case .cycledLetters, .anagram, .insertions, .reversedWord: return scrambled(&random)
    case .novelWord: return InventedWord(&random).item
    case .symbols: return SymbolCode(&random).item(&random)
    }
  }

  private func threeOperations(_ random: inout SeededGenerator) -> Item {
    let values = (0..<3).map { _ in 1 + random.index(below: 9) }
    let signs = (0..<2).map { _ in ["+", "-", "*"][random.index(below: 3)] }
    func result(_ a: Int, _ sign: String, _ b: Int) -> Int { sign == "+" ? a + b : sign == "-" ? a - b : a * b }
    // The parentheses are around the first two, or the last two.
    let isFirst = random.index(below: 2) == 0
    let text =
      isFirst
      ? "(\(values[0]) \(signs[0]) \(values[1])) \(signs[1]) \(values[2])"
      : "\(values[0]) \(signs[0]) (\(values[1]) \(signs[1]) \(values[2]))"
    let value =
      isFirst
      ? result(result(values[0], signs[0], values[1]), signs[1], values[2])
      : result(values[0], signs[0], result(values[1], signs[1], values[2]))
    return Item(context: "\n\nQ: What is \(text)?\n\nA:", completion: " \(value)")
  }

  private func scrambled(_ random: inout SeededGenerator) -> Item {
    let fitting = words.filter { (4...15).contains($0.count) }
    while true {
      let word = fitting[random.index(below: fitting.count)]
      let letters = Array(word)
      var made = letters
      switch kind {
      case .cycledLetters:
        let shift = 1 + random.index(below: letters.count - 1)
        made = Array(letters[shift...] + letters[..<shift])
      case .anagram(let kept):
        guard letters.count > 2 * kept + 1 else { continue }
        made = Array(
          letters[..<kept] + letters[kept..<letters.count - kept].shuffled(using: &random)
            + letters[(letters.count - kept)...])
      case .insertions:
        made = letters.enumerated().flatMap { place, letter in
          place == letters.count - 1 ? [letter] : [letter, Array(" .,!?/")[random.index(below: 6)]]
        }
      default: made = letters.reversed()
      }
      // A scramble that leaves the word as it is asks nothing.
      if made == letters { continue }
      return Item(context: "\n\(String(made)) =", completion: " \(word)")
    }
  }
}
