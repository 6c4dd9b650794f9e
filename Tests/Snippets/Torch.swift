/// What the snippets of `Torch` take for granted.
struct TorchSnippets {
  let folder: URL
  let w: Tensor
  let b: Tensor
}
