import Foundation
public import NeuralNetworks
public import Torch

/// Vectors as whole numbers: each level names the vector of its codebook that is nearest to what the levels before left over.
///
/// With one level it is the quantiser of VQ-VAE (van den Oord 2017), with several that of neural sound codecs (Zeghidour 2021, SoundStream,
/// section III-C). Gradients pass straight through; a codebook's vectors follow what they stand for by the loss, and ones that nothing is
/// near to any more are put where something is.
///
/// ```
/// let quantizer = ResidualQuantizer(width: 16, size: 256, levels: 2, generator: Generator(seed: 1))
/// let found = quantizer(latents)                    // latents [n, 16]
/// let again = quantizer.vectors(found.codes)        // codes: two tensors [n]
/// ```
public final class ResidualQuantizer: Module {
  /// Features of a vector.
  public let width: Int
  /// Vectors of a codebook.
  public let size: Int
  /// One table `[size, width]` a level.
  @Child("codebooks") public var codebooks: [Embedding]
  /// How often each code came up lately, `[levels, size]`: a mean that forgets.
  @Buffer("use") public var use: Tensor

  /// Codebooks of normally distributed vectors, smaller from level to level.
  public init(width: Int, size: Int, levels: Int, generator: Generator) {
    precondition(width > 0 && size > 1 && levels > 0, "a quantiser has features, codes and levels")
    self.width = width
    self.size = size
    super.init()
    codebooks = (0..<levels).map {
      Embedding(size, width, standardDeviation: 0.5 / Double($0 + 1), generator: generator)
    }
    use = Tensor.ones([levels, size])
  }

  /// What became of vectors.
  public struct Result {
    /// The sums of the codes' vectors, `[n, width]`; gradients go to the input as if they were the input.
    public var quantized: Tensor
    /// For each level the codes, int64 `[n]`.
    public var codes: [Tensor]
    /// Mean squared distances: of the codebooks to the inputs, and a quarter of the inputs' to the codebooks.
    public var loss: Tensor
  }

  /// The codes of vectors `[n, width]`.
  public func callAsFunction(_ x: Tensor) -> Result {
    var rest = x
    var sum: Tensor?
    var codes: [Tensor] = []
    var loss = Tensor(0)
    for book in codebooks {
      let code = withoutGradients { nearest(rest, in: book.weight) }
      let vector = book(code)
      loss =
        loss + rest.detached().meanSquaredError(vector)
        + rest.meanSquaredError(vector.detached()) * 0.25
      rest = rest - vector.detached()
      sum = sum.map { $0 + vector } ?? vector
      codes.append(code)
    }
    let total = sum ?? x
    return Result(quantized: x + (total - x).detached(), codes: codes, loss: loss)
  }

  /// The vectors of codes, `[n, width]`.
  public func vectors(_ codes: [Tensor]) -> Tensor {
    var sum = Tensor.zeros([codes.first?.size(0) ?? 0, width])
    for (book, code) in zip(codebooks, codes) { sum = sum + book(code) }
    return sum
  }

  private func nearest(_ x: Tensor, in table: Tensor) -> Tensor {
    // |x − c|² without |x|², which is the same for all codes.
    (table.square().sum(axis: 1) - x.matmul(table.transposed()) * 2).argmin(axis: 1)
  }

  /// Notes which codes came up, and where asked to puts forgotten ones at random inputs; call it after a step on the step's vectors.
  ///
  /// - Parameter replacing: whether codes that hardly came up lately are placed anew.
  public func follow(_ x: Tensor, replacing: Bool, generator: Generator) {
    withoutGradients {
      var rest = x.detached()
      for (level, book) in codebooks.enumerated() {
        let row = use.select(level, axis: 0)
        if replacing {
          let dead = (row .< 0.3).nonzero().reshaped([-1])
          let count = dead.size(0)
          if count > 0 {
            let picks = Tensor.randint(0..<rest.size(0), [count], generator: generator)
            let places = dead.unsqueezed(1).expanded([count, width])
            book.weight.copyInPlace(book.weight.scatter(places, rest.indexSelect(picks), axis: 0))
            row.copyInPlace(row.scatter(dead, Tensor.ones([count]), axis: 0))
          }
        }
        let code = nearest(rest, in: book.weight)
        let seen = Tensor.zeros([size]).scatterAdd(code, Tensor.ones([code.size(0)]), axis: 0)
        row.copyInPlace(row.lerp(seen, 0.02))
        rest = rest - book(code)
      }
    }
  }

  /// For each level, e to the entropy of how often codes come up: how many are in use as if evenly (perplexity).
  public static func perplexity(_ codes: [[Int]], size: Int) -> Double {
    let all = codes.joined()
    var counts = [Double](repeating: 0, count: size)
    for code in all { counts[code] += 1 }
    let total = max(1, counts.reduce(0, +))
    return exp(-counts.reduce(0) { $1 > 0 ? $0 + $1 / total * log($1 / total) : $0 })
  }
}
