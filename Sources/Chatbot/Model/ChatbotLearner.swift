public import Foundation
public import NeuralNetworks
import PortableModels
import Statistics
import Torch
public import Training

/// Teaches a chatbot to write the answer of each question (Sutskever 2014): cross-entropy of its words and of its end.
///
/// A batch holds questions of one length, so that nothing is padded but the ends of answers, which no loss falls on; the published code
/// pads questions on the left and reads the padding.
public final class ChatbotLearner: Learner {
  /// The chatbot that learns.
  public let chatbot: Chatbot
  private let training: [Chatbot.Example]
  private let evaluation: [Chatbot.Example]
  private let settings: TrainingSettings
  private var epoch = -1
  private var batches: [[Int]] = []

  /// A learner of some pairs, tested on others.
  public init(
    _ chatbot: Chatbot, _ pairs: [QuestionAnswer], evaluation: [QuestionAnswer], settings: TrainingSettings
  ) {
    self.chatbot = chatbot
    self.settings = settings
    training = pairs.map(chatbot.example)
    self.evaluation = evaluation.map(chatbot.example)
  }

  /// The network.
  public var modules: [(name: String, module: Module)] { [("chatbot", chatbot.network)] }
  /// The pairs that are learnt from.
  public var examplesPerEpoch: Int? { training.count }
  /// Loss and perplexity.
  public var shownMetrics: [(label: String, metric: String)] { [("loss", "loss"), ("perplexity", "eval_perplexity")] }

  /// Pairs in batches of one question length, in an order that the epoch decides.
  private func batches(ofEpoch epoch: Int) -> [[Int]] {
    var groups: [Int: [Int]] = [:]
    for place in EpochOrder.permutation(
      training.count, seed: DerivedSeed(run: settings.seed, for: "pairs", step: epoch).value)
    {
      groups[training[place].question.count, default: []].append(place)
    }
    let cut = groups.sorted { $0.key < $1.key }.flatMap { _, places in
      stride(from: 0, to: places.count, by: settings.batchSize).map {
        Array(places[$0..<min($0 + settings.batchSize, places.count)])
      }
    }
    return EpochOrder.permutation(
      cut.count, seed: DerivedSeed(run: settings.seed, for: "batches", step: epoch).value
    ).map { cut[$0] }
  }

  /// The steps of an epoch, which is the same number in each.
  public var stepsPerEpoch: Int { batches(ofEpoch: 0).count }

  /// One batch.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    if epoch < 0 { (epoch, batches) = (0, batches(ofEpoch: 0)) }
    if step / batches.count != epoch {
      epoch = step / batches.count
      batches = batches(ofEpoch: epoch)
    }
    let (losses, words) = chatbot.losses(batches[step % batches.count].map { training[$0] })
    let mean = losses.sum() / Double(words)
    mean.backward()
    let norm = try updater.apply(step: step + 1, batch: "batch \(step + 1)")
    return StepReport(loss: mean.detached().item(), tokens: words, metrics: ["grad_norm": norm])
  }

  /// The perplexity of the pairs that were kept out: e to the mean loss of a word.
  public func evaluate(step: Int) throws -> Metrics? {
    guard !evaluation.isEmpty else { return nil }
    let losses = chatbot.losses(of: evaluation)
    let mean = losses.reduce(0) { $0 + $1.sum } / Double(losses.reduce(0) { $0 + $1.words })
    return ["eval_perplexity": exp(mean), "eval_loss": mean]
  }

  /// Writes the chatbot.
  public func save(to folder: URL) throws { try chatbot.save(to: folder) }

  /// Reads the weights back.
  public func load(from folder: URL) throws { try chatbot.network.load(Safetensors(folder).tensors()) }
}
