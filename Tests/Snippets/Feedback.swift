import Documents

/// What the snippets of `Feedback` take for granted.
struct FeedbackSnippets {
  let store: FeedbackStore
  let comparison: Comparison
  let sft: PolicyVersion
  let ppo: PolicyVersion
  let post: Prompt
  let a: String
  let b: String
  let judge: (Response) -> Double
}
