public import Torch

/// The type in which a network computes; weights, gradients and the optimizer's state are float32 either way.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// Everything in float32.
  case float32
  /// Matrix products and attention in bfloat16 over float32 master weights (Micikevicius 2018, Kalamkar 2019); sums,
  /// norms and losses stay in float32.
  case bfloat16

  /// Runs the forward pass `body` in this precision; the backward pass follows what the forward pass recorded.
  public func run<Result>(on device: Device = .cpu, _ body: () throws -> Result) rethrows -> Result {
    try withAutocast(self == .bfloat16 ? .bfloat16 : nil, device: device, body)
  }
}
