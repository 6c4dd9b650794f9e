public import Reasoning
public import Settings
import Training

/// The sizes and rates of the recipe gsm8k; `--set KEY=VALUE` changes them.
public struct GradeSchoolSettings: DeclaredSettings {
  // MARK: With a model that is brought

  /// Problems whose solutions the verifiers learn from.
  @Setting("train_problems", .count(), "count", "Problems whose solutions the verifiers learn from.")
  public var trainProblems = 300
  /// Problems that are held out.
  @Setting("test_problems", .count(from: 2), "count", "Problems that are held out.")
  public var testProblems = 300
  /// Solutions of each problem.
  @Setting("samples", .count(from: 2), "count", "Solutions of each problem.")
  public var samples = 16
  /// The most tokens of a solution.
  @Setting("max_tokens", .count(), "count", "The most tokens of a solution.")
  public var maxTokens = 400
  /// The form in which problems are put; the chat template where the model has one.
  @Setting("prompt", .any, "name", "How problems are put; none takes the chat template where the model has one.")
  public var prompt: SolutionPrompt.Style? = nil
  /// Solved problems in front of each.
  @Setting(
    "shots", .ifGiven(.from(0, to: 32)), "count", "Solved problems in front of each; none for a chat, 4 without.")
  public var shots: Int? = nil
  /// The verifiers that are trained, in this order.
  @Setting(
    "verifiers", .any, "name",
    "head: a linear head on the frozen model; adapters, full: the joint objective on adapters or on all weights.")
  public var verifiers = [VerifierKind.head]
  /// The rank of the adapters.
  @Setting("rank", .count(), "count", "The rank of the verifier's adapters.")
  public var rank = 16
  /// Passes of a verifier over its solutions.
  @Setting("verifier_epochs", .above(0), "count", "Passes of a verifier over its solutions.")
  public var verifierEpochs = 1.0
  /// Solutions a step.
  @Setting("verifier_batch", .count(), "count", "Solutions of a verifier's step.")
  public var verifierBatch = 32
  /// The peak learning rate of a verifier in full.
  @Setting("verifier_rate", .above(0, below: 10), "rate", "A verifier's peak learning rate; adapters get ten times it.")
  public var verifierRate = 1e-5

  // MARK: From scratch

  /// Documents of one or two steps that the base model learns to read from.
  @Setting("documents", .count(), "count", "Short problems that the base model learns to read from.")
  public var documents = 20_000
  /// Pretraining steps.
  @Setting("pretrain_steps", .count(), "count", "Pretraining steps.")
  public var pretrainSteps = 1200
  /// Layers.
  @Setting("layers", .count(), "count", "Layers.")
  public var layers = 4
  /// Features.
  @Setting("width", .count(), "count", "Features.")
  public var width = 160
  /// Training problems at each size, the last one the main.
  @Setting("sizes", .any, "count", "Training problems at each size; the last is the main one.")
  public var sizes = [250, 500, 1000]
  /// How many times the main size the model is tuned on that verification is compared with.
  @Setting("times", .count(from: 2), "count", "How many times the main size the other model is tuned on.")
  public var times = 4
  /// Solutions of each training problem.
  @Setting("train_samples", .count(from: 2), "count", "Solutions of each training problem, from scratch.")
  public var trainSamples = 30
  /// Solutions of each held-out problem.
  @Setting("test_samples", .count(from: 2), "count", "Solutions of each held-out problem, from scratch.")
  public var testSamples = 100
  /// Held-out problems.
  @Setting("held_out", .count(from: 2), "count", "Held-out problems, from scratch.")
  public var heldOut = 200
  /// Passes of the generator, few enough for coverage (Cobbe 2021, figure 3).
  @Setting("generator_epochs", .above(0), "count", "Passes of the generator that draws solutions.")
  public var generatorEpochs = 2.0
  /// Passes of a model that is only tuned.
  @Setting("tuning_epochs", .above(0), "count", "Passes of the models that are only tuned.")
  public var tuningEpochs = 6.0
  /// Peak learning rate of tuning.
  @Setting("tuning_rate", .above(0, below: 10), "rate", "Peak learning rate of tuning.")
  public var tuningRate = 1e-3
  /// The verifier's peak learning rate.
  @Setting("scratch_verifier_rate", .above(0, below: 10), "rate", "The small verifier's peak learning rate.")
  public var scratchVerifierRate = 5e-4
  /// Runs the ablations.
  @Setting("ablations", .any, "", "Also a solution-level verifier and one without the language-modelling loss.")
  public var ablations = true

  /// The defaults.
  public init() {}
}

/// What a verifier trains of the model that wrote the solutions.
public enum VerifierKind: String, Sendable, Codable, CaseIterable, SettingValue {
  /// A linear head on what the frozen model says.
  case head
  /// Adapters and a head.
  case adapters
  /// All weights and a head.
  case full
}

extension SolutionPrompt.Style: SettingValue {}

extension TrainingSettings {
  /// Passes over so many examples, in batches of so many where there are as many.
  init(learningRate: Double, passes: Double, over examples: Int, batchSize: Int) {
    self.init(learningRate: learningRate)
    self.batchSize = min(batchSize, examples)
    maxSteps = max(1, Int((passes * Double(examples) / Double(self.batchSize)).rounded(.up)))
  }
}
