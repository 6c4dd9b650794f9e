import Documents
public import Foundation
public import LanguageModels
public import NeuralNetworks
public import Settings

/// The settings of training low-rank adapters instead of the whole model, under PEFT's names.
public struct AdapterSettings: DeclaredSettings {
  /// The rank; 0 trains the model itself.
  @Setting(
    "lora_r", .from(0, to: 65536), "rank", "Train adapters of this rank beside the frozen model; 0 trains the model.")
  public var rank = 0
  /// The numerator of the adapters' factor.
  @Setting("lora_alpha", .above(0), "alpha", "The adapters' factor is this over the rank.")
  public var alpha = 16.0
  /// The probability that a feature of an adapter's input is dropped.
  @Setting(
    "lora_dropout", .from(0, below: 1), "probability",
    "Features of the adapters' inputs that are dropped in fine-tuning.")
  public var dropout = 0.0
  /// The layers that get adapters.
  @Setting("lora_target_modules", .any, "name", "The layers that get adapters, such as q_proj v_proj.")
  public var targets = [LowRankConfiguration.allLinear]
  /// The format in which the frozen model's layers are kept.
  @Setting(
    "weights", .any, "format",
    "How the frozen model's layers are kept under adapters, all but float32 on the CPU; auto keeps a GGUF file's own blocks."
  )
  public var weights = WeightFormat.auto
  /// Trains rows' lengths apart from their directions (DoRA, Liu 2024).
  @Setting("use_dora", .any, "", "Train the lengths of the weights' rows apart from their directions (DoRA).")
  public var isWeightDecomposed = false
  /// Divides alpha by the rank's root (rsLoRA).
  @Setting("use_rslora", .any, "", "Divide alpha by the root of the rank (rsLoRA).")
  public var isRankStabilized = false

  /// The defaults.
  public init() {}

  /// Refuses what would do nothing without adapters, and weights that DoRA can't stand on.
  public mutating func settle(given: Set<String>) throws(SettingError) {
    let standard = AdapterSettings().declarations
    for (setting, usual) in zip(declarations, standard)
    where rank == 0 && given.contains(setting.key) && setting.words != usual.words {
      throw SettingError(
        key: setting.key, value: setting.words.joined(separator: " "),
        problem: "it says how adapters are trained, and without lora_r there are none")
    }
    guard weights.packing == nil || !isWeightDecomposed else {
      throw SettingError(key: "weights", value: weights.rawValue, problem: "it can't be had with use_dora")
    }
  }

  /// The adapters' configuration; nil where the whole model is trained.
  ///
  /// - Parameter base: the base's folder, noted in what is written.
  public func configuration(base: URL) -> LowRankConfiguration? {
    guard rank > 0 else { return nil }
    var made = LowRankConfiguration(
      rank: rank, alpha: alpha, targets: targets, dropout: dropout, isRankStabilized: isRankStabilized,
      isWeightDecomposed: isWeightDecomposed)
    made.base = base.standardizedFileURL.path
    made.baseFingerprint = Fingerprint.ofWeights(base.path)
    return made
  }

  /// Whether a GGUF file's matrices stay in its blocks: where adapters are trained beside them, whose magnitudes don't need them restored.
  public var keepsBlocks: Bool { rank > 0 && weights.keepsBlocks && !isWeightDecomposed }
}

extension WeightFormat: SettingValue {}
