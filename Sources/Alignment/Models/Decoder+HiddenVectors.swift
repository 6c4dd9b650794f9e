public import LanguageModels
import Torch
import Training

extension Decoder {
  /// The hidden vector after the last norm at each sequence's last token, where a reward head is read:
  /// `[sequences][width]`, a few thousand tokens at a time, without gradients.
  public func lastHiddenVectors(_ sequences: [[Int]], microBatchTokens: Int = 8192) -> [[Float]] {
    withoutGradients {
      microBatches(sequences, tokens: microBatchTokens) { $0.count }.flatMap { batch -> [[Float]] in
        let packed = PackedTokens(batch)
        let last = Tensor(ids: packed.lastPositions).to(device: device)
        let values: [Float] = self(packed).indexSelect(last).to(.float32).array()
        let width = configuration.width
        return batch.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
      }
    }
  }

  /// What a frozen model has to say on completions: the hidden vector after the last norm at the last token, and behind it the mean
  /// over the completion's tokens, `[completions][2 · width]`.
  ///
  /// Neighbours of one prompt share its computation; without gradients.
  public func completionVectors(
    _ completions: [(prompt: [Int], completion: [Int])], microBatchTokens: Int = 8192
  ) -> [[Float]] {
    withoutGradients {
      microBatches(completions, tokens: microBatchTokens) { $0.prompt.count + $0.completion.count }
        .flatMap { batch -> [[Float]] in
          let packed = PackedTokens(prompted: batch)
          let hidden = self(packed).to(.float32)
          let rows = zip(packed.ranges, batch).map { range, item -> Tensor in
            let own = hidden.slice(range.suffix(max(1, item.completion.count)))
            return Tensor.concatenated([own.select(own.size(0) - 1, axis: 0), own.mean(axis: 0)])
          }
          let values: [Float] = Tensor.stacked(rows).array()
          let width = 2 * configuration.width
          return batch.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
        }
    }
  }
}
