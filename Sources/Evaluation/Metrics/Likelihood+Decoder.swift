public import LanguageModels
public import Tokenization
import Torch
import Training

extension Likelihood {
  /// The fit of a model to documents, each cut into pieces of the model's context.
  ///
  /// A piece's first token is not counted, as nothing predicts it.
  ///
  /// - Parameter microBatchTokens: the most tokens in one forward pass.
  public init(of documents: [String], under model: Decoder, tokenizer: Tokenizer, microBatchTokens: Int = 8192) {
    self.init()
    let context = model.configuration.contextLength
    let pieces = documents.flatMap { text -> [[Int]] in
      let ids = tokenizer.encode(text)
      return stride(from: 0, to: ids.count, by: context)
        .map { Array(ids[$0..<min($0 + context, ids.count)]) }.filter { $0.count > 1 }
    }
    for pass in microBatches(pieces, tokens: microBatchTokens, size: \.count) {
      let packed = PackedTokens(pass)
      let values = withoutGradients { model.logProbabilities(packed).array() }
      for (piece, range) in zip(pass, packed.ranges) {
        add(
          logProbabilities: values[range].dropFirst().map(Double.init),
          bytes: tokenizer.decode(Array(piece.dropFirst()), skipSpecialTokens: false).utf8.count)
      }
    }
  }
}
