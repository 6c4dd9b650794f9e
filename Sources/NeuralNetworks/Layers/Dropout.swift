public import Torch

/// Zeroes features at random while training and scales the rest up (Srivastava 2014); the identity in evaluation.
///
/// The numbers come from the ``RandomSource`` that the network shares, never from a global one.
public final class Dropout: Module {
  /// The probability of a zero.
  public let probability: Double
  private let random: RandomSource

  /// - Parameters:
  ///   - probability: 0 to 1.
  ///   - random: the run's random numbers.
  public init(_ probability: Double, random: RandomSource) {
    precondition((0...1).contains(probability), "a dropout probability is 0 to 1, not \(probability)")
    self.probability = probability
    self.random = random
    super.init()
  }

  /// Applies the layer; see ``Module/train(_:)`` for the mode.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard isTraining, probability > 0 else { return x }
    return x.dropout(probability, generator: random.generator(on: x.device))
  }
}
