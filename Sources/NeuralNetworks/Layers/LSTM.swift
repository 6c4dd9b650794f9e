public import Torch

/// Layers of long short-term memory over `[batch, length, in]` (Hochreiter 1997), with PyTorch's weights and names.
///
/// Gates are stacked in the order input, forget, cell, output: `weight_ih_l0` is `[4·hidden, in]`, `weight_hh_l0`
/// `[4·hidden, hidden]`, `bias_ih_l0` and `bias_hh_l0` `[4·hidden]`. One direction; between layers there is no dropout.
public final class LSTM: Module {
  /// The state carried from step to step: both `[layers, batch, hidden]`.
  public struct State {
    /// The output of every layer at the last step.
    public var hidden: Tensor
    /// The cells of every layer at the last step.
    public var cell: Tensor

    /// A state by hand.
    public init(hidden: Tensor, cell: Tensor) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  /// The number of layers that are stacked.
  public let layers: Int
  /// The width of the output.
  public let hidden: Int
  private let weights = ParameterTable()

  /// Draws all weights and biases as PyTorch does: uniform in ±1/√hidden.
  public init(_ inputs: Int, hidden: Int, layers: Int = 1, generator: Generator) {
    self.layers = layers
    self.hidden = hidden
    super.init()
    let bound = 1 / Double(hidden).squareRoot()
    for layer in 0..<layers {
      for (name, shape) in [
        ("weight_ih", [4 * hidden, layer == 0 ? inputs : hidden]),
        ("weight_hh", [4 * hidden, hidden]), ("bias_ih", [4 * hidden]), ("bias_hh", [4 * hidden]),
      ] {
        let tensor = Tensor.empty(shape)
        tensor.uniformInPlace(-bound, bound, generator: generator)
        weights.append("\(name)_l\(layer)", tensor)
      }
    }
  }

  /// Applies the layers: `[batch, length, in]` gives `[batch, length, hidden]` and the state after the last step.
  ///
  /// - Parameter state: where to go on from; zeros without one.
  public func callAsFunction(_ x: Tensor, state: State? = nil) -> (output: Tensor, state: State) {
    let zeros = { Tensor.zeros([self.layers, x.size(0), self.hidden], dtype: x.dtype, device: x.device) }
    let start = state ?? State(hidden: zeros(), cell: zeros())
    let result = x.lstm(
      hidden: start.hidden, cell: start.cell, weights: weights.tensors, layers: layers,
      batchFirst: true)
    return (result.output, State(hidden: result.hidden, cell: result.cell))
  }
}
