/// One step of a long short-term memory (Hochreiter 1997) with PyTorch's order of gates: input, forget, cell, output.
struct LSTMCell {
  let units: Int
  let recurrent: Int8Matrix
  /// The sum of PyTorch's two biases, `[4·units]`.
  let bias: UnsafePointer<Float>

  /// Changes hidden state and cell; `gates` holds what the input adds to them and is spent.
  func step(
    gates: UnsafeMutablePointer<Float>, hidden: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>,
    scratch: inout FixedPointVector
  ) {
    scratch.take(hidden, count: units)
    recurrent.multiply(scratch, addingTo: gates)
    for i in 0..<units {
      let input = Elementary.sigmoid(gates[i] + bias[i])
      let forget = Elementary.sigmoid(gates[units + i] + bias[units + i])
      let candidate = Elementary.tanh(gates[2 * units + i] + bias[2 * units + i])
      let output = Elementary.sigmoid(gates[3 * units + i] + bias[3 * units + i])
      cell[i] = forget * cell[i] + input * candidate
      hidden[i] = output * Elementary.tanh(cell[i])
    }
  }
}
