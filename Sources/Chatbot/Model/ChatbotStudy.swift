import Statistics
import Torch
public import Training

/// Pairs divided for a chatbot's training, with the words of all of them.
public struct ChatbotStudy {
  /// The pairs that are learnt from, in the file's order.
  public let training: [QuestionAnswer]
  /// The pairs that are kept for evaluation.
  public let evaluation: [QuestionAnswer]
  private let all: [QuestionAnswer]
  private let settings: ChatbotSettings
  private let seed: UInt64

  /// Divides pairs by the seed.
  ///
  /// With `shifted_pairs` all are paired wrongly, those that are kept too, as the published code did; the same questions are kept as without.
  ///
  /// - Parameter size: how many of the pairs are used, the first ones; the vocabulary is that of all, and what is kept is what is kept of
  ///   all, as far as it is among them.
  public init(_ pairs: [QuestionAnswer], _ settings: ChatbotSettings, size: Int = .max, seed: UInt64) {
    let division = HeldOut(pairs, share: settings.evaluationShare, seed: seed, by: \.question)
    let kept = Set(division.evaluation.map(\.question))
    let paired = (settings.shiftsPairs ? pairs.shiftedByOne : pairs).prefix(size)
    training = paired.filter { !kept.contains($0.question) }
    evaluation = paired.filter { kept.contains($0.question) }
    all = pairs
    self.settings = settings
    self.seed = seed
  }

  /// A chatbot with random weights, to be taught.
  ///
  /// - Parameter vectors: frozen vectors; where the settings ask for some and none are given they are learnt from the pairs.
  public func learner(_ loop: TrainingSettings, vectors: WordVectors? = nil) -> ChatbotLearner {
    let texts = training.flatMap { [$0.question, $0.answer] }
    let learnt =
      settings.hasFrozenVectors && vectors == nil
      ? WordVectors(
        learning: texts, width: settings.embedding, seed: DerivedSeed(run: seed, for: "vectors").value) : nil
    let chatbot = Chatbot(for: all, settings, vectors: vectors ?? learnt, generator: Generator(seed: seed))
    return ChatbotLearner(chatbot, training, evaluation: evaluation, settings: loop)
  }
}
