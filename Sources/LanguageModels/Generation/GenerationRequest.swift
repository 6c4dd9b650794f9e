/// A prompt and how many completions of it are wanted.
public struct GenerationRequest: Sendable, Equatable {
  /// The prompt's tokens; at least one.
  public var prompt: [Int]
  /// The number of completions.
  public var samples: Int
  /// The settings by which they are drawn.
  public var parameters: SamplingParameters
  /// The condition on every completion's text; nil allows all.
  public var constraint: Constraint?
  /// Text that is written into completions; nil where the model writes all.
  public var insertion: Insertion?
  /// Control tokens whose spelling is part of the text, such as the marks of calls.
  public var shownTokens: Set<Int> = []
  /// Which of the engine's models reads the prompt: one of several sets of adapters over one base.
  public var model = 0

  /// A request.
  public init(
    prompt: [Int], samples: Int = 1, parameters: SamplingParameters, constraint: Constraint? = nil,
    insertion: Insertion? = nil, model: Int = 0
  ) {
    self.prompt = prompt
    self.samples = samples
    self.parameters = parameters
    self.constraint = constraint
    self.insertion = insertion
    self.model = model
  }
}
