import RealModule

extension Sampler {
  /// One discrete choice, by index into the distribution's support.
  @inlinable
  public func chooseIndex<D: DiscreteDistribution>(
    from distribution: D, at location: UInt64
  ) throws -> Int {
    let position = state.pointee.cursor
    if position < state.pointee.target {
      state.pointee.cursor = position + 1
      return Int(truncatingIfNeeded: state.pointee.trace.sites[position].word)
    }
    if state.pointee.mode == .particle, !state.pointee.records, let word = particleWord() {
      state.pointee.cursor = position + 1
      return Int(truncatingIfNeeded: word)
    }
    try distribution.validate()
    if isTooLong(position) { throw interruption(.tooLong) }
    switch state.pointee.mode {
    case .forward:
      state.pointee.cursor = position + 1
      return distribution.drawIndex(using: &state.pointee.random)
    case .particle: return choose(index: distribution, location)
    case .depthFirst: return try chooseDepthFirst(distribution, location)
    case .frontier: return try chooseFromFrontier(distribution, location)
    case .chain: return try chooseInChain(distribution, location)
    }
  }

  /// One real choice.
  @inlinable
  public func chooseReal<D: ContinuousDistribution>(
    from distribution: D, at location: UInt64
  ) throws -> Double {
    let position = state.pointee.cursor
    if position < state.pointee.target {
      state.pointee.cursor = position + 1
      return Double(bitPattern: state.pointee.trace.sites[position].word)
    }
    if state.pointee.mode == .particle, !state.pointee.records, let word = particleWord() {
      state.pointee.cursor = position + 1
      return Double(bitPattern: word)
    }
    try distribution.validate()
    if isTooLong(position) { throw interruption(.tooLong) }
    switch state.pointee.mode {
    case .forward:
      state.pointee.cursor = position + 1
      return drawInside(distribution)
    case .particle: return choose(real: distribution, location)
    case .depthFirst, .frontier:
      throw Sampler.notEnumerable(distribution)
    case .chain: return try chooseRealInChain(distribution, location)
    }
  }

  /// A draw inside the support: one that rounds to a bound is the number next to it.
  ///
  /// At the bound itself a density may be infinite, and no chain would ever leave it.
  @inlinable
  func drawInside<D: ContinuousDistribution>(_ distribution: D) -> Double {
    let value = distribution.draw(using: &state.pointee.random)
    let bounds = distribution.bounds
    if value <= bounds.lowerBound { return bounds.lowerBound.nextUp }
    if value >= bounds.upperBound { return bounds.upperBound.nextDown }
    return value
  }

  @usableFromInline
  static func notEnumerable(_ distribution: some Any) -> InferenceError {
    InferenceError(
      .unsupportedChoice,
      "enumeration can't try every value of \(distribution), which is continuous. Use a grid of "
        + "values (Categorical), or importance sampling, SMC, MCMC or variational inference.")
  }

  /// Appends a site for the choice just made and moves the scores past it.
  @inlinable
  func record(_ word: UInt64, count: Int, logChoice: Double, at location: UInt64) {
    state.pointee.trace.append(
      Site(
        location: location, word: word, count: count, logChoice: logChoice,
        priorBefore: state.pointee.prior, likelihoodBefore: state.pointee.likelihood))
    state.pointee.prior += logChoice
    state.pointee.cursor += 1
  }

  // MARK: Particles

  /// The word of the particle's next choice, if it has been made already.
  @inlinable
  func particleWord() -> UInt64? {
    let position = state.pointee.cursor
    return position < state.pointee.particle.count ? state.pointee.particle.words[position] : nil
  }

  @inlinable
  func choose<D: DiscreteDistribution>(index distribution: D, _ location: UInt64) -> Int {
    let word: UInt64
    if let known = particleWord() {
      word = known
    } else {
      word = UInt64(truncatingIfNeeded: distribution.drawIndex(using: &state.pointee.random))
      state.pointee.particle.append(word)
    }
    let index = Int(truncatingIfNeeded: word)
    if state.pointee.records {
      record(
        word, count: distribution.supportCount, logChoice: distribution.logMass(at: index),
        at: location)
    } else {
      state.pointee.cursor += 1
    }
    return index
  }

  @inlinable
  func choose<D: ContinuousDistribution>(real distribution: D, _ location: UInt64) -> Double {
    let value: Double
    if let known = particleWord() {
      value = Double(bitPattern: known)
    } else {
      value = drawInside(distribution)
      state.pointee.particle.append(value.bitPattern)
    }
    if state.pointee.records {
      record(
        value.bitPattern, count: 0, logChoice: distribution.logDensity(at: value), at: location)
    } else {
      state.pointee.cursor += 1
    }
    return value
  }

  // MARK: Enumeration

  /// At the target, the next value with any mass; at a new choice, the first one.
  @inlinable
  func chooseDepthFirst<D: DiscreteDistribution>(
    _ distribution: D, _ location: UInt64
  ) throws -> Int {
    let position = state.pointee.cursor
    let count = distribution.supportCount
    var index = 0
    let isTarget = position == state.pointee.target
    if isTarget {
      let site = state.pointee.trace.sites[position]
      index = Int(truncatingIfNeeded: site.word)
      state.pointee.prior = site.priorBefore
      state.pointee.likelihood = site.likelihoodBefore
    }
    var mass = distribution.logMass(at: index)
    while mass == -.infinity, index + 1 < count, count < .max {
      index += 1
      mass = distribution.logMass(at: index)
    }
    if isTarget {
      state.pointee.trace.sites[position].word = UInt64(truncatingIfNeeded: index)
      state.pointee.prior += mass
      state.pointee.cursor = position + 1
    } else {
      record(UInt64(truncatingIfNeeded: index), count: count, logChoice: mass, at: location)
    }
    if count == .max {
      closeInfiniteSupport(at: position, index: index, mass: mass, distribution.logTail(above: index))
    }
    if mass == -.infinity { throw interruption(.impossible) }
    return index
  }

  /// Ends an infinite support once what is left of it can't matter.
  @usableFromInline
  func closeInfiniteSupport(at position: Int, index: Int, mass: Double, _ logTail: Double?) {
    let site = state.pointee.trace.sites + position
    site.pointee.tried += Double.exp(mass)
    if closes(site.pointee, mass, logTail) { site.pointee.count = index + 1 }
  }

  /// Whether what is left of an infinite support is below 1e-14 of the best execution found so far, or
  /// below the least `Double`; counts it as closed if so.
  ///
  /// Relative to what was found, for the evidence may lie where the prior has next to no mass. Without
  /// a bound on the tail there is only the sum of the masses, which stays short of 1 by its rounding:
  /// then a mass that no longer counts in it is the end, or 1 to 14 digits.
  @usableFromInline
  func closes(_ site: Site, _ mass: Double, _ logTail: Double?) -> Bool {
    let rest: Double
    if let logTail {
      let score = site.priorBefore + site.likelihoodBefore + logTail
      guard score < state.pointee.bestScore - 32.2 || logTail < -745 else { return false }
      rest = logTail
    } else {
      let missing = max(1 - site.tried, 0)
      guard missing <= 1e-14 || (missing < 1e-9 && mass > -.infinity && mass < -39) else { return false }
      rest = Double.log(missing)
    }
    state.pointee.closedMass += Double.exp(site.priorBefore + rest)
    return true
  }
}
