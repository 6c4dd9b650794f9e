import Statistics

/// What the snippets of `Evaluation` take for granted.
struct EvaluationSnippets {
  let reference: String
  let summary: String
  let answers: [String]
  let text: String
  let scores: [Double]
  let ppoScores: [Double]
  let sftScores: [Double]
  let run: URL
  let posts: [String]
  let post: String
  let judge: (String) -> Double
  let tuned: (String) -> String
  let baseline: (String) -> String
  let ppo: Estimate
  let sft: Estimate
  let curve: [(kl: Double, gold: Estimate)]
  let win: WinRate
  let lossPlot: Plot
  let rewardPlot: Plot
  let texts: [String]
  let corpus: [String]
  let nodes: [TaskNode]
  let model: any EvaluatedModel
}
