import Probability

/// What the snippets of `Experiments` take for granted.
struct ExperimentsSnippets {
  let probabilities: [[Double]]
}
