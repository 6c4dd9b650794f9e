package import Alignment
import Foundation
package import LanguageModels
import Statistics
package import Tokenization
import Torch
import Training

/// Documents of examples as tokens, of which the answers are learnt.
package struct InContextEncoder {
  let tokenizer: Tokenizer

  /// An encoder.
  package init(tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// A document's tokens, and where in them each shot's answer lies.
  package func encoded(_ document: InContextTasks.Document) -> (tokens: [Int], answers: [Range<Int>]) {
    // What begins a document is what ends one, so that the first word has something before it.
    var tokens = (tokenizer.eos.map { [$0] } ?? []) + ids(document.header)
    var answers: [Range<Int>] = []
    for shot in document.shots {
      tokens += ids(shot.question)
      let start = tokens.count
      tokens += ids(shot.answer)
      answers.append(start..<tokens.count)
    }
    return (tokens, answers)
  }

  /// The text of tokens, the end of text left out.
  package func text(of ids: [Int]) -> String { tokenizer.decode(ids) }

  private func ids(_ text: String) -> [Int] { tokenizer.encode(text, addSpecialTokens: false) }

  /// A document to be learnt from.
  package func example(_ document: InContextTasks.Document) -> TargetedTokens {
    let (tokens, answers) = encoded(document)
    var targets = [Int](repeating: -100, count: tokens.count - 1)
    for place in answers.joined() { targets[place - 1] = tokens[place] }
    return TargetedTokens(tokens: Array(tokens.dropLast()), targets: targets)
  }
}

/// Documents without end, made as they are asked for: step n's follow from n and the seed.
struct InContextSource: BatchSource {
  let tasks: InContextTasks
  let encoder: InContextEncoder
  let shots: Int
  let batchSize: Int
  let seed: UInt64
  /// The documents of the whole training.
  let count: Int

  mutating func batch(step: Int) -> [TargetedTokens] {
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "documents", step: step).value)
    return (0..<batchSize).map { _ in
      // Half of them longer than tests, whose texts are longer: late places are learnt as well as early ones.
      let count = random.index(below: 2) == 0 ? shots + 3 : 4 + random.index(below: shots - 3)
      return encoder.example(tasks.trainingDocument(shots: count, &random))
    }
  }

  func name(step: Int) -> String { "the documents of step \(step + 1)" }
  var bytesPerExample: Int { 16 * tokensPerExample }
  var tokensPerExample: Int { 8 * shots }
}

/// What a model says of documents: which shot's answers are right.
package struct InContextAccuracy {
  let encoder: InContextEncoder

  /// With an encoder of the model's tokenizer.
  package init(encoder: InContextEncoder) { self.encoder = encoder }

  /// For each document and number of examples before the question, whether greedy decoding would give exactly the answer.
  ///
  /// It would if and only if every token of the answer is the likeliest after the ones before it, so that one pass over a document of
  /// n shots answers for 0 to n − 1 examples.
  package func correct(_ documents: [InContextTasks.Document], by model: Decoder) -> [[Bool]] {
    let encoded = documents.map(encoder.encoded)
    return microBatches(encoded, tokens: 8192) { $0.tokens.count }.flatMap { part -> [[Bool]] in
      let packed = PackedTokens(part.map(\.tokens))
      let best = withoutGradients { model.logits(model(packed)).argmax(axis: 1).array(of: Int.self) }
      var start = 0
      return part.map { tokens, answers in
        defer { start += tokens.count }
        return answers.map { $0.allSatisfy { best[start + $0 - 1] == tokens[$0] } }
      }
    }
  }

  /// For each document, how likely the model holds its greedy answer to the last question, and whether it is right.
  package func confidence(
    _ documents: [InContextTasks.Document], by model: Decoder
  ) throws -> [(probability: Double, isRight: Bool)] {
    let encoded = documents.map(encoder.encoded)
    let requests = encoded.map { tokens, answers in
      let answer = answers[answers.count - 1]
      var parameters = SamplingParameters(temperature: 0, maxTokens: answer.count + 4)
      // An answer ends as every line does.
      parameters.stopTokens = [tokens[answer.upperBound - 1]]
      return GenerationRequest(prompt: Array(tokens[..<answer.lowerBound]), parameters: parameters)
    }
    let made = try GenerationEngine(model: model, tokenizer: encoder.tokenizer, limits: .init(batch: 128)).generate(
      requests)
    return zip(encoded, made).map { document, completions in
      let (tokens, answers) = document
      let sum = completions[0].logProbabilities.reduce(0.0) { $0 + Double($1) }
      return (min(1, exp(sum)), completions[0].ids == Array(tokens[answers[answers.count - 1]]))
    }
  }
}
