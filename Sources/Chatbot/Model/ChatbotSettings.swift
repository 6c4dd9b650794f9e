import NeuralNetworks
public import Settings
public import Training

/// The settings of a chatbot's training, with the published values (Ilić 2019).
public struct ChatbotSettings: LearnerSettings {
  /// The width of both networks.
  @Setting("units", .from(1, to: 1024), "count", "The width of both networks.")
  public var units = 256
  /// The width of the question's word vectors.
  @Setting("embedding", .from(1, to: 2048), "count", "The width of the question's word vectors.")
  public var embedding = 256
  /// Whether the writer looks back at the question's words.
  @Setting("attention", .any, "", "Let the writer look back at the question's words (Luong 2015).")
  public var hasAttention = false
  /// Whether the question's vectors are learnt from the texts beforehand and then left as they are.
  @Setting(
    "frozen_vectors", .any, "",
    "Learn the question's word vectors beforehand, as GloVe does, and leave them as they are.")
  public var hasFrozenVectors = false
  /// The most words of each vocabulary.
  @Setting("vocabulary", .from(8, to: 100_000), "count", "The most words of each vocabulary.")
  public var vocabulary = 2000
  /// The most words of a question.
  @Setting("longest_question", .from(1, to: 4096), "count", "The most words of a question; the first are read.")
  public var longestQuestion = 24
  /// The most words of an answer.
  @Setting("longest_answer", .from(1, to: 4096), "count", "The most words of an answer; longer ones are cut.")
  public var longestAnswer = 40
  /// Whether each question gets the next line's answer, as the published code did.
  @Setting("shifted_pairs", .any, "", "Pair each question with the next line's answer, the published code's mistake.")
  public var shiftsPairs = false
  /// The share of pairs that is kept for evaluation.
  @Setting("eval_share", .from(0, below: 1), "share", "Pairs kept for evaluation, as a share.")
  public var evaluationShare = 0.05

  /// The published values.
  public init() {}

  /// Adam at a constant 0.005 in batches of 32, 35 epochs, the best by perplexity kept.
  public static var training: TrainingSettings {
    var settings = TrainingSettings(learningRate: 5e-3)
    settings.schedule = .constant
    settings.weightDecay = 0
    settings.beta2 = 0.999
    settings.maxGradNorm = 0
    settings.batchSize = 32
    settings.epochs = 35
    settings.evalSteps = 90
    settings.earlyStoppingPatience = 8
    return settings
  }
}
