public import NeuralNetworks
public import Torch

/// The part of an agent's network that makes features of pictures; policy and value read the same ones.
open class ImageBody: Module {
  /// The number of features.
  public let features: Int

  /// A body of so many features.
  public init(features: Int) {
    self.features = features
    super.init()
  }

  /// Features `[N, features]` of pictures `[N, C, H, W]` with values from 0 to 255.
  open func callAsFunction(_ pixels: Tensor) -> Tensor {
    preconditionFailure("\(type(of: self)) makes no features")
  }
}

/// A body that sees nothing: the same features whatever the picture.
///
/// A policy over it is a fixed distribution over actions, the best of which is the zero of normalised scores (Cobbe 2019,
/// appendix C).
public final class BlindBody: ImageBody {
  /// A body without parameters; the head's biases and weights do the same, and with a few features they learn faster.
  public init() { super.init(features: 16) }

  /// Ones.
  public override func callAsFunction(_ pixels: Tensor) -> Tensor {
    Tensor.ones([pixels.size(0), features], device: pixels.device)
  }
}
