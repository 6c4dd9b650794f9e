/// A completion with a verdict on it, as tokens.
public struct JudgedCompletion: Sendable, Equatable {
  /// The prompt.
  public var prompt: [Int]
  /// The completion, the ending token included.
  public var completion: [Int]
  /// The verdict: 1 for right, 0 for wrong, or anything between.
  public var label: Double

  /// A judged completion.
  public init(prompt: [Int], completion: [Int], label: Double) {
    self.prompt = prompt
    self.completion = completion
    self.label = label
  }
}
