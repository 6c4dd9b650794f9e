import Synchronization

/// Remembers the results of a pure function, across executions and threads.
///
/// Nested inference is the use for it: an inner model's result depends on its arguments alone, so
/// it need not be computed again each time an outer execution asks. Never cache something that
/// makes choices through the outer ``Sampler``; that is what ``Sampler/memoized(_:)`` is for.
///
/// ```swift
/// // What a literal listener takes "some" and "all" of two apples to mean, and what is then meant by "some".
/// let listener = Cache { (word: String) in
///   try infer(.enumeration()) { s in
///     let count = try s.sample(UniformInteger(0...2))
///     try s.condition(word == "all" ? count == 2 : count > 0)
///     return count
///   }
/// }
/// let meant = try infer(.enumeration()) { s in try s.sample(try listener("some")) }
/// ```
public final class Cache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let function: @Sendable (Key) throws -> Value
  private let results = Mutex<[Key: Value]>([:])

  /// A cache in front of a function.
  public init(_ function: @escaping @Sendable (Key) throws -> Value) { self.function = function }

  /// The function's result, computed on the first call with this argument.
  ///
  /// The lock is not held while the function runs, so it may call the cache with other arguments.
  public func callAsFunction(_ key: Key) throws -> Value {
    if let known = results.withLock({ $0[key] }) { return known }
    let value = try function(key)
    results.withLock { $0[key] = value }
    return value
  }

  /// The number of results that are remembered.
  public var count: Int { results.withLock { $0.count } }
}

extension Sampler {
  /// Stochastic memoisation: a random function that, within one execution, always gives the same
  /// answer to the same argument.
  ///
  /// ```swift
  /// let sameColor = try infer(.enumeration()) { s in
  ///   let eyeColor = s.memoized { (person: String) in try s.sample(Categorical(["blue", "brown"])) }
  ///   return try eyeColor("Ana") == eyeColor("Ana")     // always
  /// }
  /// ```
  public func memoized<Key: Hashable, Value>(
    _ function: @escaping (Key) throws -> Value
  ) -> (Key) throws -> Value {
    var answers: [Key: Value] = [:]
    return { key in
      if let known = answers[key] { return known }
      let answer = try function(key)
      answers[key] = answer
      return answer
    }
  }
}
