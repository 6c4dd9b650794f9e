import Documents
public import Foundation
import NeuralNetworks
import PortableModels
public import Torch
import Training

/// A chatbot as it is trained: its network with its vocabularies.
///
/// ```swift
/// let bot = try Chatbot(contentsOf: "runs/grizzle")
/// try Data(bot.compact()).write(to: URL(fileURLWithPath: "model.bin"))
/// ```
/// It talks as a `SequenceChatbot` of `PortableModels`, which ``compact()`` makes the bytes of: a program and a web page then give the same
/// answers.
public final class Chatbot {
  /// The content of a checkpoint's `config.json`.
  struct Configuration: Codable {
    var modelType = Chatbot.modelType
    var settings: ChatbotSettings

    enum CodingKeys: String, CodingKey {
      case modelType = "model_type"
      case settings
    }
  }

  static let modelType = "apprentice-chatbot"
  static let (startWord, endWord) = ("<SOS>", "<EOS>")
  private static let vocabularyFile = "vocabulary.json"
  private static let configurationFile = "config.json"

  /// The network.
  public let network: SequenceToSequence
  /// The words that it reads.
  public let inputs: Vocabulary
  /// The words that it writes, the first two of which begin and end an answer.
  public let outputs: Vocabulary
  /// Its settings.
  public let settings: ChatbotSettings

  /// A network with random weights for the words of some pairs.
  ///
  /// - Parameters:
  ///   - pairs: all that it may ever meet, kept ones too: other words are passed over.
  ///   - vectors: vectors for the question's words, which stay as they are; those without one get zeros.
  public init(
    for pairs: [QuestionAnswer], _ settings: ChatbotSettings, vectors: WordVectors? = nil, generator: Generator
  ) {
    self.settings = settings
    inputs = Vocabulary(pairs.map(\.question), limit: settings.vocabulary)
    outputs = Vocabulary(
      pairs.map(\.answer), limit: settings.vocabulary, special: [Self.startWord, Self.endWord])
    network = Self.network(inputs, outputs, settings, width: vectors?.width, generator: generator)
    network.requireGradients()
    guard let vectors else { return }
    let rows = inputs.words.flatMap { vectors[$0] ?? [Float](repeating: 0, count: vectors.width) }
    network.freeze(Tensor(rows, shape: [inputs.count, vectors.width]))
  }

  private static func network(
    _ inputs: Vocabulary, _ outputs: Vocabulary, _ settings: ChatbotSettings, width: Int?, generator: Generator
  ) -> SequenceToSequence {
    SequenceToSequence(
      inputs: inputs.count, outputs: outputs.count, embedding: width ?? settings.embedding, units: settings.units,
      hasAttention: settings.hasAttention, generator: generator)
  }

  // MARK: Files

  /// Reads a checkpoint's folder, or a run's, of which the best checkpoint is meant.
  ///
  /// - Throws: `DataError` where there is none or it is something else, and what reading the weights throws.
  public init(contentsOf path: String) throws {
    let folder = try Self.resolve(path)
    let file = "\(folder)/\(Self.configurationFile)"
    let document = try JSONValue(contentsOf: file)
    guard document["model_type"]?.string == Self.modelType else {
      throw DataError(
        .badData, path: file, problem: "this is no chatbot of 'apprentice train chatbot'",
        advice: "Other models talk with 'apprentice chat'.")
    }
    do {
      settings = try document.decoded(as: Configuration.self).settings
      let words = try JSONValue(contentsOf: "\(folder)/\(Self.vocabularyFile)").decoded(as: [String: Vocabulary].self)
      guard let inputs = words["inputs"], let outputs = words["outputs"], outputs.count > 2 else {
        throw DataError(.badData, path: "\(folder)/\(Self.vocabularyFile)", problem: "it lacks inputs or outputs")
      }
      (self.inputs, self.outputs) = (inputs, outputs)
    } catch let error as DecodingError {
      throw DataError(.badData, path: folder, problem: "its settings or words can't be read: \(error)")
    }
    let tensors = try Safetensors(URL(fileURLWithPath: folder)).tensors()
    network = Self.network(
      inputs, outputs, settings, width: tensors["encoder_embedding.weight"]?.shape.last, generator: Generator(seed: 0))
    try network.load(tensors)
  }

  private static func resolve(_ path: String) throws -> String {
    let path = path.expandingHome
    if FileManager.default.fileExists(atPath: "\(path)/\(configurationFile)") { return path }
    let store = CheckpointStore("\(path)/checkpoints")
    let all = try store.all()
    let best = try store.best().flatMap { best in all.first { $0.step == best.step } }
    guard let found = best ?? all.last else {
      throw DataError(
        .noInput, path: path, problem: "there is no chatbot here",
        advice: "'apprentice train chatbot --run \(path)' makes one.")
    }
    return found.path
  }

  /// Writes a checkpoint.
  public func save(to folder: URL) throws {
    try Safetensors.write(network.state, to: folder.appendingPathComponent(Safetensors.fileName))
    let words = ["inputs": inputs, "outputs": outputs]
    for (name, value) in [
      (Self.configurationFile, try JSONValue(encoding: Configuration(settings: settings))),
      (Self.vocabularyFile, try JSONValue(encoding: words)),
    ] {
      try DurableFile.write(value.serialized(indent: 2) + "\n", to: folder.appendingPathComponent(name).path)
    }
  }

  /// The numbers of a question's words, as many as are read; what stands for silence where none is known.
  func question(_ text: String) -> [Int] {
    let known = Array(inputs.numbers(of: text).prefix(settings.longestQuestion))
    let silence = inputs.number(of: String(decoding: SequenceChatbot.silence, as: UTF8.self))
    return known.isEmpty ? silence.map { [$0] } ?? [0] : known
  }

