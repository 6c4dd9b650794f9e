import Documents
public import Foundation
public import Settings

/// The sizes of the quickstart: one dial makes all of it bigger.
public struct QuickstartSettings: DeclaredSettings {
  /// 1 fits two CPU cores and eight minutes; 4 and more want a GPU.
  @Setting("scale", .above(0), "", "1 fits two CPU cores and eight minutes; 4 and more want a GPU.")
  public var scale = 1.0
  /// Seeds the world, the labeller and every stage.
  @Setting("seed", .any, "", "Seeds the world, the labeller and every stage.")
  public var seed: UInt64 = 1

  /// Documents of the pretraining corpus.
  @Setting("documents", .count(), "", "Documents of the pretraining corpus.")
  public var documents = 16_000
  /// Tokens.
  @Setting("vocabulary", .count(from: 257), "", "Tokens.")
  public var vocabulary = 1024
  /// Context in tokens.
  @Setting("context", .count(from: 2), "", "Context in tokens.")
  public var context = 128
  /// Layers.
  @Setting("layers", .count(), "", "Layers.")
  public var layers = 4
  /// Features.
  @Setting("width", .count(), "", "Features.")
  public var width = 128
  /// Heads.
  @Setting("heads", .count(), "", "Heads.")
  public var heads = 8

  /// Pretraining steps.
  @Setting("pretrainSteps", .count(), "", "Pretraining steps.")
  public var pretrainSteps = 900
  /// Documents a step.
  @Setting("pretrainBatch", .count(), "", "Documents a step.")
  public var pretrainBatch = 12
  /// Pretraining's peak learning rate.
  @Setting("pretrainRate", .above(0, below: 10), "", "Pretraining's peak learning rate.")
  public var pretrainRate = 0.02

  /// Demonstrations.
  @Setting("demonstrations", .count(), "", "Demonstrations.")
  public var demonstrations = 10_000
  /// Fine-tuning steps.
  @Setting("sftSteps", .count(), "", "Fine-tuning steps.")
  public var sftSteps = 1000
  /// Examples a step.
  @Setting("sftBatch", .count(), "", "Examples a step.")
  public var sftBatch = 16
  /// Fine-tuning's peak learning rate.
  @Setting("sftRate", .above(0, below: 10), "", "Fine-tuning's peak learning rate.")
  public var sftRate = 1e-3

  /// Posts whose sampled summaries are ranked.
  @Setting("rankedPosts", .count(), "", "Posts whose sampled summaries are ranked.")
  public var rankedPosts = 4800
  /// Summaries of each.
  @Setting("samplesPerPost", .count(from: 2), "", "Summaries of each.")
  public var samplesPerPost = 4
  /// Posts a step of reward modelling.
  @Setting("rewardBatch", .count(), "", "Posts a step of reward modelling.")
  public var rewardBatch = 16
  /// Epochs over the rankings.
  @Setting("rewardEpochs", .count(), "", "Epochs over the rankings.")
  public var rewardEpochs = 1
  /// The reward model's peak learning rate.
  @Setting("rewardRate", .above(0, below: 10), "", "The reward model's peak learning rate.")
  public var rewardRate = 5e-4
  /// Where the weight of the completion's log-probability in the reward starts.
  @Setting(
    "rewardLikelihood", .atLeast(0), "", "Where the weight of the completion's log-probability in the reward starts.")
  public var rewardLikelihood = 0.1

  /// PPO steps.
  @Setting("ppoSteps", .count(), "", "PPO steps.")
  public var ppoSteps = 48
  /// Episodes a step.
  @Setting("ppoBatch", .count(), "", "Episodes a step.")
  public var ppoBatch = 64
  /// The policy's learning rate.
  @Setting("ppoRate", .above(0, below: 10), "", "The policy's learning rate.")
  public var ppoRate = 3e-4
  /// β.
  @Setting("ppoKL", .atLeast(0), "", "β.")
  public var ppoKL = 0.1

  /// The labeller's Bradley–Terry temperature, in units of the gold score.
  ///
  /// With this one and the errors below it agrees with the judge on about 77% of the pairs, as people do with each other.
  @Setting(
    "labellerTemperature", .above(0), "", "The labeller's Bradley–Terry temperature, in units of the gold score.")
  public var labellerTemperature = 0.27
  /// The share of the labeller's choices that are turned round.
  @Setting("labellerError", .from(0, to: 1), "", "The share of the labeller's choices that are turned round.")
  public var labellerError = 0.03
  /// Scores closer than this are called equal.
  @Setting("labellerTieBand", .atLeast(0), "", "Scores closer than this are called equal.")
  public var labellerTieBand = 0.02

  /// Held-out posts for the evaluation.
  @Setting("evaluationPosts", .count(), "", "Held-out posts for the evaluation.")
  public var evaluationPosts = 600

  /// The defaults.
  public init() {}

  /// The sizes of a scale.
  public init(scale: Double, seed: UInt64 = 1) {
    self.scale = scale
    self.seed = seed
    guard scale != 1 else { return }
    func scaled(_ value: Int, _ power: Double) -> Int { max(1, Int((Double(value) * pow(scale, power)).rounded())) }
    // Width and data grow together, as compute-optimal training asks (Hoffmann 2022).
    heads = scaled(heads, 0.5)
    width = 16 * heads
    layers = scaled(layers, 0.5)
    documents = scaled(documents, 0.5)
    pretrainSteps = scaled(pretrainSteps, 0.5)
    demonstrations = scaled(demonstrations, 0.5)
    sftSteps = scaled(sftSteps, 0.5)
    rankedPosts = scaled(rankedPosts, 0.5)
    ppoSteps = scaled(ppoSteps, 0.5)
    evaluationPosts = scaled(evaluationPosts, 0.25)
  }

  /// The sizes that a recipe's options ask for.
  public init(_ options: RecipeOptions) {
    self.init(scale: options.scale, seed: options.seed)
    guard options.isQuick else { return }
    (documents, layers, width, heads) = (600, 2, 32, 2)
    (pretrainSteps, demonstrations, sftSteps) = (30, 200, 20)
    rankedPosts = 32
    (ppoSteps, ppoBatch, evaluationPosts) = (3, 16, 12)
  }

  /// These settings with some replaced by a JSON file's, whose keys are those of `report.json`'s `settings`.
  ///
  /// - Throws: ``DataError`` if the file isn't an object of such keys, naming the key; a `SettingError` for a value
  ///   that can't be.
  public func replacing(with file: URL) throws -> QuickstartSettings {
    guard case .object(let changes) = try JSONValue(contentsOf: FileContents.path(of: file)),
      case .object(var all) = try JSONValue(encoding: self)
    else {
      throw DataError(
        .badData, path: file.path, problem: "not a JSON object",
        advice: #"Write one such as {"pretrainSteps": 500}."#)
    }
    for (key, value) in changes.members {
      guard all[key] != nil else {
        throw DataError(
          .badData, path: file.path, problem: "there is no setting '\(key)'",
          advice: "The settings are \(all.keys.sorted().joined(separator: ", ")).")
      }
      all[key] = value
    }
    let made = try JSONValue.object(all).decoded(as: QuickstartSettings.self)
    try made.validate()
    return made
  }
}
