import Torch

/// What the snippets of `Reinforcement` take for granted.
struct ReinforcementSnippets {
  let now: Tensor
  let old: Tensor
}
