import Documents
import Statistics
import Expressions
import Testing
import Tokenization

/// The hand-written scanners cut text where their regular expressions do.
@Suite struct SplitPatternTests {
  /// Every string of up to five of these characters, one or more of each class that the patterns tell
  /// apart, cut by the scanner and by PCRE2.
  @Test(arguments: SplitPattern.allCases)
  func scannerEqualsExpression(pattern: SplitPattern) throws {
    let expression = try PCREPattern(oniguruma: pattern.regularExpression)
    let alphabet = ["s", "L", "e", "'", " ", "\n", "\t", "1", "!", "é", "\u{A0}", "ſ", "²"]
    var checked = 0
    func check(_ text: String) {
      var text = text
      let agrees = text.withUTF8 { bytes in
        var expected: [Range<Int>] = []
        expression.forEachMatch(in: bytes) { expected.append($0) }
        return pattern.split(bytes) == expected
      }
      #expect(agrees, "\(text.debugDescription)")
      checked += 1
    }
    func extend(_ text: String, by count: Int) {
      check(text)
      if count == 0 { return }
      for character in alphabet { extend(text + character, by: count - 1) }
    }
    extend("", by: 4)
    #expect(checked == 1 + 13 + 169 + 2_197 + 28_561)
    for contraction in ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'LL", "'Re", "'ſ"] {
      for around in ["", "a", " ", "'", "1", "\n"] {
        for after in ["", "a", " ", "'", "1", "e"] { check(around + contraction + after) }
      }
    }
  }

  @Test func wordsCoverTheTextWithoutGaps() throws {
    var generator = SeededGenerator(seed: 5)
    for pattern in SplitPattern.allCases {
      for _ in 0..<300 {
        let bytes = (0..<60).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let words = bytes.withUnsafeBufferPointer { pattern.split($0) }
        #expect(words.first?.lowerBound == 0)
        #expect(words.last?.upperBound == bytes.count)
        #expect(zip(words, words.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(words.allSatisfy { !$0.isEmpty })
      }
    }
  }

  /// Letters, numbers and spaces are those of the `tokenizers` library, code point by code point.
  @Test(arguments: ["letter", "number", "space"])
  func classesEqual(name: String) throws {
    let runs = (try Golden.json("classes.json")[name]?.array ?? []).compactMap(\.int)
    let wanted: ScalarClass = name == "letter" ? .letter : name == "number" ? .number : .space
    var expected = Set<Int>()
    for index in stride(from: 0, to: runs.count, by: 2) {
      expected.formUnion(runs[index]...runs[index + 1])
    }
    var different: [String] = []
    for value in UInt32(0)..<0x11_0000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      if ScalarClass.of(scalar).contains(wanted) != expected.contains(Int(value)) {
        different.append(String(value, radix: 16))
      }
    }
    #expect(different.isEmpty)
  }
}
