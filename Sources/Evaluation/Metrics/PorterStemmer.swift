/// The Porter stemmer with the extensions of NLTK, which the `rouge-score` package stems with.
///
/// Porter, "An algorithm for suffix stripping", Program 14(3), 1980. Stems compare words, they are
/// not words: *relational* and *relate* both become *relat*. Where NLTK departs from the paper (a
/// few irregular forms, `-ied`, `-ies`, final `y`, `-alli`, `-bli`, `-fulli`, `-logi`), this does
/// as NLTK does.
struct PorterStemmer {
  /// The stem of a lowercase ASCII word.
  func stem(_ word: [UInt8]) -> [UInt8] {
    if let irregular = Self.irregular[word] { return irregular }
    guard word.count > 2 else { return word }
    var word = word
    removePlural(&word)
    removePast(&word)
    if word.last == Self.y, word.count > 2, isConsonant(word, word.count - 2) {
      word[word.count - 1] = UInt8(ascii: "i")
    }
    mapDoubleSuffix(&word)
    applyFirst(Self.thirdStep, to: &word) { measure($0) > 0 }
    removeSuffix(&word)
    removeFinalE(&word)
    if ends(word, Self.doubleL), measure(word.dropLast()) > 1 { word.removeLast() }
    return word
  }

  // MARK: the steps

  private func removePlural(_ word: inout [UInt8]) {
    if ends(word, "sses") || ends(word, "ies") && word.count != 4 {
      word.removeLast(2)
    } else if ends(word, "ies") || ends(word, "s") && !ends(word, "ss") {
      word.removeLast()
    }
  }

  private func removePast(_ word: inout [UInt8]) {
    if ends(word, "ied") {
      word.removeLast(word.count == 4 ? 1 : 2)
      return
    }
    if ends(word, "eed") {
      if measure(word.dropLast(3)) > 0 { word.removeLast() }
      return
    }
    guard
      let length = [("ed", 2), ("ing", 3)].first(where: {
        ends(word, $0.0) && hasVowel(word.dropLast($0.1))
      })?.1
    else { return }
    word.removeLast(length)
    let e = UInt8(ascii: "e")
    if ends(word, "at") || ends(word, "bl") || ends(word, "iz") {
      word.append(e)
    } else if endsInDoubleConsonant(word) {
      if !"lsz".utf8.contains(word[word.count - 1]) { word.removeLast() }
    } else if measure(word[...]) == 1, endsInShortSyllable(word[...]) {
      word.append(e)
    }
  }

  private func mapDoubleSuffix(_ word: inout [UInt8]) {
    if ends(word, "alli"), measure(word.dropLast(4)) > 0 {
      word.removeLast(2)
      mapDoubleSuffix(&word)
      return
    }
    for (suffix, replacement) in Self.secondStep where ends(word, suffix) {
      // NLTK measures what precedes -logi together with its l.
      let kept = suffix == "logi" ? 3 : suffix.utf8.count
      if measure(word.dropLast(kept)) > 0 { replace(&word, suffix, replacement) }
      return
    }
  }

  private func removeSuffix(_ word: inout [UInt8]) {
    for suffix in Self.fourthStep where ends(word, suffix) {
      let stem = word.dropLast(suffix.utf8.count)
      let allowed = suffix != "ion" || stem.last.map("st".utf8.contains) ?? false
      if measure(stem) > 1, allowed { word = Array(stem) }
      return
    }
  }

  private func removeFinalE(_ word: inout [UInt8]) {
    guard ends(word, "e") else { return }
    let stem = word.dropLast()
    let m = measure(stem)
    if m > 1 || m == 1 && !endsInShortSyllable(stem) { word.removeLast() }
  }

  private func applyFirst(
    _ rules: [(String, String)], to word: inout [UInt8], if condition: (ArraySlice<UInt8>) -> Bool
  ) {
    for (suffix, replacement) in rules where ends(word, suffix) {
      if condition(word.dropLast(suffix.utf8.count)) { replace(&word, suffix, replacement) }
      return
    }
  }

  private func replace(_ word: inout [UInt8], _ suffix: String, _ replacement: String) {
    word.removeLast(suffix.utf8.count)
    word.append(contentsOf: replacement.utf8)
  }

  // MARK: the paper's conditions

  private static let y = UInt8(ascii: "y")

  /// Porter's m: how often a run of vowels is followed by a consonant.
  private func measure(_ stem: ArraySlice<UInt8>) -> Int {
    var m = 0
    var wasVowel = false
    var consonant = false
    for (position, letter) in stem.enumerated() {
      consonant = isConsonant(letter, afterConsonant: position == 0 ? nil : consonant)
      if consonant, wasVowel { m += 1 }
      wasVowel = !consonant
    }
    return m
  }

  private func hasVowel(_ stem: ArraySlice<UInt8>) -> Bool {
    var consonant = false
    for (position, letter) in stem.enumerated() {
      consonant = isConsonant(letter, afterConsonant: position == 0 ? nil : consonant)
      if !consonant { return true }
    }
    return false
  }

  /// A `y` is a consonant at the start and after a vowel.
  private func isConsonant(_ letter: UInt8, afterConsonant previous: Bool?) -> Bool {
    if letter == Self.y { return !(previous ?? false) }
    return !"aeiou".utf8.contains(letter)
  }

  private func isConsonant(_ word: some RandomAccessCollection<UInt8>, _ offset: Int) -> Bool {
    var consonant: Bool?
    for letter in word.prefix(offset + 1) {
      consonant = isConsonant(letter, afterConsonant: consonant)
    }
    return consonant ?? false
  }

  private func endsInDoubleConsonant(_ word: [UInt8]) -> Bool {
    word.count >= 2 && word[word.count - 1] == word[word.count - 2]
      && isConsonant(word, word.count - 1)
  }

  /// Consonant, vowel, consonant other than w, x, y; or (NLTK) exactly vowel, consonant.
  private func endsInShortSyllable(_ stem: ArraySlice<UInt8>) -> Bool {
    let n = stem.count
    guard n >= 2, let last = stem.last, !isConsonant(stem, n - 2), isConsonant(stem, n - 1) else {
      return false
    }
    return n == 2 || isConsonant(stem, n - 3) && !"wxy".utf8.contains(last)
  }

  private func ends(_ word: [UInt8], _ suffix: String) -> Bool {
    var index = word.count
    for letter in suffix.utf8.reversed() {
      index -= 1
      guard index >= 0, word[index] == letter else { return false }
    }
    return true
  }

  // MARK: tables

  private static let doubleL = "ll"

  private static let irregular: [[UInt8]: [UInt8]] = {
    let forms = [
      "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie",
      "news": "news", "innings": "inning", "inning": "inning", "outings": "outing",
      "outing": "outing", "cannings": "canning", "canning": "canning", "howe": "howe",
      "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
    ]
    return Dictionary(uniqueKeysWithValues: forms.map { (Array($0.utf8), Array($1.utf8)) })
  }()

  private static let secondStep = [
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"),
    ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"),
    ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
    ("fulli", "ful"), ("logi", "log"),
  ]

  private static let thirdStep = [
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""),
    ("ness", ""),
  ]

  private static let fourthStep = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
  ]
}
