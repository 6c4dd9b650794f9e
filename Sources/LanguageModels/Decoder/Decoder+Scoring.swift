public import Torch

extension PackedTokens {
  /// The next token of each token's sequence, −100 at the end of each sequence and of what sequences share.
  public var nextTokens: [Int] {
    var targets = Array(tokens.dropFirst()) + [-100]
    for end in boundaries.dropFirst() { targets[end - 1] = -100 }
    return targets
  }
}

extension Decoder {
  /// ln p of every token given those before it in its sequence, `[tokens]`; 0 for the first of each sequence,
  /// counted from where it no longer shares.
  ///
  /// Differentiable unless the weights are packed for inference; logits are made a chunk at a time. Position i holds the
  /// log-probability of token i.
  /// - Parameter temperature: divides the logits.
  public func logProbabilities(_ packed: PackedTokens, temperature: Double = 1) -> Tensor {
    let hidden = self(packed)
    let targets = Tensor(ids: packed.nextTokens).to(device: device)
    if isPacked {
      return packedLogProbabilities(hidden, targets, temperature: temperature).rolled(1, axis: 0)
    }
    let (next, _) = Tensor.linearLogProbabilities(
      hidden, outputTable, targets: targets, temperature: temperature,
      softCap: configuration.logitSoftCap)
    // Entry i is about token i + 1: shift by one; the ends of sequences hold 0 and land on the firsts.
    return next.rolled(1, axis: 0)
  }

  /// The same by the packed output table, whose errors belong to what is scored.
  private func packedLogProbabilities(
    _ hidden: Tensor, _ targets: Tensor, temperature: Double
  ) -> Tensor {
    let rows = hidden.size(0)
    // About 8 MB of logits at a time.
    let step = max(64, (2 << 20) / configuration.vocabularySize)
    return Tensor.concatenated(
      stride(from: 0, to: rows, by: step).map { start in
        let range = start..<min(start + step, rows)
        let own = targets.slice(range)
        let isLast = own .< 0
        return (logits(hidden.slice(range)) / temperature).logSoftmax(axis: -1)
          .gather(own.maskedFill(isLast, 0).unsqueezed(1), axis: 1).squeezed(1)
          .maskedFill(isLast, 0)
      })
  }
}
