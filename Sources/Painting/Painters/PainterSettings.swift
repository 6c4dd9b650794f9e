import NeuralNetworks
public import Settings
public import Training

/// The settings of a neural painter's training.
public struct PainterSettings: LearnerSettings {
  /// The painter.
  @Setting("painter", .any, "name", "The network: curve, vae or gan.")
  public var kind = NeuralPainter.Kind.curve
  /// The strokes that are learnt from and evaluated on.
  @Setting("num_strokes", .count(from: 100), "count", "Strokes to learn from and evaluate on.")
  public var strokes = 50_000
  /// The strokes that are kept for evaluation.
  @Setting("eval_strokes", .count(), "count", "Strokes of them that are kept for evaluation.")
  public var evaluationStrokes = 1000
  /// Of the vae: the share of the steps that train the predictor.
  @Setting("predictor_share", .above(0, below: 1), "share", "vae: the share of the steps that train the predictor.")
  public var predictorShare = 0.3
  /// Of the vae: how much more covered pixels weigh in the first thirtieth of the steps.
  @Setting(
    "ink_weight", .atLeast(1), "weight", "vae: the weight of covered pixels in the first thirtieth of the steps.")
  public var inkWeight = 10.0
  /// Of the gan: the critic's steps for each of the painter.
  @Setting("critic_steps", .count(), "count", "gan: the critic's steps for each step of the painter.")
  public var criticSteps = 5
  /// Of the gan: the weight of the gradient penalty.
  @Setting("gradient_penalty", .atLeast(0), "weight", "gan: the weight of the gradient penalty.")
  public var gradientPenalty = 10.0
  /// Of the gan: the weight of the squared error beside the critic's judgement; the author's later code has 10, the paper 0.
  @Setting(
    "reconstruction", .atLeast(0), "weight", "gan: the weight of the squared error beside the critic's judgement.")
  public var reconstruction = 10.0

  /// The defaults.
  public init() {}

  /// The published Adam at 1e-4; ``CurvePainter`` and the predictor multiply that.
  public static var training: TrainingSettings {
    var settings = TrainingSettings(learningRate: 1e-4)
    (settings.weightDecay, settings.beta2, settings.maxGradNorm) = (0, 0.999, 0)
    (settings.batchSize, settings.maxSteps, settings.evalSteps) = (64, 3000, 500)
    return settings
  }

  /// Refuses to keep more strokes than there are.
  public mutating func settle(given: Set<String>) throws(SettingError) {
    guard evaluationStrokes < strokes else {
      throw SettingError(
        key: "eval_strokes", value: "\(evaluationStrokes)", problem: "it must be below num_strokes, which is \(strokes)"
      )
    }
  }
}

extension NeuralPainter.Kind: SettingValue {}
