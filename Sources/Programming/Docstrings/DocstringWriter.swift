import Documents
import Foundation
public import LanguageModels
public import Tokenization
import Torch
import Training

/// A model that says what code does: docstrings from a signature and a body, and the likelihood of a given one (Codex-D, Chen 2021,
/// section 5).
///
/// The likelihood of the docstring that was asked for, given a sample, ranks samples without tests: back-translation.
/// A model with a chat template is asked; another one goes on from the code and three quotes, as ``example(_:function:docstring:)``
/// teaches it.
public struct DocstringWriter {
  private let model: LanguageModels.Decoder
  private let tokenizer: Tokenizer
  private let isAsked: Bool

  /// A writer.
  ///
  /// - Parameter asks: whether the model is asked in its chat template; whether it has one unless given.
  public init(model: LanguageModels.Decoder, tokenizer: Tokenizer, asks: Bool? = nil) throws {
    isAsked = try asks ?? (tokenizer.chatFormat != nil)
    self.model = model
    self.tokenizer = tokenizer
  }

  /// Code behind which its docstring follows: what a decoder without a chat template is to learn and is asked with.
  public static func text(of code: String) -> String {
    code.trimmingCharacters(in: .newlines) + "\n\n\"\"\""
  }

  /// A function to learn to describe: the prompt, and the docstring with its end.
  public static func example(_ prompt: String, function: String, body: String) -> (prompt: String, docstring: String)? {
    guard let found = PythonDocstring(of: function, in: prompt) else { return nil }
    return (text(of: found.before + found.after + body), found.words + "\"\"\"\n")
  }

  private func prompt(of code: String) throws -> [Int] {
    guard isAsked else { return tokenizer.encode(Self.text(of: code)) }
    let request = """
      Write the docstring of the Python function below: what it does, in a few sentences. Answer with the docstring alone.

      ```python
      \(code.trimmingCharacters(in: .newlines))
      ```
      """
    return try tokenizer.chatPrompt(messages: [["role": "user", "content": .string(request)]])
      + tokenizer.encode("\"\"\"", addSpecialTokens: false)
  }

  /// The code that a completion of a task is, without the docstrings of the function that is asked for.
  static func code(of task: CodeTask, _ completion: String) -> String {
    PythonDocstring.removed(of: task.entryPoint, from: task.definition(completing: completion))
  }

  /// Writes docstrings of some code.
  ///
  /// - Parameters:
  ///   - samples: of each.
  ///   - temperature: divides the logits; 0 takes the most probable token.
  /// - Returns: for each code its docstrings, without quotes.
  public func docstrings(
    of codes: [String], samples: Int = 1, temperature: Double = 0, maxTokens: Int = 128, seed: UInt64 = 1
  ) throws -> [[String]] {
    let requests = try codes.enumerated().map { place, code in
      GenerationRequest(
        prompt: try prompt(of: code), samples: samples,
        parameters: SamplingParameters(
          temperature: temperature, maxTokens: maxTokens, stop: ["\"\"\""], seed: seed &+ UInt64(place)))
    }
    return try GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: 64)).generate(requests)
      .map { $0.map { $0.text.trimmingCharacters(in: .whitespacesAndNewlines) } }
  }

  /// ln p of each sample's task's docstring given the sample, in nats; samples of tasks without a docstring get 0.
  ///
  /// - Parameters:
  ///   - microBatchTokens: the most tokens of a pass.
  ///   - isStopped: asked between passes; nil comes back once it says so.
  ///   - progress: gets how many samples are scored.
  public func logProbabilities(
    ofDocstringsGiven samples: [CodeSample], of tasks: [CodeTask], microBatchTokens: Int = 8192,
    isStopped: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
  ) throws -> [Double]? {
    let byID = Dictionary(tasks.map { ($0.id, $0) }) { first, _ in first }
    // Equal samples of a task are scored once.
    var places: [Pair: Int] = [:]
    var rows: [(tokens: [Int], prompt: Int)] = []
    let own = try samples.map { sample -> Int? in
      guard let task = byID[sample.taskID], let asked = PythonDocstring(of: task.entryPoint, in: task.prompt) else {
        return nil
      }
      let code = Self.code(of: task, sample.completion)
      let pair = Pair(task: task.id, code: code)
      if let known = places[pair] { return known }
      let prompt = try prompt(of: code)
      places[pair] = rows.count
      rows.append(
        (prompt + tokenizer.encode(asked.words + "\"\"\"", addSpecialTokens: false), prompt.count))
      return rows.count - 1
    }
    var scores: [Double] = []
    for pass in microBatches(rows, tokens: microBatchTokens, size: \.tokens.count) {
      if isStopped() { return nil }
      let values = withoutGradients { model.logProbabilities(PackedTokens(pass.map(\.tokens))).array(of: Float.self) }
      var start = 0
      for row in pass {
        scores.append(values[(start + row.prompt)..<(start + row.tokens.count)].reduce(0) { $0 + Double($1) })
        start += row.tokens.count
      }
      progress(scores.count * samples.count / max(1, rows.count))
    }
    return own.map { $0.map { scores[$0] } ?? 0 }
  }

  private struct Pair: Hashable {
    var task: String
    var code: String
  }
}
