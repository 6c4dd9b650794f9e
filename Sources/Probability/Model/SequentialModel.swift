/// A model that goes in steps, each depending on the state that the last one left: a Markov model.
///
/// Saying so lets inference do what it can't for a plain function: exact enumeration merges equal
/// states after every step (the forward algorithm, linear in the number of steps where enumeration
/// of paths is exponential), and sequential Monte Carlo copies states and never runs a step twice.
///
/// ```swift
/// let hmm = SequentialModel(
///   steps: flips.count,
///   initial: { s in try s.flip() },
///   step: { s, state, index in
///     let next = try s.flip(state ? 0.7 : 0.3)
///     try s.observe(Bernoulli(next ? 0.9 : 0.1), flips[index])
///     return next
///   })
/// let last = try infer(.enumeration(), hmm)
/// ```
public struct SequentialModel<State: Sendable>: Sendable {
  /// The number of steps.
  public var steps: Int
  /// The state before the first step.
  public var initial: Model<State>
  /// The state after a step, from the state before it and its number, from 0.
  public var step: @Sendable (Sampler, State, Int) throws -> State

  /// A model of a number of steps.
  public init(
    steps: Int, initial: @escaping Model<State>,
    step: @escaping @Sendable (Sampler, State, Int) throws -> State
  ) {
    self.steps = steps
    self.initial = initial
    self.step = step
  }

  /// The same model as a plain function, for the methods that know no steps.
  public var model: Model<State> {
    let sequential = self
    return { sampler in
      var state = try sequential.initial(sampler)
      for index in 0..<sequential.steps { state = try sequential.step(sampler, state, index) }
      return state
    }
  }
}

/// A method that makes use of a model's steps.
public protocol SequentialInferenceMethod: InferenceMethod {
  /// The distribution of the state after the last step.
  func infer<State: Hashable & Sendable>(
    _ model: SequentialModel<State>
  ) throws -> Distribution<State>
}

/// The distribution of a sequential model's last state.
public func infer<State: Hashable & Sendable>(
  _ method: some SequentialInferenceMethod, _ model: SequentialModel<State>
) throws -> Distribution<State> {
  try method.infer(model)
}
