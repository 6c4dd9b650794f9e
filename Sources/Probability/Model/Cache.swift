import Synchronization

/// Remembers the results of a pure function, across executions and threads.
///
/// Nested inference is the use for it: an inner model's result depends on its arguments alone, so
/// it need not be computed again each time an outer execution asks. Never cache something that
/// makes choices through the outer ``Sampler``; that is what ``Sampler/memoized(_:)`` is for.
///
/// ```swift
/// let listener = Cache { (word: String) in
///   try enumerate { s in … }
/// }
/// let meaning = try s.sample(try listener("some"))
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

  /// How many results are remembered.
  public var count: Int { results.withLock { $0.count } }
}

extension Sampler {
  /// Stochastic memoisation: a random function that, within one execution, always gives the same
  /// answer to the same argument.
  ///
  /// ```swift
  /// let eyeColor = s.memoized { (person: String) in try s.sample(Categorical(["blue", "brown"])) }
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
