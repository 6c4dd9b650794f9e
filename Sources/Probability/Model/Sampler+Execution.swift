extension Sampler {
  /// Runs a model once from the start, with whatever mode, target and trace have been set.
  ///
  /// The value goes into `result`. A model that swallows an interruption is stopped all the same:
  /// its value doesn't count.
  func execute<Value>(
    _ model: (Sampler) throws -> Value, into result: inout Value?
  ) throws -> Ending {
    state.pointee.stackLimit = Sampler.stackPosition() &- Sampler.stackBudget
    state.pointee.cursor = 0
    state.pointee.factors = 0
    state.pointee.prior = 0
    state.pointee.likelihood = 0
    state.pointee.scope = 0
    state.pointee.ending = .completed
    do {
      result = try model(self)
    } catch {
      if state.pointee.ending == .completed { throw error }
    }
    return state.pointee.ending
  }

  /// About where the stack ends now.
  @inlinable @inline(__always)
  static func stackPosition() -> UInt {
    var mark: UInt8 = 0
    return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
  }

  /// Whether the execution has gone on for too long, by its choices or by its depth.
  ///
  /// Looked at when a choice is new. Recursion that would exhaust the stack is an endless execution
  /// and not a crash, so long as it makes choices.
  @inlinable @inline(__always)
  func isTooLong(_ position: Int) -> Bool {
    position >= state.pointee.maximumChoices
      || Sampler.stackPosition() < state.pointee.stackLimit
  }

  /// Notes why this execution stops, and gives the error to throw.
  @usableFromInline
  func interruption(_ reason: Ending) -> any Error {
    state.pointee.ending = reason
    return Interruption.error
  }

  /// Depth-first enumeration: makes the last choice with a value left the target of the next
  /// execution; false when every execution has been run.
  func advanceDepthFirst() -> Bool {
    var last = state.pointee.trace.count - 1
    while last >= 0 {
      let site = state.pointee.trace.sites + last
      let next = Int(truncatingIfNeeded: site.pointee.word) + 1
      if next < site.pointee.count {
        site.pointee.word = UInt64(truncatingIfNeeded: next)
        break
      }
      last -= 1
    }
    state.pointee.trace.count = last + 1
    state.pointee.target = last
    return last >= 0
  }
}
