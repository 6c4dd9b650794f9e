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
}
