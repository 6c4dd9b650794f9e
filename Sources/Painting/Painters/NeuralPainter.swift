public import NeuralNetworks
public import Torch

/// A network that paints as a brush does, so that gradients of a picture reach the numbers of its strokes (Nakano 2019).
///
/// It makes coverage of shapes; a colour is laid on by ``StrokeComposition``. The published painters make red, green and
/// blue of all twelve numbers, and learn from eight million strokes that colour is a product.
///
/// ```
/// let painter = try PainterFolder("runs/charcoal").load()
/// let coverage = painter(Tensor([0.6, 0.5, 0.5, 0.2, 0.9, 0.9, 0.1, 0.9, 0.8] as [Float], shape: [1, 9]))   // [1, 64, 64]
/// ```
open class NeuralPainter: Module {
  /// A painter by name.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// ``CurvePainter``.
    case curve
    /// ``VariationalPainter``.
    case vae
    /// ``AdversarialPainter``.
    case gan
  }

  /// The painter's name.
  public let kind: Kind

  init(kind: Kind) {
    self.kind = kind
    super.init()
  }

  /// An untrained painter.
  public static func make(_ kind: Kind, generator: Generator) -> NeuralPainter {
    switch kind {
    case .curve: CurvePainter(generator: generator)
    case .vae: VariationalPainter(generator: generator)
    case .gan: AdversarialPainter(generator: generator)
    }
  }

  /// Coverage `[N, 64, 64]` from 0 to 1 of shapes `[N, 9]`.
  open func callAsFunction(_ shapes: Tensor) -> Tensor {
    preconditionFailure("\(type(of: self)) paints nothing")
  }
}
