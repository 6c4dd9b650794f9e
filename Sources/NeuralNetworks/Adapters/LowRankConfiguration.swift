/// The adapters that a model gets, with the keys of PEFT's `adapter_config.json`.
public struct LowRankConfiguration: Sendable, Codable, Equatable {
  /// The rank of the update.
  public var rank: Int
  /// The numerator of its factor.
  public var alpha: Double
  /// The layers that get one: those whose name, or last part of it, is here.
  public var targets: [String]
  /// The probability that a feature of an adapter's input is dropped while training.
  public var dropout: Double
  /// Whether the factor is alpha/√rank rather than alpha/rank, which keeps updates of large rank alive.
  public var isRankStabilized: Bool
  /// Whether the rows' lengths are trained apart from their directions (DoRA, Liu 2024).
  public var isWeightDecomposed: Bool
  /// The folder or hub name of the base, as a note for whoever loads the adapters.
  public var base: String?
  /// What the base's weights were when the adapters were trained, as `Fingerprint` has it; in a file of its own, which PEFT leaves alone.
  public var baseFingerprint: String?
  /// The task of the adapted model: `CAUSAL_LM` or `SEQ_CLS`.
  public var task: String?
  /// Parts of the network that are trained whole and saved with the adapters, such as `score`.
  public var savedModules: [String]?
  /// Whether the base's files hold the transposed weights of these layers, as GPT-2's do.
  ///
  /// PEFT asks; the adapters' tensors are the same either way.
  public var isTransposed = false

  /// The target that means every linear layer but the output embedding.
  public static let allLinear = "all-linear"
  /// PEFT's names for the attention projections of Llama and its relatives.
  public static let attention = ["q_proj", "k_proj", "v_proj", "o_proj"]

  /// Adapters of one rank on the layers named by `targets`.
  public init(
    rank: Int = 8, alpha: Double = 16, targets: [String] = LowRankConfiguration.attention,
    dropout: Double = 0, isRankStabilized: Bool = false, isWeightDecomposed: Bool = false
  ) {
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
    self.dropout = dropout
    self.isRankStabilized = isRankStabilized
    self.isWeightDecomposed = isWeightDecomposed
  }

  /// The factor on the update.
  public var scale: Double {
    isRankStabilized ? alpha / Double(rank).squareRoot() : alpha / Double(rank)
  }

  enum CodingKeys: String, CodingKey {
    case rank = "r"
    case alpha = "lora_alpha"
    case targets = "target_modules"
    case dropout = "lora_dropout"
    case isRankStabilized = "use_rslora"
    case isWeightDecomposed = "use_dora"
    case base = "base_model_name_or_path"
    case task = "task_type"
    case savedModules = "modules_to_save"
    case isTransposed = "fan_in_fan_out"
    case kind = "peft_type"
    case bias
    case isForInference = "inference_mode"
    case ranks = "rank_pattern"
    case alphas = "alpha_pattern"
    case onlyLayers = "layers_to_transform"
    case parameters = "target_parameters"
    case excluded = "exclude_modules"
    case replicas = "layer_replication"
    case trainedTokens = "trainable_token_indices"
    case trainsBias = "lora_bias"
  }

  /// Reads an `adapter_config.json`.
  ///
  /// - Throws: `DecodingError` that names the key for another kind of adapter than LoRA, trained biases, a rank below 1
  ///   or a dropout outside 0 … 1.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func refuse(_ key: CodingKeys, _ text: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: values, debugDescription: text)
    }
    let kind = try values.decodeIfPresent(String.self, forKey: .kind) ?? "LORA"
    guard kind == "LORA" else { throw refuse(.kind, "peft_type '\(kind)' is not supported; LORA is") }
    let bias = try values.decodeIfPresent(String.self, forKey: .bias) ?? "none"
    guard bias == "none" else { throw refuse(.bias, "bias '\(bias)' is not supported; none is") }
    for key in [CodingKeys.ranks, .alphas] {
      let pattern = try values.decodeIfPresent([String: Double].self, forKey: key) ?? [:]
      guard pattern.isEmpty else {
        throw refuse(key, "\(key.rawValue) is not supported: all adapters have one rank and alpha")
      }
    }
    for key in [CodingKeys.onlyLayers, .parameters, .excluded, .replicas, .trainedTokens] where values.contains(key) {
      guard try values.decodeNil(forKey: key) else {
        throw refuse(key, "\(key.rawValue) is not supported; a list of target_modules is")
      }
    }
    guard try values.decodeIfPresent(Bool.self, forKey: .trainsBias) != true else {
      throw refuse(.trainsBias, "lora_bias is not supported")
    }
    let names: [String]
    if let one = try? values.decode(String.self, forKey: .targets) {
      guard one == Self.allLinear else {
        throw refuse(.targets, "target_modules '\(one)' is a pattern; a list of names is needed")
      }
      names = [one]
    } else {
      names = try values.decode([String].self, forKey: .targets).sorted()
    }
    self.init(
      rank: try values.decode(Int.self, forKey: .rank),
      alpha: try values.decode(Double.self, forKey: .alpha),
      targets: names,
      dropout: try values.decodeIfPresent(Double.self, forKey: .dropout) ?? 0,
      isRankStabilized: try values.decodeIfPresent(Bool.self, forKey: .isRankStabilized) ?? false,
      isWeightDecomposed: try values.decodeIfPresent(Bool.self, forKey: .isWeightDecomposed) ?? false)
    base = try values.decodeIfPresent(String.self, forKey: .base)
    task = try values.decodeIfPresent(String.self, forKey: .task)
    savedModules = try values.decodeIfPresent([String].self, forKey: .savedModules)
    isTransposed = try values.decodeIfPresent(Bool.self, forKey: .isTransposed) ?? false
    guard rank >= 1 else { throw refuse(.rank, "r must be at least 1, but is \(rank)") }
    guard (0...1).contains(dropout) else {
      throw refuse(.dropout, "lora_dropout is a probability, but is \(dropout)")
    }
  }

  /// Writes an `adapter_config.json` that PEFT reads.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode("LORA", forKey: .kind)
    try values.encode("none", forKey: .bias)
    try values.encode(rank, forKey: .rank)
    try values.encode(alpha, forKey: .alpha)
    if targets == [Self.allLinear] {
      try values.encode(Self.allLinear, forKey: .targets)
    } else {
      try values.encode(targets, forKey: .targets)
    }
    try values.encode(dropout, forKey: .dropout)
    try values.encode(isRankStabilized, forKey: .isRankStabilized)
    try values.encode(isWeightDecomposed, forKey: .isWeightDecomposed)
    try values.encode(base, forKey: .base)
    try values.encode(task, forKey: .task)
    try values.encode(savedModules, forKey: .savedModules)
    try values.encode(isTransposed, forKey: .isTransposed)
    try values.encode(true, forKey: .isForInference)
  }
}
