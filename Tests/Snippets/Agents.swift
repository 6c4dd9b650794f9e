import NeuralNetworks
import Torch

/// What the snippets of `Agents` take for granted.
struct AgentsSnippets {
  let observations: Tensor
}
