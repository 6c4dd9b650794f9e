import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Reasoning
import TestSupport
import Testing
import Tokenization
import Torch

/// Drawing solutions: the calculator, files that are gone on with, prompts.
@Suite("Drawing solutions")
struct SolutionSamplerTests {
  private let folder: TemporaryFolder
  private let tokenizer: Tokenizer
  private let model: LanguageModels.Decoder
  private let problems = Curriculum(seed: 1).problems(0..<5, in: .reading)

  init() throws {
    folder = try TemporaryFolder()
    var trainer = try BytePairTrainer(vocabularySize: 300, pattern: .qwen2)
    for problem in problems { trainer.count(problem.question + "\n" + problem.solution) }
    tokenizer = try trainer.train()
    model = try Decoder(
      .llama(
        vocabularySize: tokenizer.vocabularySize, width: 32, layers: 1, heads: 2, feedForwardWidth: 64,
        contextLength: 512,
        tiesEmbeddings: true, endOfText: tokenizer.eos),
      generator: Generator(seed: 3))
  }

  private func sampler(samples: Int = 3, seed: UInt64 = 1, style: SolutionPrompt.Style = .plain) -> SolutionSampler {
    var settings = SolutionSampler.Settings()
    (settings.samples, settings.maxTokens, settings.seed, settings.batch) = (samples, 20, seed, 2)
    settings.temperature = 1
    return SolutionSampler(
      model: model, tokenizer: tokenizer, prompt: SolutionPrompt(style, examples: Array(problems.suffix(2))),
      settings: settings)
  }

  @Test("a drawing that was stopped, or cut off in the middle of a line, comes to the same solutions")
  func resumed() throws {
    let whole = try sampler().draw(problems, into: folder.path("whole.jsonl"))
    #expect(whole.count == 5 && whole.allSatisfy { $0.count == 3 && $0.map(\.sample) == [0, 1, 2] })
    var asked = 0
    let part = try sampler().draw(
      problems, into: folder.path("part.jsonl"),
      isStopped: {
        asked += 1
        return asked > 2
      })
    #expect(part.prefix(4).map(\.isEmpty) == [false, false, false, true].map { $0 } || part.contains(where: \.isEmpty))
    // A crash in the middle of a write.
    let file = folder.path("part.jsonl")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try String(text.dropLast(40)).write(toFile: file, atomically: false, encoding: .utf8)
    var drawn = 0
    let again = try sampler().draw(problems, into: file, progress: { _, tokens in drawn += tokens })
    #expect(again == whole && drawn > 0)
    // All there: nothing is drawn.
    drawn = 0
    #expect(try sampler().draw(problems, into: file, progress: { _, tokens in drawn += tokens }) == whole && drawn == 0)
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 15)
  }

  @Test("another's file is refused, and loses nothing")
  func refused() throws {
    let file = folder.path("a.jsonl")
    _ = try sampler().draw(problems, into: file)
    let before = try Data(contentsOf: URL(fileURLWithPath: file))
    #expect(throws: DataError.self) { try sampler(samples: 2).draw(problems, into: file) }
    #expect(throws: DataError.self) { try sampler().draw(Array(problems.prefix(2)), into: file) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    try folder.write("b.jsonl", "not a solution\n{}\n")
    let error = #expect(throws: DataError.self) { try sampler().draw(problems, into: folder.path("b.jsonl")) }
    #expect(error?.line == 1)
  }

  @Test("the calculator writes the result of an annotation, and the model goes on behind it")
  func calculator() throws {
    // A model that can say nothing but an annotation's beginning: every other token is banned.
    let insertion = Calculator.insertion
    let start = tokenizer.encode("<<12*12")
    var parameters = SamplingParameters(temperature: 0, maxTokens: 30)
    let equals = try #require(tokenizer.encode("=").last)
    for id in 0..<tokenizer.vocabularySize where id != equals { parameters.logitBias[id] = -1e9 }
    func text(_ insertion: Insertion?) throws -> String {
      var request = GenerationRequest(prompt: start, parameters: parameters)
      request.insertion = insertion
      return try GenerationEngine(model: model, tokenizer: tokenizer).generate([request])[0][0].text
    }
    // The annotation must stand in the completion itself.
    #expect(try text(insertion).allSatisfy { $0 == "=" })
    let open = Insertion { text in
      if text == "=" { return "<<12*12=" }
      return Calculator.result(after: text).map { $0 + ">>" }
    }
    let made = try text(open)
    #expect(made.hasPrefix("=<<12*12=144>>="), "\(made)")
  }

  @Test("a question is put plainly, behind solved ones, or in the chat template")
  func prompts() throws {
    let problem = problems[0]
    #expect(tokenizer.decode(try SolutionPrompt(.plain).tokens(of: problem, tokenizer)) == problem.question + "\n")
    let shown = SolutionPrompt(.fewShot, examples: [problems[1]])
    let text = tokenizer.decode(try shown.tokens(of: problem, tokenizer))
    #expect(text.hasPrefix("Question: \(problems[1].question)\nAnswer: \(problems[1].solution)\n\nQuestion: "))
    #expect(text.hasSuffix("\(problem.question)\nAnswer:") && shown.stops.contains("\nQuestion:"))
    let chat = tokenizer.decode(try SolutionPrompt(.chat, examples: [problems[1]]).tokens(of: problem, tokenizer))
    #expect(
      chat.contains(SolutionPrompt.request) && chat.contains("The answer is \\boxed{\(problems[1].answer)}.")
        && chat.hasSuffix("assistant:"))
  }
}
