/// What the snippets of `Statistics` take for granted.
struct StatisticsSnippets {
  let tuned: [Double]
  let base: [Double]
  let baseline: [Double]
  let scores: [Double]
  let rewards: [Double]
  let judgements: [Double]
  let settings: (seed: UInt64, rate: Double)
  let step: Int
  let rank: Int
  let examples: [String]
}
