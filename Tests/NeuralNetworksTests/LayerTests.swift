import NeuralNetworks
import Testing
import Torch

@Suite struct LayerTests {
  private let cases: Golden
  private let generator = Generator(seed: 1)

  init() throws { cases = try Golden("layers")["cases"] }

  /// Loads the fixture's weights, runs forward and backward, and compares everything with PyTorch.
  private func compare(
    _ name: String, _ module: Module, training: Bool = false, tolerance: Double = 2e-6,
    _ forward: (Tensor) -> Tensor
  ) throws {
    let golden = cases[name]
    let state = golden["state"]
    try module.load(
      Dictionary(uniqueKeysWithValues: state.keys.map { ($0, state[$0].tensor) }))
    module.requireGradients()
    module.train(training)
    let x = golden["input"].tensor.requiringGrad()
    let y = forward(x)
    #expect(difference(y, golden["output"].tensor) < tolerance, "\(name)'s output")
    (y * golden["probe"].tensor).sum().backward()
    #expect(
      difference(try #require(x.grad), golden["input_gradients"].list[0].tensor) < tolerance * 5,
      "\(name)'s input gradient")
    #expect(Set(module.parameters.map(\.name)) == Set(golden["gradients"].keys))
    for (parameter, tensor) in module.parameters {
      #expect(
        difference(try #require(tensor.grad), golden["gradients"][parameter].tensor) < tolerance * 20,
        "\(name) \(parameter)")
    }
  }

  @Test func convolutionsFollowPyTorch() throws {
    let one = Conv1d(4, 6, size: 3, stride: 2, padding: 2, dilation: 2, groups: 2, generator: generator)
    try compare("conv1d", one) { one($0) }
    let two = Conv2d(3, 5, size: 3, stride: 2, padding: 1, generator: generator)
    try compare("conv2d", two) { two($0) }
    let back = ConvTranspose2d(
      4, 6, size: 3, stride: 2, padding: 1, extra: 1, groups: 2, generator: generator)
    try compare("conv_transpose2d", back) { back($0) }
  }

  @Test func freshConvolutionsStayInPyTorchsBounds() {
    let layer = Conv2d(8, 16, size: 3, generator: generator)
    let bound = 1 / Double(8 * 9).squareRoot()
    let largest = layer.weight.abs().max().item()
    #expect(largest <= bound && largest > 0.95 * bound)
    #expect(layer.bias?.shape == [16])
    #expect(Conv1d(2, 2, size: 1, bias: false, generator: generator).bias == nil)
  }

  @Test func groupNormFollowsPyTorch() throws {
    let norm = GroupNorm(groups: 3, channels: 6)
    try compare("group_norm", norm) { norm($0) }
  }

  @Test func batchNormFollowsPyTorchInBothModes() throws {
    let norm = BatchNorm(channels: 3)
    try compare("batch_norm", norm, training: true, tolerance: 5e-6) { norm($0) }
    let after = cases["batch_norm"]["after"]
    for (name, tensor) in norm.state {
      #expect(difference(tensor.to(.float32), after[name].tensor) < 1e-6, "\(name)")
    }
    norm.train(false)
    let before = norm.runningMean.clone()
    let y = norm(cases["batch_norm"]["eval_input"].tensor)
    #expect(difference(y, cases["batch_norm"]["eval_output"].tensor) < 2e-6)
    #expect(isSame(norm.runningMean, before))
    #expect(norm.batches.itemInt() == 1)
  }

  @Test func longShortTermMemoryFollowsPyTorch() throws {
    let lstm = LSTM(3, hidden: 5, layers: 2, generator: generator)
    let golden = cases["lstm"]
    let start = LSTM.State(hidden: golden["hidden"].tensor, cell: golden["cell"].tensor)
    try compare("lstm", lstm) { lstm($0, state: start).output }
    let (_, last) = lstm(golden["input"].tensor, state: start)
    #expect(difference(last.hidden, golden["last_hidden"].tensor) < 2e-6)
    #expect(difference(last.cell, golden["last_cell"].tensor) < 2e-6)
    #expect(difference(lstm(golden["input"].tensor).output, golden["without_state"].tensor) < 2e-6)
    #expect(lstm.parameters.map(\.name).prefix(4) == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"])
  }

  /// Two halves with the state handed over are one whole.
  @Test func longShortTermMemoryGoesOnFromItsState() {
    let lstm = LSTM(3, hidden: 4, generator: generator)
    let x = Tensor.randn([2, 6, 3], generator: generator)
    let whole = lstm(x).output
    let (first, state) = lstm(x[0..., 0..<3])
    let (second, _) = lstm(x[0..., 3...], state: state)
    #expect(difference(Tensor.concatenated([first, second], axis: 1), whole) < 1e-6)
  }

  @Test func multiHeadAttentionFollowsPyTorch() throws {
    let attention = MultiHeadAttention(width: 12, heads: 3, generator: generator)
    try compare("attention", attention) { attention($0) }
    let golden = cases["attention"]
    let x = golden["input"].tensor, context = golden["context"].tensor
    #expect(difference(attention(x, causal: true), golden["causal"].tensor) < 2e-6)
    #expect(difference(attention(x, context: context), golden["cross"].tensor) < 2e-6)
    let allowed = golden["allowed"].tensor.to(.bool).reshaped(2, 1, 1, 4)
    #expect(difference(attention(x, context: context, mask: allowed), golden["masked"].tensor) < 2e-6)
  }

  @Test func everyActivationFollowsHuggingFace() {
    let golden = cases["activations"]
    let x = golden["input"].tensor
    #expect(Set(golden["outputs"].keys) == Set(Activation.allCases.map(\.rawValue)))
    for activation in Activation.allCases {
      #expect(
        difference(activation(x), golden["outputs"][activation.rawValue].tensor) < 1e-6,
        "\(activation)")
    }
    #expect(Activation(rawValue: "gelu_neu") == nil)
  }
}
