import Statistics

/// A language that nobody speaks: words of its own for a few of English, and an order of its own.
struct GeneratedLanguage {
  /// Its name.
  let name: String
  private let words: [String: String]
  private let order: [Int]

  private static let adjectives = ["old", "small", "red", "quiet", "tall", "blind", "lucky", "grey"]
  private static let nouns = ["dog", "king", "tree", "ship", "nurse", "bird", "clown", "wolf", "smith", "queen"]
  private static let verbs = ["sees", "likes", "helps", "finds", "hears", "draws", "hides", "calls"]

  /// The languages that there are, the same in every run.
  ///
  /// There are many, so that a dictionary of one is known less well than examples show it.
  static let all: [GeneratedLanguage] = """
    Bova Kelda Mirin Tosk Arun Belsi Cavo Dunai Embla Fenno Garu Hesk Ilmo Jora Kumi Lanta Morva Nesti Oruk Pelas Quvi Rasko Selu \
    Tamari Ulda Venn Wurro Xanti Yoldi Zemna Aspo Brindi Colta Dravo Elsum Firno Golsa Hurim Istra Jelko
    """.split(separator: " ").enumerated().map { number, name in
      var random = SeededGenerator(seed: 900 + UInt64(number))
      return GeneratedLanguage(
        name: String(name), order: [0, 1, 2, 3].shuffled(using: &random), seed: 500 + UInt64(number))
    }

  private init(name: String, order: [Int], seed: UInt64) {
    (self.name, self.order) = (name, order)
    var random = SeededGenerator(seed: seed)
    var taken: Set<String> = []
    var words: [String: String] = [:]
    for word in Self.adjectives + Self.nouns + Self.verbs {
      var own = ""
      repeat {
        own = (0..<2).map { _ in
          "\(Array("bdfgklmnprstvz")[random.index(below: 14)])\(Array("aeiou")[random.index(below: 5)])"
        }.joined()
      } while !taken.insert(own).inserted
      words[word] = own
    }
    self.words = words
  }

  /// A sentence of four words.
  static func sentence(_ random: inout SeededGenerator) -> [String] {
    [adjectives, nouns, verbs, nouns].map { $0[random.index(below: $0.count)] }
  }

  /// A sentence in this language.
  func translated(_ sentence: [String]) -> [String] {
    order.map { words[sentence[$0]] ?? "" }
  }
}
