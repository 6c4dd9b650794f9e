/// How one execution of a model ended.
enum Outcome<Value> {
  case completed(Value)
  /// A factor of −∞ ruled it out.
  case impossible
  /// It stopped at the factor that the method asked for, or put its branches in the queue.
  case paused
  /// It made more choices than the method allows.
  case tooLong
}

extension Sampler {
  /// Runs a model once from the start, with whatever mode, target and trace have been set.
  func execute<Value>(_ model: (Sampler) throws -> Value) throws -> Outcome<Value> {
    state.pointee.cursor = 0
    state.pointee.factors = 0
    state.pointee.prior = 0
    state.pointee.likelihood = 0
    state.pointee.scope = 0
    do {
      return .completed(try model(self))
    } catch let interruption as Interruption {
      switch interruption {
      case .impossible: return .impossible
      case .paused: return .paused
      case .tooLong: return .tooLong
      }
    }
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
