public import RealModule

/// Finds the choices of a long old execution by location and order of occurrence.
@usableFromInline
struct SiteMatcher {
  struct Address: Hashable {
    var location: UInt64
    var occurrence: Int
  }

  private var oldIndex: [Address: Int] = [:]
  private var occurrences: [UInt64: Int] = [:]

  /// Prepares to match the choices that come after those that `new` has so far.
  init(old: Trace, new: Trace) {
    var seen: [UInt64: Int] = [:]
    for index in 0..<old.count {
      let location = old.sites[index].location
      let occurrence = seen[location, default: 0]
      seen[location] = occurrence + 1
      oldIndex[Address(location: location, occurrence: occurrence)] = index
    }
    for index in 0..<new.count { occurrences[new.sites[index].location, default: 0] += 1 }
  }

  /// The index of the old choice that the next new choice at a location corresponds to.
  mutating func next(at location: UInt64) -> Int? {
    let occurrence = occurrences[location, default: 0]
    occurrences[location] = occurrence + 1
    return oldIndex[Address(location: location, occurrence: occurrence)]
  }
}

/// Single-site Metropolis–Hastings inside an execution (Wingate, Stuhlmüller and Goodman 2011,
/// "Lightweight implementations of probabilistic programming languages").
extension Sampler {
  /// The old choice that corresponds to the one about to be made, if there is one.
  @inlinable
  func matchingSite(at location: UInt64) -> Site? {
    let position = state.pointee.cursor
    if state.pointee.aligned {
      if position < state.pointee.old.count,
        state.pointee.old.sites[position].location == location
      {
        return state.pointee.old.sites[position]
      }
    }
    return unalignedMatch(at: location)
  }

  @usableFromInline
  func unalignedMatch(at location: UInt64) -> Site? {
    if state.pointee.aligned {
      state.pointee.aligned = false
      matcher = nil
    }
    let old = state.pointee.old
    let new = state.pointee.trace
    // Looking through a short list takes less time than hashing one address.
    if matcher == nil, old.count + new.count <= 128 {
      var occurrence = 0
      for index in 0..<new.count where new.sites[index].location == location { occurrence += 1 }
      for index in 0..<old.count where old.sites[index].location == location {
        if occurrence == 0 { return old.sites[index] }
        occurrence -= 1
      }
      return nil
    }
    if matcher == nil { matcher = SiteMatcher(old: old, new: new) }
    return matcher?.next(at: location).map { old.sites[$0] }
  }

  @inlinable
  func chooseInChain<D: DiscreteDistribution>(
    _ distribution: D, _ location: UInt64
  ) throws -> Int {
    let position = state.pointee.cursor
    let count = distribution.supportCount
    if position == state.pointee.target {
      let site = state.pointee.trace.sites[position]
      let index = distribution.drawIndex(using: &state.pointee.random)
      let mass = distribution.logMass(at: index)
      state.pointee.proposalRatio += site.logChoice - mass
      moveTarget(to: UInt64(truncatingIfNeeded: index), logChoice: mass)
      return index
    }
    if let site = matchingSite(at: location), site.count == count {
      let index = Int(truncatingIfNeeded: site.word)
      let mass = distribution.logMass(at: index)
      state.pointee.proposalRatio -= site.logChoice
      record(site.word, count: count, logChoice: mass, at: location)
      if mass == -.infinity { throw interruption(.impossible) }
      return index
    }
    let index = distribution.drawIndex(using: &state.pointee.random)
    let mass = distribution.logMass(at: index)
    state.pointee.proposalRatio -= mass
    record(UInt64(truncatingIfNeeded: index), count: count, logChoice: mass, at: location)
    return index
  }

  /// At the target, one of two symmetric or reversible moves: an independent draw from the prior,
  /// or a step whose width is drawn over eight octaves below the prior's, so that some width suits
  /// the posterior whatever it is and nothing needs tuning.
  @inlinable
  func chooseRealInChain<D: ContinuousDistribution>(
    _ distribution: D, _ location: UInt64
  ) throws -> Double {
    let position = state.pointee.cursor
    if position == state.pointee.target {
      let site = state.pointee.trace.sites[position]
      if state.pointee.random.next() & 3 == 0 {
        let value = drawInside(distribution)
        let density = distribution.logDensity(at: value)
        state.pointee.proposalRatio += site.logChoice - density
        moveTarget(to: value.bitPattern, logChoice: density)
        return value
      }
      let octaves = state.pointee.random.uniform() * 8 - 7
      let step = state.pointee.random.normal() * distribution.spread * Double.exp2(octaves)
      let value = Double(bitPattern: site.word) + step
      let density = distribution.logDensity(at: value)
      moveTarget(to: value.bitPattern, logChoice: density)
      // No likelihood makes up for such a fall, and the model may not be able to take such a value.
      if !(density > site.logChoice - 1e6) { throw interruption(.impossible) }
      return value
    }
    if let site = matchingSite(at: location), site.count == 0 {
      let value = Double(bitPattern: site.word)
      let density = distribution.logDensity(at: value)
      state.pointee.proposalRatio -= site.logChoice
      record(site.word, count: 0, logChoice: density, at: location)
      if density == -.infinity { throw interruption(.impossible) }
      return value
    }
    let value = drawInside(distribution)
    let density = distribution.logDensity(at: value)
    state.pointee.proposalRatio -= density
    record(value.bitPattern, count: 0, logChoice: density, at: location)
    return value
  }

  /// Gives the target its new value and restores the scores from before it.
  @inlinable
  func moveTarget(to word: UInt64, logChoice: Double) {
    let site = state.pointee.trace.sites + state.pointee.target
    site.pointee.word = word
    site.pointee.logChoice = logChoice
    state.pointee.prior = site.pointee.priorBefore + logChoice
    state.pointee.likelihood = site.pointee.likelihoodBefore
    state.pointee.cursor += 1
  }
}
