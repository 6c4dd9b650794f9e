import LanguageModels
import Torch

/// Completions laid down for one pass, with the rows that predict their tokens.
struct CompletionRows {
  /// Prompts and completions, end to end.
  let packed: PackedTokens
  /// The row before each completion token: where it is predicted, and where a value before it is read.
  let before: Tensor
  /// The completion tokens.
  private let targets: Tensor
  /// The completion that each of them belongs to.
  private let owners: [Int]

  /// Lays down completions; neighbours of one prompt share it.
  ///
  /// After an empty prompt nothing predicts a completion's first token, which is left out.
  /// - Parameter isSpoken: of each completion, whether its tokens are the policy's own; nil where all are. Others get no row.
  init(
    _ completions: some Sequence<(prompt: [Int], completion: [Int])>, isSpoken: [[Bool]?] = [], device: Device
  ) {
    let pairs = Array(completions)
    packed = PackedTokens(prompted: pairs)
    var rows: [Int] = [], owners: [Int] = []
    for (i, (range, pair)) in zip(packed.ranges, pairs).enumerated() {
      var predicted = Array(range.suffix(pair.completion.count - (pair.prompt.isEmpty ? 1 : 0)))
      if i < isSpoken.count, let own = isSpoken[i] {
        predicted = zip(predicted, own.suffix(predicted.count)).filter(\.1).map(\.0)
      }
      rows += predicted
      owners += Array(repeating: i, count: predicted.count)
    }
    before = Tensor(ids: rows.map { $0 - 1 }).to(device: device)
    targets = Tensor(ids: rows.map { [packed] in packed.tokens[$0] }).to(device: device)
    self.owners = owners
  }

  /// ln π of each completion token, differentiable, `[tokens]`; only their rows meet the vocabulary.
  func logProbabilities(_ policy: Decoder, temperature: Double) -> Tensor {
    logProbabilities(of: policy(packed), by: policy, temperature: temperature)
  }

  /// ln π of each completion token from the hidden vectors of ``packed`` that the policy made.
  func logProbabilities(of hidden: Tensor, by policy: Decoder, temperature: Double) -> Tensor {
    Tensor.linearLogProbabilities(
      hidden.indexSelect(before), policy.outputTable, targets: targets, temperature: temperature,
      softCap: policy.configuration.logitSoftCap
    ).0
  }

  /// The sum over each completion's tokens, `[completions]`.
  func sums(_ each: Tensor) -> Tensor {
    Tensor.zeros([packed.sequenceCount], device: each.device)
      .indexAdd(Tensor(ids: owners).to(device: each.device), each)
  }
}
