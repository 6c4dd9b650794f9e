import LanguageModels
import Torch

/// A pass of episodes laid down for a learner, with the rows that predict their completions' tokens.
struct CompletionRows {
  /// Prompts and completions, end to end.
  let packed: PackedTokens
  /// The row before each completion token: where it is predicted, and where a value before it is read.
  let before: Tensor
  /// The completion tokens.
  private let targets: Tensor

  /// Lays down episodes; neighbours of one prompt share it.
  init(_ episodes: some Sequence<Rollout.Episode>, device: Device) {
    let pairs = episodes.map { ($0.prompt, $0.completion) }
    packed = PackedTokens(prompted: pairs)
    var rows: [Int] = []
    for (range, pair) in zip(packed.ranges, pairs) { rows += range.suffix(pair.1.count) }
    before = Tensor(ids: rows.map { $0 - 1 }).to(device: device)
    targets = Tensor(ids: rows.map { [packed] in packed.tokens[$0] }).to(device: device)
  }

  /// ln π of each completion token, differentiable, `[tokens]`; only their rows meet the vocabulary.
  func logProbabilities(_ policy: Decoder, temperature: Double) -> Tensor {
    Tensor.linearLogProbabilities(
      policy(packed).indexSelect(before), policy.outputTable, targets: targets, temperature: temperature,
      softCap: policy.configuration.logitSoftCap
    ).0
  }
}
