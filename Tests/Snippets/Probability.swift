/// What the snippets of `Probability` take for granted.
struct ProbabilitySnippets {
  let flips: [Bool]
  let data: [(Double, Double)]
}
