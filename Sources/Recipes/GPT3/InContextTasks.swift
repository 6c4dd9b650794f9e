import Evaluation
package import Statistics

/// The mixture of tasks that the study of learning in context trains on, and asks about.
///
/// A document names a task and shows examples of it, as a prompt of few shots does. Half of those that follow a rule keep its name to
/// themselves, so that there is something to be learnt from examples. A fifth are GPT-3's own generated tasks, and some are passages.
package struct InContextTasks {
  /// A kind of task that is asked about.
  package enum Kind: Hashable, CaseIterable {
    case order, cipher, orderAndCipher, affix, code, translation
    case addition, subtraction, insertions, symbols
    case cipherAppend, rotatedAppend, swappedPrepend

    /// Its name in reports.
    package var name: String {
      switch self {
      case .order: "order"
      case .cipher: "cipher"
      case .orderAndCipher: "order and cipher"
      case .affix: "order and a letter more"
      case .code: "a code of the document's own"
      case .translation: "translation"
      case .addition: "two-digit addition"
      case .subtraction: "two-digit subtraction"
      case .insertions: "random insertion in word"
      case .symbols: "symbols"
      case .cipherAppend, .rotatedAppend, .swappedPrepend: family?.rawValue ?? ""
      }
    }

    /// The held-out family that it is.
    var family: StringRule.Family? {
      switch self {
      case .cipherAppend: .cipherAppend
      case .rotatedAppend: .rotatedAppend
      case .swappedPrepend: .swappedPrepend
      default: nil
      }
    }

    package var isHeldOut: Bool { family != nil }
    package static var heldOut: [Kind] { allCases.filter(\.isHeldOut) }

    fileprivate var generated: GeneratedTask? {
      switch self {
      case .addition: GeneratedTask(.addition(digits: 2))
      case .subtraction: GeneratedTask(.subtraction(digits: 2))
      case .insertions: GeneratedTask(.insertions)
      case .symbols: GeneratedTask(.symbols)
      default: nil
      }
    }
  }

  /// A document: its text in pieces that alternate between what is given and what is to be said.
  package struct Document: Equatable {
    package var header: String
    package var shots: [(question: String, answer: String)]

    package static func == (a: Document, b: Document) -> Bool {
      a.header == b.header && a.shots.elementsEqual(b.shots) { $0 == $1 }
    }
  }

  /// The part of all items that only tests have: those whose text has such a hash.
  private static func isForTests(_ text: String) -> Bool {
    text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 40 & 7 == 0
  }

  /// Items of the tasks that other rooms generate, of training and of tests.
  private let items: [Kind: (training: [GeneratedTask.Item], tests: [GeneratedTask.Item])]

  package init(seed: UInt64) {
    items = Dictionary(
      uniqueKeysWithValues: Kind.allCases.compactMap { kind in
        guard let task = kind.generated else { return nil }
        // There are some hundred sums of one digit among ten thousand, and no item stands twice.
        let all = task.items(count: 8000, seed: DerivedSeed(run: seed, for: kind.name).value)
        return (kind, (all.filter { !Self.isForTests($0.context) }, all.filter { Self.isForTests($0.context) }))
      })
  }

  // MARK: Documents

  /// A training document.
  package func trainingDocument(shots: Int, _ random: inout SeededGenerator) -> Document {
    let place = random.index(below: 100)
    let kind: Kind? =
      switch place {
      case ..<8: .order
      case ..<24: .cipher
      case ..<40: .orderAndCipher
      case ..<50: .affix
      case ..<76: .code
      case ..<82: .translation
      case ..<85: .addition
      case ..<87: .subtraction
      case ..<91: .insertions
      case ..<94: .symbols
      default: nil
      }
    guard let kind else {
      // Passages, which ask nothing.
      return Document(
        header: GeneratedStory.header,
        shots: (0..<1 + random.index(below: 3)).map { _ in ("", GeneratedStory.drawn(&random)) })
    }
    return document(kind, shots: shots, isTest: false, &random)
  }

  /// A document of one kind.
  ///
  /// - Parameter isTest: whether its items are those that training never has; a test always names its task.
  package func document(_ kind: Kind, shots: Int, isTest: Bool, _ random: inout SeededGenerator) -> Document {
    if let items = items[kind] {
      let own = isTest ? items.tests : items.training
      let shots = (0..<shots).map { _ in
        let item = own[random.index(below: own.count)]
        return (question: String(item.context.drop { $0 == "\n" }), answer: item.completion + "\n")
      }
      return Document(header: kind == .insertions ? "Please unscramble the letters into a word:\n" : "", shots: shots)
    }
    if kind == .translation {
      let language = GeneratedLanguage.all[random.index(below: GeneratedLanguage.all.count)]
      return Document(
        header: "translate to \(language.name):\n",
        shots: (0..<shots).map { _ in
          let sentence = Self.drawn(isTest, &random, GeneratedLanguage.sentence) { $0.joined(separator: " ") }
          return (
            " \(sentence.joined(separator: " ")) =", " \(language.translated(sentence).joined(separator: " "))\n"
          )
        })
    }
    let rule = rule(kind, &random)
    let isNamed = isTest || random.index(below: 2) == 0
    // A document's own code is new each time: there is nothing of its items that training could have seen.
    let divides = if case .own = rule.table { false } else { true }
    return Document(
      header: (isNamed ? rule.name : "puzzle") + ":\n",
      shots: (0..<shots).map { _ in
        let text =
          divides
          ? Self.drawn(isTest, &random, { rule.text(isTest: isTest, &$0) }, StringRule.shown)
          : rule.text(isTest: isTest, &random)
        return ("\(StringRule.shown(text)) >", "\(StringRule.shown(rule.applied(to: text)))\n")
      })
  }

  /// A rule of a kind, never one that is held out unless the kind is.
  private func rule(_ kind: Kind, _ random: inout SeededGenerator) -> StringRule {
    if let family = kind.family { return .drawn(from: family, &random) }
    while true {
      var rule = StringRule()
      let orders = StringRule.Order.allCases
      if kind != .cipher { rule.order = orders[random.index(below: orders.count)] }
      switch kind {
      case .cipher, .orderAndCipher: rule.table = .named(random.index(below: StringRule.ciphers.count))
      case .code:
        if random.index(below: 2) == 0 { rule.order = .same }
        rule.table = StringRule.ownTable(&random)
      case .affix:
        let letter = random.index(below: StringRule.letters.count)
        rule.affix = random.index(below: 2) == 0 ? .append(letter) : .prepend(letter)
      default: break
      }
      if rule.heldOut == nil { return rule }
    }
  }

  private static func drawn<Item>(
    _ isTest: Bool, _ random: inout SeededGenerator, _ make: (inout SeededGenerator) -> Item,
    _ text: (Item) -> String
  ) -> Item {
    while true {
      let item = make(&random)
      // A single letter is never asked about, and training has them all.
      if isForTests(text(item)) == isTest || !isTest && text(item).count < 3 { return item }
    }
  }
}
