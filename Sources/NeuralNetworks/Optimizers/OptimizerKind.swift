/// The optimizers by the names that Hugging Face's `optim` gives them.
public enum OptimizerKind: String, Sendable, Codable, CaseIterable {
  /// ``AdamW``.
  case adamW = "adamw_torch"
  /// ``SGD`` with momentum β₁.
  case sgd
  /// ``Adafactor`` with a given learning rate.
  case adafactor
  /// ``Muon`` for hidden matrices, AdamW for the rest.
  case muon

  /// Makes one for the trainable parameters of a module, with the usual groups.
  ///
  /// - Parameters:
  ///   - weightDecay: for matrices; biases and norms have none.
  ///   - moments: AdamW's settings; SGD's momentum is its β₁.
  public func optimizer(
    for module: Module, weightDecay: Double, moments: AdamW.Options = .init()
  ) -> any Optimizer {
    switch self {
    case .adamW:
      return AdamW(ParameterGroup.standard(for: module, weightDecay: weightDecay), options: moments)
    case .sgd:
      return SGD(
        ParameterGroup.standard(for: module, weightDecay: weightDecay), momentum: moments.beta1)
    case .adafactor:
      return Adafactor(ParameterGroup.standard(for: module, weightDecay: weightDecay))
    case .muon:
      let groups = ParameterGroup.muon(for: module, weightDecay: weightDecay)
      var options = Muon.Options()
      options.adamW = moments
      return Muon(matrices: groups.matrices, others: groups.others, options: options)
    }
  }
}
