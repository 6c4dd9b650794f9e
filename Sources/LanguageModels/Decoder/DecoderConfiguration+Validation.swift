public import Documents
import NeuralNetworks

extension DecoderConfiguration {
  /// Refuses sizes and settings that no model can have.
  ///
  /// - Throws: ``ConfigurationError`` that names the setting.
  public func validate() throws {
    for (name, value) in [
      ("vocab_size", vocabularySize), ("hidden_size", width), ("num_hidden_layers", layers),
      ("num_attention_heads", heads), ("num_key_value_heads", keyValueHeads), ("head_dim", headWidth),
      ("intermediate_size", feedForwardWidth), ("max_position_embeddings", contextLength),
    ] {
      try require(value > 0 && value < 1 << 31, "\(name) is \(value); it must be positive")
    }
    // So that no product of sizes overflows.
    try require(
      heads * headWidth < 1 << 31, "num_attention_heads (\(heads)) times head_dim (\(headWidth)) is too large")
    try require(
      heads % keyValueHeads == 0,
      "num_attention_heads (\(heads)) must be a multiple of num_key_value_heads (\(keyValueHeads))")
    try require(
      !interleavesHeads || heads == keyValueHeads, "interleaved heads need one key and value head for each")
    for (name, value) in [
      ("embd_pdrop", dropout.embedding), ("resid_pdrop", dropout.residual), ("attn_pdrop", dropout.attention),
    ] {
      try require((0..<1).contains(value), "\(name) is \(value); it must be from 0 to below 1")
    }
    for (name, value) in [
      ("query_pre_attn_scalar", queryScalar), ("attn_logit_softcapping", attentionSoftCap),
      ("final_logit_softcapping", logitSoftCap), ("rope_local_base_freq", slidingRotaryBase),
    ] {
      if let value { try require(value > 0 && value.isFinite, "\(name) is \(value); it must be above 0") }
    }
    try require(
      normEpsilon >= 0 && normEpsilon.isFinite, "the norms' epsilon is \(normEpsilon); it must be 0 or more")
    try validateLayers()
    try validatePositions()
    try validateParts()
    try require(
      Activation(rawValue: activation) != nil,
      "activation '\(activation)' is not known; known are "
        + Activation.allCases.map(\.rawValue).joined(separator: ", "))
  }

  private func validateLayers() throws {
    try require(
      layerTypes.isEmpty || layerTypes.count == layers,
      "layer_types has \(layerTypes.count) entries for \(layers) layers")
    if layerTypes.contains(.sliding) {
      try require(
        (slidingWindow ?? 0) > 0,
        "sliding_window is \(slidingWindow.map(String.init) ?? "missing"); sliding layers need one above 0")
    }
  }

  private func validatePositions() throws {
    guard case .rotary(let base) = positions else { return }
    try require(base > 0 && base.isFinite, "rope_theta is \(base); it must be above 0")
    try require(
      rotaryFraction > 0 && rotaryFraction <= 1,
      "partial_rotary_factor is \(rotaryFraction); it must be above 0 and at most 1")
    try require(
      rotaryWidth > 0 && rotaryWidth % 2 == 0,
      "head_dim (\(headWidth)) has \(rotaryWidth) features to turn by position, which must be even")
    do { try rotaryScaling.validate(width: rotaryWidth) } catch {
      throw ConfigurationError("rope_parameters: \(error)")
    }
  }

  private func validateParts() throws {
    for (name, value) in [
      ("embedding_multiplier", embeddingMultiplier), ("residual_multiplier", residualMultiplier),
      ("logits_scaling", logitDivisor), ("attention_multiplier", attentionMultiplier ?? 1),
    ] {
      try require(value > 0 && value.isFinite, "\(name) is \(value); it must be above 0")
    }
    if let experts { try validate(experts) }
    guard let latent = latentAttention else { return }
    for (name, value) in [
      ("kv_lora_rank", latent.rank), ("q_lora_rank", latent.queryRank ?? 1), ("qk_nope_head_dim", latent.plainWidth),
      ("qk_rope_head_dim", latent.turnedWidth), ("v_head_dim", latent.valueWidth),
    ] {
      try require(value > 0 && value < 1 << 20, "\(name) is \(value); it must be positive")
    }
    try require(latent.turnedWidth % 2 == 0, "qk_rope_head_dim is \(latent.turnedWidth), which must be even")
  }

  /// Published models have up to some hundred experts a layer; a list for a hostile number would not fit into memory.
  private static let mostExperts = 4096

  private func validate(_ e: Experts) throws {
    try require(
      (1...Self.mostExperts).contains(e.count),
      "num_experts (num_local_experts, n_routed_experts) is \(e.count); it must be 1 to \(Self.mostExperts)")
    try require(
      (1...e.count).contains(e.perToken),
      "num_experts_per_tok is \(e.perToken); it must be 1 to the number of experts, \(e.count)")
    try require(e.width > 0 && e.width < 1 << 31, "the experts' intermediate_size is \(e.width); it must be positive")
    try require(
      e.sharedWidth >= 0 && e.sharedWidth < 1 << 31, "the shared expert's intermediate_size is \(e.sharedWidth)")
    try require(e.scale > 0 && e.scale.isFinite, "routed_scaling_factor is \(e.scale); it must be above 0")
    try require(
      e.groups > 0 && e.count % e.groups == 0 && (1...e.groups).contains(e.chosenGroups),
      "n_group (\(e.groups)) must divide the number of experts (\(e.count)), and topk_group (\(e.chosenGroups)) be at most that"
    )
    let each = e.count / e.groups
    try require(
      e.perToken <= e.chosenGroups * each && (e.groupScoring == .best || each > 1 || e.groups == 1),
      "\(e.chosenGroups) groups of \(each) experts are too few to choose \(e.perToken) from")
  }

  private func require(_ holds: Bool, _ text: @autoclosure () -> String) throws {
    if !holds { throw ConfigurationError(text()) }
  }
}

/// A configuration of a model, or of what runs it, that can't be used, and why.
public struct ConfigurationError: UserFacingError {
  /// The message: what is wrong and where.
  public var description: String
  /// An error with this text.
  public init(_ description: String) { self.description = description }
}
