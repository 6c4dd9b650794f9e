internal import Expressions

/// The classes that the examples suggest: those of which every kind of character was seen.
///
/// Where no tab was seen nobody writes `[\t ]`, and where no `a` to `f` was, nobody writes `[0-9A-F]`.
struct CandidateClasses: Sendable {
  /// The named classes that are worth trying, narrow ones first.
  let named: [CharacterClass]

  /// Classes that the examples suggest.
  init(_ examples: some Sequence<[UInt32]>) {
    let seen = CharacterClass(examples.joined())
    func holds(_ parts: CharacterClass...) -> Bool { parts.allSatisfy { !$0.isDisjoint(with: seen) } }
    let lowerHex = CharacterClass(of: "abcdef")
    let upperHex = CharacterClass(of: "ABCDEF")
    named =
      CharacterClass.named.filter { members in
        switch members {
        case .blank: holds(CharacterClass(of: "\t"))
        case .lowerHexadecimal: holds(.digit, lowerHex)
        case .upperHexadecimal: holds(.digit, upperHex)
        case .hexadecimal: holds(.digit, lowerHex, upperHex)
        case .lowerAlphanumeric: holds(.digit, .lower)
        case .upperAlphanumeric: holds(.digit, .upper)
        case .letter: holds(.lower, .upper)
        case .alphanumeric: holds(.digit, .letter)
        case .punctuation: seen.intersection(.punctuation).asciiMembers.count > 3
        case .word: holds(CharacterClass(of: "_"))
        default: true
        }
      } + CharacterClass.scripts.flatMap(\.classes).filter { !$0.subtracting(Self.ascii).isDisjoint(with: seen) }
  }

  private static let ascii = CharacterClass(low: .max, high: .max)

  /// The classes for a part in which these characters were seen: the named ones that hold them, the kinds that they are of
  /// with the marks as they are, and, where they are few, just them.
  func holding(_ seen: CharacterClass) -> [CharacterClass] {
    let marks = seen.intersection(.punctuation).asciiMembers.count
    var classes = named.filter { $0.isSuperset(of: seen) && ($0 != .punctuation || marks > 3) }
    if let kinds = Self.kinds(of: seen), !classes.contains(kinds) { classes.append(kinds) }
    if seen.asciiMembers.count + seen.countBeyondASCII <= 12, !classes.contains(seen) { classes.append(seen) }
    return classes
  }

  /// The kinds of characters that were seen, whole, with at most five marks; nil where there are more.
  static func kinds(of seen: CharacterClass) -> CharacterClass? {
    var whole = CharacterClass.none
    for kind in [CharacterClass.digit, .lower, .upper] where !kind.isDisjoint(with: seen) { whole = whole.union(kind) }
    let beyond = seen.subtracting(ascii)
    for script in CharacterClass.scripts where !beyond.isDisjoint(with: script.letters) {
      let letters = seen.intersection(script.letters)
      whole = whole.union(script.classes.first { $0.isSuperset(of: letters) } ?? script.letters)
    }
    let marks = seen.subtracting(whole)
    return marks.asciiMembers.count + marks.countBeyondASCII <= 5 ? whole.union(marks) : nil
  }
}
