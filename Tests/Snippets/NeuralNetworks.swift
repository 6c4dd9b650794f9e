import Torch

/// What the snippets of `NeuralNetworks` take for granted.
struct NeuralNetworksSnippets {
  let x: Tensor
  let y: Tensor
  let model: Linear
  let tokens: Tensor
  let layer: Linear
  let optimizer: AdamW
  let schedule: LearningRateSchedule
  let generator: Generator
  let positions: Tensor
  let queries: Tensor
  let rate: Double
  let step: Int
  let evaluate: (Linear) -> Tensor
  func loss(of model: Linear) -> Tensor { model(x).meanSquaredError(y) }
}
