import Chatbot
import Documents
import Foundation
import NeuralNetworks
import PortableModels
import Statistics
import TestSupport
import Testing
import Torch
import Training

/// The networks beside PyTorch's, their training, and their form in 8 bits beside the one in full.
@Suite struct ChatbotModelTests {
  @Test(arguments: [false, true])
  func networksEqualPyTorch(hasAttention: Bool) throws {
    let all = try Safetensors(Bundle.module.fixtures.appendingPathComponent("networks.safetensors")).tensors()
    let name = hasAttention ? "attention" : "plain"
    func under(_ prefix: String) -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: all.compactMap { key, tensor in
          key.hasPrefix("\(name).\(prefix).") ? (String(key.dropFirst(name.count + prefix.count + 2)), tensor) : nil
        })
    }
    let network = SequenceToSequence(
      inputs: 11, outputs: 9, embedding: 5, units: 6, hasAttention: hasAttention, generator: Generator(seed: 1))
    // The names are PyTorch's own.
    try network.load(under("weights"))
    network.requireGradients()
    let (questions, words) = (try #require(all["\(name).questions"]), try #require(all["\(name).words"]))
    let logits = network(questions, words)
    #expect((logits - (try #require(all["\(name).logits"]))).abs().max().item() < 2e-6)
    logits.reshaped([15, 9]).crossEntropy(try #require(all["\(name).targets"]).reshaped([15])).backward()
    let gradients = under("gradients")
    #expect(Set(network.parameters.map(\.name)) == Set(gradients.keys))
    for (key, tensor) in network.parameters {
      let apart = (try #require(tensor.grad) - (try #require(gradients[key]))).abs().max().item()
      #expect(apart < 2e-6, "\(key): \(apart)")
    }
    // A word at a time gives what all at once give.
    var reading = network.read(questions)
    for place in 0..<5 {
      let (one, state) = network.write(words[0..., place..<place + 1], after: reading)
      #expect((one - logits[0..., place..<place + 1]).abs().max().item() < 2e-6)
      reading.state = state
    }
  }

  /// A small chatbot after some epochs.
  static func trained(
    _ settings: ChatbotSettings = small, epochs: Int = 40, pairs count: Int = 240, in folder: String
  ) throws -> (chatbot: Chatbot, learner: ChatbotLearner) {
    let pairs = try Personality.grizzle.pairs(count, seed: 4)
    var loop = ChatbotSettings.training
    let learner = ChatbotStudy(pairs, settings, seed: 1).learner(loop)
    loop.maxSteps = epochs * learner.stepsPerEpoch
    loop.evalSteps = learner.stepsPerEpoch
    let run = try RunFolder(folder, manifest: RunManifest(command: "test", configuration: [:], seed: 1))
    try TrainingLoop(loop, folder: run, title: "test").run(learner)
    return (learner.chatbot, learner)
  }

  static var small: ChatbotSettings {
    var settings = ChatbotSettings()
    (settings.units, settings.embedding, settings.evaluationShare) = (64, 32, 0.1)
    return settings
  }

  @Test func learnsAndIsReadBackFromItsBestCheckpoint() throws {
    let folder = try TemporaryFolder()
    let (_, learner) = try Self.trained(in: folder.path("run"))
    let lines = try String(contentsOfFile: folder.path("run/metrics.jsonl"), encoding: .utf8).split(separator: "\n")
    let perplexities = try lines.compactMap {
      try JSONValue(parsing: Data($0.utf8), path: "")["eval_perplexity"]?.double
    }
    #expect(perplexities.count > 10)
    let (first, best) = (try #require(perplexities.first), try #require(perplexities.min()))
    #expect(best < 0.6 * first && first < Double(learner.chatbot.outputs.count), "\(perplexities)")
    let read = try Chatbot(contentsOf: folder.path("run"))
    #expect(read.inputs == learner.chatbot.inputs && read.outputs == learner.chatbot.outputs)
    let kept = ChatbotStudy(try Personality.grizzle.pairs(240, seed: 4), Self.small, seed: 1).evaluation
    let losses = read.losses(of: kept)
    let perplexity = exp(losses.reduce(0) { $0 + $1.sum } / Double(losses.reduce(0) { $0 + $1.words }))
    #expect(abs(perplexity / best - 1) < 1e-4)
    // What it learnt it says.
    let pairs = try Personality.grizzle.pairs(240, seed: 4)
    let bot = try read.talking()
    let check = AnswerCheck(try .grizzle)
    let nothing = Paraphrase(question: "", intent: "", word: nil)
    var right = 0
    for pair in pairs.prefix(60) {
      let said = check.finding(bot.answer(pair.question), to: nothing).intent
      if said != nil, said == check.finding(pair.answer, to: nothing).intent { right += 1 }
    }
    #expect(right > 20, "\(right)")
  }

  @Test func aRunThatIsStoppedGoesOnToTheSameLosses() throws {
    let folder = try TemporaryFolder()
    func losses(_ name: String, _ lengths: [Int]) throws -> [Double] {
      for steps in lengths {
        var loop = ChatbotSettings.training
        (loop.maxSteps, loop.evalSteps) = (steps, 0)
        let learner = ChatbotStudy(try Personality.grizzle.pairs(60, seed: 4), Self.small, seed: 1).learner(loop)
        let run = try RunFolder(
          folder.path(name), manifest: RunManifest(command: "test", configuration: [:], seed: 1))
        try TrainingLoop(loop, folder: run, title: "test").run(learner)
      }
      return try String(contentsOfFile: folder.path("\(name)/metrics.jsonl"), encoding: .utf8)
        .split(separator: "\n").compactMap { try JSONValue(parsing: Data($0.utf8), path: "")["loss"]?.double }
    }
    let whole = try losses("whole", [40])
    #expect(whole.count == 40)
    #expect(try losses("cut", [13, 40]) == whole)
  }

  @Test(arguments: [false, true])
  func eightBitsGiveNearlyTheLogitsInFull(hasAttention: Bool) throws {
    let folder = try TemporaryFolder()
    var settings = Self.small
    settings.hasAttention = hasAttention
    let (chatbot, _) = try Self.trained(settings, in: folder.path("run"))
    let bot = try chatbot.talking()
    var worst = 0.0
    var agreed = 0
    for question in [
      "how are you", "do you like pizza", "zzz", "hello there my friend what is the meaning of it all today",
    ] {
      let words = [2, 5, 9, 17]
      let compact = bot.scores(after: question, writing: words)
      let numbers = chatbot.inputs.numbers(of: question)
      let read = numbers.isEmpty ? [chatbot.inputs.number(of: "...") ?? 0] : numbers
      let full = withoutGradients {
        chatbot.network(Tensor(ids: read, shape: [1, read.count]), Tensor(ids: [0] + words, shape: [1, 5]))
      }.array(of: Float.self)
      for (place, scores) in compact.enumerated() {
        let own = full[place * chatbot.outputs.count..<(place + 1) * chatbot.outputs.count]
        let spread = Double((own.max() ?? 0) - (own.min() ?? 0))
        for (a, b) in zip(scores, own) { worst = max(worst, abs(Double(a - b)) / spread) }
        if scores.indices.max(by: { scores[$0] < scores[$1] })
          == own.indices.max(by: { own[$0] < own[$1] }).map({ $0 - own.startIndex })
        {
          agreed += 1
        }
      }
    }
    #expect(worst > 0 && worst < 0.03, "\(worst)")
    #expect(agreed >= 18, "\(agreed) of 20")
  }

  @Test func oddQuestionsGetAnswers() throws {
    let folder = try TemporaryFolder()
    let (chatbot, _) = try Self.trained(epochs: 4, pairs: 600, in: folder.path("run"))
    let bot = try chatbot.talking()
    let silence = bot.answer("...")
    #expect(!silence.isEmpty)
    // Nothing that it knows is silence; the rest of a long question is passed over.
    for text in ["", "   ", "🙂🙃", "مرحبا كيف حالك", "\u{0}\u{1}", "qqqq wwww", "\u{202E}zzz"] {
      #expect(bot.answer(text) == silence)
    }
    let long = String(repeating: "hello what is your name ", count: 2500)
    #expect(bot.answer(long) == bot.answer(String(repeating: "hello what is your name ", count: 30)))
    #expect(bot.answer("🙂 hello 🙂") == bot.answer("hello") && bot.answer("HELLO") == bot.answer("hello"))
    // Seeds decide, and answers come in pieces that make the whole.
    let drawn = (0..<20).map { bot.answer("how are you", temperature: 1, seed: $0) }
    #expect(Set(drawn).count > 5 && drawn == (0..<20).map { bot.answer("how are you", temperature: 1, seed: $0) })
    var pieces: [String] = []
    let whole = bot.answer("how are you", temperature: 1, seed: 3) { pieces.append($0) }
    #expect(pieces.joined() == whole && pieces.count > 2)
    #expect(drawn.allSatisfy { $0.utf8.count < 41 * 20 })
  }

  @Test func damagedFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    var settings = Self.small
    (settings.units, settings.embedding) = (8, 8)
    let (chatbot, _) = try Self.trained(settings, epochs: 1, pairs: 60, in: folder.path("run"))
    let bytes = chatbot.compact()
    _ = try Conversation(bytes)
    for count in [0, 3, 8, 30, 43, 44, 100, bytes.count / 2, bytes.count - 1] {
      #expect(throws: DataError.self) { _ = try Conversation(Array(bytes.prefix(count))) }
    }
    #expect(throws: DataError.self) { _ = try Conversation(bytes + [0]) }
    // Whatever the bytes are, nothing else is read: either it is refused or it talks.
    var random = SeededGenerator(seed: 5)
    for _ in 0..<300 {
      var broken = bytes
      for _ in 0...random.index(below: 4) {
        broken[random.index(below: 200)] = UInt8(truncatingIfNeeded: random.next())
      }
      if let bot = try? Conversation(broken) { _ = bot.answer("how are you", temperature: 1, seed: 1) }
    }
  }

  @Test func whatIsNoChatbotIsRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DataError.self) { _ = try Chatbot(contentsOf: folder.path("nowhere")) }
    try folder.write("gpt/config.json", #"{"model_type": "gpt2"}"#)
    let error = #expect(throws: DataError.self) { _ = try Chatbot(contentsOf: folder.path("gpt")) }
    #expect(error?.description.contains("no chatbot") == true)
    try folder.write("model.bin", "<html>")
    #expect(throws: DataError.self) { _ = try Conversation(contentsOf: folder.path("model.bin")) }
  }

  @Test func frozenVectorsStayAsTheyAre() throws {
    var settings = Self.small
    settings.hasFrozenVectors = true
    let folder = try TemporaryFolder()
    let (chatbot, _) = try Self.trained(settings, epochs: 2, pairs: 120, in: folder.path("run"))
    let pairs = try Personality.grizzle.pairs(120, seed: 4)
    let fresh = ChatbotStudy(pairs, settings, seed: 1).learner(ChatbotSettings.training).chatbot
    func weights(_ chatbot: Chatbot, _ name: String) throws -> [Float] {
      try #require(chatbot.network.state.first { $0.name == name }).tensor.detached().array(of: Float.self)
    }
    #expect(try weights(chatbot, "encoder_embedding.weight") == weights(fresh, "encoder_embedding.weight"))
    #expect(try weights(chatbot, "output.weight") != weights(fresh, "output.weight"))
    #expect(try weights(fresh, "encoder_embedding.weight").contains { $0 != 0 })
  }
}
