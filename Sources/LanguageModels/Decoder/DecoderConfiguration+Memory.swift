public import Settings

extension DecoderConfiguration {
  /// Parameters in all, in floating point: a shape that can't be held may have more than an integer can count.
  private var parameters: Double {
    let (v, w) = (Double(vocabularySize), Double(width))
    var attention = w * Double(headWidth) * Double(2 * heads + 2 * keyValueHeads)
    if let latentAttention {
      attention = latentAttention.shapes(self).reduce(0) { $0 + $1.shape.reduce(1) { $0 * Double($1) } }
    }
    let sparse = experts.map { layers - $0.denseLayers.count } ?? 0
    let inner =
      Double(layers - sparse) * Double(feedForwardWidth)
      + Double(sparse) * (experts.map { Double($0.count) * Double($0.width) + Double($0.sharedWidth) } ?? 0)
    return (tiesEmbeddings ? 1 : 2) * v * w + (positions == .learned ? Double(contextLength) * w : 0)
      + Double(layers) * attention + (isGated ? 3 : 2) * w * inner
  }

  /// Refuses a shape whose weights the machine can't hold.
  ///
  /// - Parameter copies: how often each weight is there: once to read, four times to train (weight, gradient, two moments).
  /// - Throws: `MemoryShortageError`, saying how many parameters would fit.
  public func requireMemory(copies: Int = 1, free: Int? = MachineMemory.free) throws(MemoryShortageError) {
    let bytes = 4 * copies
    try MachineMemory.require(
      bytes: parameters * Double(bytes),
      for: "\(copies > 1 ? "training " : "")a model of \(millions(parameters)) parameters (\(layers) layers, \(width) "
        + "features, \(vocabularySize) tokens, context \(contextLength))",
      fitting: { "\(millions(Double($0 / bytes))) parameters would fit" }, free: free)
  }

  /// The bytes that training holds for each token of a pass at least: in bfloat16 and with every layer's weights frozen, the residual
  /// stream and both halves of a gated feed-forward part still wait for the backward pass.
  public var trainingBytesPerToken: Int { 2 * layers * 2 * (width + feedForwardWidth) }
}

private func millions(_ count: Double) -> String {
  count < 1e13 ? "\(Int((count / 1e6).rounded())) million" : "\(count)"
}
