import ScalingLaws
import Statistics

/// What the snippets of `ScalingLaws` take for granted.
struct ScalingLawsSnippets {
  let points: [TrainingPoint]
  let predictions: [Prediction]
  let file: String
  let law: FittedLaw
}
