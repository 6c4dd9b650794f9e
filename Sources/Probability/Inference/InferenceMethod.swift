/// A way to compute what a model implies.
public protocol InferenceMethod: Sendable {
  /// The distribution of the model's value, weighted by its factors.
  ///
  /// - Throws: An ``InferenceError`` when there is no result to give, and whatever the model
  ///   throws.
  func infer<Value: Hashable & Sendable>(
    _ model: @escaping Model<Value>
  ) throws -> Distribution<Value>
}

/// The distribution of a model's value under a method of inference.
///
/// ```swift
/// let posterior = try infer(.enumeration()) { s in try s.flip(0.3) }
/// ```
public func infer<Value: Hashable & Sendable>(
  _ method: some InferenceMethod, _ model: @escaping Model<Value>
) throws -> Distribution<Value> {
  try method.infer(model)
}

/// The exact distribution of a model with finitely many executions, by enumeration.
public func enumerate<Value: Hashable & Sendable>(
  _ model: @escaping Model<Value>
) throws -> Distribution<Value> {
  try Enumeration().infer(model)
}
