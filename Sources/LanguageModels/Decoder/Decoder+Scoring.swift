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
  /// Differentiable; logits are made a chunk at a time, by the packed output table where there is one, for its errors belong to what is
  /// scored. Position i holds the log-probability of token i.
  /// - Parameter temperature: divides the logits.
  public func logProbabilities(_ packed: PackedTokens, temperature: Double = 1) -> Tensor {
    let hidden = self(packed)
    let targets = Tensor(ids: packed.nextTokens).to(device: device)
    let (next, _) = Tensor.linearLogProbabilities(
      hidden, outputTable, targets: targets, temperature: temperature,
      softCap: configuration.logitSoftCap)
    // Entry i is about token i + 1: shift by one; the ends of sequences hold 0 and land on the firsts.
    return next.rolled(1, axis: 0)
  }
}
