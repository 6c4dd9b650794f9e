import Alignment
import LanguageModels
import NeuralNetworks
import Recipes
import Statistics
import Testing
import Tokenization
import Torch

/// The tasks of the study of learning in context, and how answers are counted.
@Suite("Learning in context")
struct InContextTests {
  private let tasks = InContextTasks(seed: 3)

  private func training(_ count: Int, shots: Int = 6) -> [InContextTasks.Document] {
    var random = SeededGenerator(seed: 5)
    return (0..<count).map { _ in tasks.trainingDocument(shots: shots, &random) }
  }

  private func tests(_ kind: InContextTasks.Kind, _ count: Int, shots: Int = 6) -> [InContextTasks.Document] {
    var random = SeededGenerator(seed: 6)
    return (0..<count).map { _ in tasks.document(kind, shots: shots, isTest: true, &random) }
  }

  @Test("training has no member of the held-out families, by name or by what is done")
  func heldOutFamilies() {
    let headers = training(6000).map(\.header)
    for header in headers {
      #expect(!((header.contains("cipher") || header.contains("code")) && header.contains("append")))
      #expect(!(header.contains("rotate, append") && !header.contains("unrotate")))
      #expect(!header.contains("swap, prepend"))
    }
    // Their parts are there, each in another company.
    for part in [
      "reverse:", "cipher oak:", "rotate:", "append c:", "swap:", "prepend f:", "unrotate, append", "reverse, append",
    ] {
      #expect(headers.contains { $0.contains(part) }, "\(part)")
    }
    for (kind, start) in zip(InContextTasks.Kind.heldOut, ["cipher ", "rotate, append", "swap, prepend"]) {
      #expect(tests(kind, 20).allSatisfy { $0.header.hasPrefix(start) })
    }
  }

  @Test("tests ask about items that training never shows")
  func items() {
    var known: Set<String> = []
    for document in training(8000) { for shot in document.shots { known.insert(document.header + shot.question) } }
    var asked = 0
    for kind in InContextTasks.Kind.allCases where kind != .code {
      for document in tests(kind, 40) {
        for shot in document.shots {
          #expect(!known.contains(document.header + shot.question), "\(kind): \(document.header)\(shot.question)")
          asked += 1
        }
      }
    }
    #expect(asked == 12 * 40 * 6)
  }

  @Test("rules do what their names say")
  func rules() throws {
    func shot(_ kind: InContextTasks.Kind, _ name: String) throws -> (question: [Character], answer: [Character]) {
      let document = try #require(tests(kind, 4000, shots: 1).first { $0.header == name + ":\n" })
      func letters(_ text: String) -> [Character] { text.filter(\.isLetter).map { $0 } }
      return (letters(document.shots[0].question), letters(document.shots[0].answer))
    }
    let reverse = try shot(.order, "reverse")
    #expect(reverse.answer == reverse.question.reversed())
    let rotate = try shot(.rotatedAppend, "rotate, append b")
    #expect(rotate.answer == rotate.question.dropFirst() + [rotate.question[0], "b"])
    let swap = try shot(.swappedPrepend, "swap, prepend e")
    let q = swap.question
    #expect(swap.answer == ["e", q[q.count - 1]] + q[1..<q.count - 1] + [q[0]])
    let cipher = try shot(.cipher, "cipher elm"), both = try shot(.cipherAppend, "cipher elm, append c")
    #expect(cipher.answer.count == cipher.question.count && both.answer.count == both.question.count + 1)
    #expect(both.answer.last == "c")
  }

  /// A decoder of random weights, and a tokenizer of bytes.
  private func model() throws -> (Decoder, InContextEncoder) {
    let tokenizer = try BytePairTrainer(vocabularySize: 257, specialTokens: ["<|endoftext|>"]).train()
    let shape = DecoderConfiguration.llama(
      vocabularySize: 257, width: 16, layers: 1, heads: 2, feedForwardWidth: 32, contextLength: 512,
      tiesEmbeddings: true,
      endOfText: 0)
    let model = try Decoder(shape, generator: Generator(seed: 2))
    // Only letters are ever the likeliest, so that all that it says is text.
    let letters = Set(tokenizer.encode("abcdefghijklmnopqrstuvwxyz"))
    withoutGradients {
      model.tokenEmbedding.weight.multiplyInPlace(
        Tensor((0..<257).map { Float(letters.contains($0) ? 1 : 0) }).reshaped([257, 1]))
    }
    return (model, InContextEncoder(tokenizer: tokenizer))
  }

  @Test("answers alone are learnt, each whole, and nothing is asked that isn't there")
  func targets() throws {
    let (_, encoder) = try model()
    let document = tests(.translation, 1, shots: 3)[0]
    let (tokens, answers) = encoder.encoded(document)
    #expect(encoder.text(of: tokens) == document.header + document.shots.map { $0.question + $0.answer }.joined())
    let example = encoder.example(document)
    let learnt = example.targets.indices.filter { example.targets[$0] >= 0 }
    #expect(learnt == answers.flatMap { $0.map { $0 - 1 } })
    #expect(learnt.allSatisfy { example.targets[$0] == tokens[$0 + 1] })
  }

  @Test("one pass says for every number of examples what greedy decoding would say")
  func accuracyIsGreedyDecoding() throws {
    let (model, encoder) = try model()
    let accuracy = InContextAccuracy(encoder: encoder)
    // Answers that the model gives itself are right, and with a letter changed wrong: whatever its weights are.
    let asked = tests(.order, 6, shots: 3)
    let engine = GenerationEngine(model: model)
    for document in asked {
      var own = document
      for place in own.shots.indices {
        var upToHere = own
        upToHere.shots = Array(own.shots[...place])
        let (tokens, answers) = encoder.encoded(upToHere)
        let prompt = Array(tokens[..<answers[place].lowerBound])
        let made = try engine.generate([
          GenerationRequest(prompt: prompt, parameters: SamplingParameters(temperature: 0, maxTokens: 3))
        ])[0][0].ids
        own.shots[place].answer = encoder.text(of: made)
        #expect(encoder.encoded(own).tokens.prefix(prompt.count + 3) == (prompt + made)[...])
      }
      let right = accuracy.correct([own], by: model)
      #expect(right == [[true, true, true]])
      own.shots[1].answer = "#" + own.shots[1].answer.dropFirst()
      #expect(accuracy.correct([own], by: model)[0][1] == false)
    }
  }
}
