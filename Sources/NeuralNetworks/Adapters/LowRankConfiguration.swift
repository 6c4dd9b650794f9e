/// What adapters a model gets, with the keys of PEFT's `adapter_config.json`.
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

  /// PEFT's names for the attention projections of Llama and its relatives.
  public static let attention = ["q_proj", "k_proj", "v_proj", "o_proj"]

  /// Adapters of one rank on the layers named by `targets`.
  public init(
    rank: Int = 8, alpha: Double = 16, targets: [String] = LowRankConfiguration.attention,
    dropout: Double = 0, isRankStabilized: Bool = false
  ) {
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
    self.dropout = dropout
    self.isRankStabilized = isRankStabilized
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
    case kind = "peft_type"
    case bias
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
    self.init(
      rank: try values.decode(Int.self, forKey: .rank),
      alpha: try values.decode(Double.self, forKey: .alpha),
      targets: try values.decode([String].self, forKey: .targets),
      dropout: try values.decodeIfPresent(Double.self, forKey: .dropout) ?? 0,
      isRankStabilized: try values.decodeIfPresent(Bool.self, forKey: .isRankStabilized) ?? false)
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
    try values.encode(targets, forKey: .targets)
    try values.encode(dropout, forKey: .dropout)
    try values.encode(isRankStabilized, forKey: .isRankStabilized)
  }
}