  /// The numbers of an answer's words with the sign of its end.
  func answer(_ text: String) -> [Int] {
    Array(outputs.numbers(of: text).prefix(settings.longestAnswer - 1)) + [SequenceChatbot.end]
  }

  // MARK: Losses

  /// A pair in numbers.
  struct Example {
    var question: [Int]
    var answer: [Int]
  }

  func example(_ pair: QuestionAnswer) -> Example {
    Example(question: question(pair.question), answer: answer(pair.answer))
  }

  /// The loss of an answer.
  public struct AnswerLoss: Sendable, Codable, Equatable {
    /// −ln of the answer's probability.
    public var sum: Double
    /// The number of its words, its end among them.
    public var words: Int
  }

  /// The loss of each pair's answer, in the pairs' order.
  public func losses(of pairs: [QuestionAnswer]) -> [AnswerLoss] { losses(of: pairs.map(example)) }

  func losses(of examples: [Example]) -> [AnswerLoss] {
    var found = [AnswerLoss](repeating: AnswerLoss(sum: 0, words: 0), count: examples.count)
    let groups = Dictionary(grouping: examples.indices) { examples[$0].question.count }
    for (_, places) in groups.sorted(by: { $0.key < $1.key }) {
      for start in stride(from: 0, to: places.count, by: 64) {
        let own = Array(places[start..<min(start + 64, places.count)])
        let sums = withoutGradients { losses(own.map { examples[$0] }).sums.sum(axis: 1).array(of: Float.self) }
        for (place, sum) in zip(own, sums) {
          found[place] = AnswerLoss(sum: Double(sum), words: examples[place].answer.count)
        }
      }
    }
    return found
  }

  /// The losses of all words of some pairs whose questions have one length, `[pairs, length]`, and the number of words that they are over.
  func losses(_ examples: [Example]) -> (sums: Tensor, words: Int) {
    let length = examples.map(\.answer.count).max() ?? 1
    let questions = Tensor(
      ids: examples.flatMap(\.question), shape: [examples.count, examples.first?.question.count ?? 0])
    let written = examples.flatMap { example in
      let before = [SequenceChatbot.start] + example.answer.dropLast()
      return before + Array(repeating: SequenceChatbot.end, count: length - before.count)
    }
    let targets = examples.flatMap { $0.answer + Array(repeating: -100, count: length - $0.answer.count) }
    let logits = network(questions, Tensor(ids: written, shape: [examples.count, length]))
    let sums = logits.reshaped([examples.count * length, network.outputs])
      .crossEntropy(Tensor(ids: targets), reduction: .none).reshaped([examples.count, length])
    return (sums, examples.reduce(0) { $0 + $1.answer.count })
  }

  // MARK: Eight bits

  /// The model as a `SequenceChatbot` reads it, weights in 8 bits.
  public func compact() -> [UInt8] {
    let shape = SequenceChatbot.Shape(
      inputWords: inputs.count, outputWords: outputs.count, embedding: network.embedding.weight.size(1),
      units: settings.units, hasAttention: settings.hasAttention, longestQuestion: settings.longestQuestion,
      longestAnswer: settings.longestAnswer)
    let words = [inputs.words, outputs.spellings].map { list in Array(list.map { $0 + "\n" }.joined().utf8) }
    var writer = CompactWriter()
    for number in [SequenceChatbot.magic, SequenceChatbot.version] + shape.numbers + words.map(\.count) {
      writer.add(UInt32(truncatingIfNeeded: number))
    }
    for list in words { writer.add(aligned: list) }
    let state = Dictionary(network.state.map { ($0.name, $0.tensor) }) { first, _ in first }
    func add(_ name: String, transposed: Bool = false) {
      guard let tensor = state[name] else { preconditionFailure("the network has no \(name)") }
      writer.add(transposed ? tensor.transposed() : tensor)
    }
    func addBias(_ layer: String) {
      guard let first = state["\(layer).bias_ih_l0"], let second = state["\(layer).bias_hh_l0"] else { return }
      writer.add(first + second)
    }
    add("encoder_embedding.weight")
    add("encoder.weight_ih_l0")
    add("encoder.weight_hh_l0")
    addBias("encoder")
    add("decoder.weight_ih_l0", transposed: true)
    add("decoder.weight_hh_l0")
    addBias("decoder")
    if settings.hasAttention { add("combination.weight") }
    add("output.weight")
    add("output.bias")
    return writer.bytes
  }

  /// The chatbot that talks.
  public func talking() throws -> Conversation { try Conversation(compact()) }
}

/// Writes the parts of a `SequenceChatbot`'s file, each at a multiple of 16 bytes.
private struct CompactWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: UInt32) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }

  mutating func add(aligned part: [UInt8]) {
    bytes += [UInt8](repeating: 0, count: -bytes.count & 15)
    bytes += part
  }

  /// A matrix in 8 bits with a scale for each row, or a vector as it is.
  mutating func add(_ tensor: Tensor) {
    let values = withoutGradients { tensor.detached().array(of: Float.self) }
    guard tensor.rank == 2 else { return add(numbers: values) }
    let (scales, weights) = Int8Matrix.quantized(values, rows: tensor.size(0), columns: tensor.size(1))
    add(numbers: scales)
    add(aligned: weights.map { UInt8(bitPattern: $0) })
  }

  private mutating func add(numbers: [Float]) {
    add(aligned: numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } })
  }
}
