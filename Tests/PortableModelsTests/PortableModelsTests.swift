import Foundation
import PortableModels
import Testing

/// Arithmetic and texts that a program and WebAssembly must have alike.
@Suite struct PortableModelsTests {
  @Test func elementaryFunctionsAreThoseOfTheCLibrary() {
    var worst = (exp: 0.0, sigmoid: 0.0, tanh: 0.0)
    for step in -8700...8700 {
      let x = Float(step) / 100
      let exact = Double(x)
      worst.exp = max(worst.exp, abs(Double(Elementary.exp(x)) / Foundation.exp(exact) - 1))
      worst.sigmoid = max(worst.sigmoid, abs(Double(Elementary.sigmoid(x)) * (1 + Foundation.exp(-exact)) - 1))
      worst.tanh = max(worst.tanh, abs(Double(Elementary.tanh(x)) - Foundation.tanh(exact)))
    }
    #expect(worst.exp < 0x1p-22 && worst.tanh < 0x1p-22)
    #expect(worst.sigmoid < 0x1p-21, "\(worst)")
    #expect(Elementary.exp(-1000) == 0 && Elementary.exp(1000) == Elementary.exp(88) && Elementary.exp(0) == 1)
    #expect(Elementary.tanh(1000) == 1 && Elementary.tanh(-1000) == -1 && Elementary.tanh(0) == 0)
  }

  private func words(_ text: String) -> [String] {
    WordText.words(of: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func textsBecomeWords() {
    #expect(words("Hey, don't STOP... now!") == ["hey", ",", "don't", "stop", "...", "now", "!"])
    #expect(words("It’s a well-known “fact”…") == ["it's", "a", "well-known", "“fact”", "..."])
    #expect(words("  \t\n ") == [] && words("") == [])
    #expect(words("'quoted' -dash- 3.5") == ["'", "quoted", "'", "-", "dash", "-", "3", ".", "5"])
    #expect(words("Ça va? مرحبا 🙂🙃") == ["Ça", "va", "?", "مرحبا", "🙂🙃"])
    #expect(words("a\u{0}b\u{7F}c") == ["a", "b", "c"])
  }

  private func joined(_ words: [String]) -> String {
    var joiner = WordText.Joiner()
    return String(decoding: words.flatMap { joiner.add(Array($0.utf8)) }, as: UTF8.self)
  }

  @Test func wordsBecomeTexts() {
    #expect(
      joined(["oh", "good", ".", "a", "visitor", "!", "really", "?", "yes"]) == "Oh good. A visitor! Really? Yes")
    #expect(joined(["sure", "...", "whatever", ",", "Paris", ":", "no"]) == "Sure... whatever, Paris: no")
    #expect(joined(["well", "(", "not", "really", ")", "."]) == "Well (not really).")
    #expect(joined([]) == "" && joined(["", "x"]) == "X")
  }

  /// How often each of some words is drawn.
  private func shares(_ draw: TokenDraw, _ logits: [Float], temperature: Float, draws: Int = 20_000) -> [Double] {
    var random = RandomBits(seed: 7)
    var weights = [Float](repeating: 0, count: logits.count)
    var counts = [Int](repeating: 0, count: logits.count)
    for _ in 0..<draws {
      counts[
        draw.draw(logits, weights: &weights, count: logits.count, temperature: temperature, random: &random)] += 1
    }
    return counts.map { Double($0) / Double(draws) }
  }

  @Test func wordsAreDrawnByTheirProbabilities() {
    let logits: [Float] = [1, 3, 2, -.infinity, 0]
    #expect(shares(.categorical, logits, temperature: 0) == [0, 1, 0, 0, 0])
    for temperature in [0.5, 1, 2] {
      let weights = logits.map { exp(Double($0) / temperature) }
      let expected = weights.map { $0 / weights.reduce(0, +) }
      let found = shares(.categorical, logits, temperature: Float(temperature))
      // Five standard errors of 20,000 draws.
      for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 5 * (b * (1 - b) / 20_000).squareRoot()) }
    }
  }

  @Test func theReleasedTemperatureIsNone() {
    // With one word all but certain, the released rule still takes the others often: exp(p/T) lies between 1 and e.
    let logits: [Float] = [10, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(shares(.categorical, logits, temperature: 1)[0] > 0.999)
    let found = shares(.released, logits, temperature: 1)
    // P(e·U₀ > the largest of nine): ∫ over u of min(1, e·u)⁹ = 1 − 0.9/e.
    #expect(abs(found[0] - (1 - 0.9 / M_E)) < 0.02, "\(found[0])")
    #expect(shares(.released, logits, temperature: 0)[0] == 1)
  }

  @Test func matricesKeepTheirNumbersInEightBits() {
    let values: [Float] = [1, -2, 0.5, 0, 0, 0, 127, 1, -127]
    let (scales, weights) = Int8Matrix.quantized(values, rows: 3, columns: 3)
    #expect(scales == [2 / 127, 0, 1])
    #expect(weights == [64, -127, 32, 0, 0, 0, 127, 1, -127])
  }

  @Test(arguments: [ModelProblem.notAModel, .otherVersion, .damaged])
  func whatIsNoModelIsRefused(problem: ModelProblem) throws {
    func bytes(_ numbers: UInt32...) -> [UInt8] {
      numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    }
    let magic = UInt32(SequenceChatbot.magic)
    let cases: [ModelProblem: [[UInt8]]] = [
      .notAModel: [bytes(1, 2, 3), Array("<!doctype html>".utf8)], .otherVersion: [bytes(magic, 2)],
      .damaged: [
        [], bytes(magic, 1), bytes(magic, 1, 9, 9, 9, 9, 0, 9, 9, 0, 0),
        bytes(magic, 1, .max, .max, .max, .max, 1, .max, .max, .max, .max),
        bytes(magic, 1, 1, 3, 2048, 1024, 0, 1, 1, 0, 0),
      ],
    ]
    for bytes in try #require(cases[problem]) {
      #expect(throws: problem) { _ = try SequenceChatbot(bytes) }
    }
  }
}
