import RealModule

/// A probabilistic model: an ordinary function that makes random choices through a ``Sampler``.
public typealias Model<Value> = @Sendable (Sampler) throws -> Value

/// The handle through which a model makes choices and states evidence.
///
/// ```swift
/// let posterior = try infer(.enumeration()) { s in
///   let rain = try s.sample(Bernoulli(0.2))
///   let sprinkler = try s.sample(Bernoulli(0.1))
///   try s.condition(rain || sprinkler)
///   return rain
/// }
/// posterior.probability(of: true)   // 0.714…
/// ```
///
/// Inference runs the model again and again. Everything before the choice that a method changes is
/// *replayed*: recorded values are handed back and evidence is skipped, its score being known. So a
/// model must be a function of its choices alone: no clocks, no other random numbers, no state kept
/// from one execution to the next (a ``Cache`` of pure results is fine). A model must let errors
/// thrown by the handle pass: that is how executions are stopped early.
public final class Sampler {
  @usableFromInline
  enum Mode: UInt8 {
    /// Draw every choice from its distribution.
    case forward
    /// Hand back a particle's choices, then draw new ones and add them to it.
    case particle
    /// Depth-first enumeration: new choices take the first value.
    case depthFirst
    /// Best- or breadth-first enumeration: new choices are put into a queue.
    case frontier
    /// Metropolis–Hastings: reuse the old execution's choices.
    case chain
  }

  /// The mutable state, behind a pointer: fields of a class would cost an exclusivity check each.
  @usableFromInline
  struct State {
    @usableFromInline var mode = Mode.forward
    /// Whether a particle's choices are also recorded in the trace, with their scores.
    @usableFromInline var records = false
    /// The particle that is being run.
    @usableFromInline var particle = Particle()
    /// The number of choices that have been made in this execution.
    @usableFromInline var cursor = 0
    /// The choice whose value is new; those before it are replayed.
    ///
    /// −1 if there is none.
    @usableFromInline var target = -1
    /// Σ log p of the choices so far.
    @usableFromInline var prior = 0.0
    /// Σ of the factors so far.
    @usableFromInline var likelihood = 0.0
    /// The number of factors that have been met in this execution.
    @usableFromInline var factors = 0
    /// Factors before this one are known and skipped.
    @usableFromInline var skippedFactors = 0
    /// The execution pauses after this many factors, or ends as too long at ``maximumFactors``.
    @usableFromInline var pauseAfter = Sampler.maximumFactors
    /// The address that the stack must not grow beyond; stacks grow downwards.
    @usableFromInline var stackLimit: UInt = 0
    /// The most choices one execution may make.
    @usableFromInline var maximumChoices = 1_000_000
    /// The reason for which the execution was stopped, if it was.
    @usableFromInline var ending = Ending.completed
    /// Enumeration: the log prior and likelihood of the best execution so far.
    @usableFromInline var bestScore = -Double.infinity
    /// Enumeration: the prior mass of the ends of infinite supports that were left out.
    @usableFromInline var closedMass = 0.0
    /// The largest factor met since the method began.
    @usableFromInline var largestFactor = -Double.infinity
    /// Mixed into the locations of choices, by `scoped`.
    @usableFromInline var scope: UInt64 = 0
    /// The choices of this execution.
    @usableFromInline var trace = Trace()
    /// Metropolis–Hastings: the choices of the current state, which a proposal reuses.
    @usableFromInline var old = Trace()
    /// Metropolis–Hastings: whether every choice so far is at the location it was at in `old`.
    @usableFromInline var aligned = true
    /// Metropolis–Hastings: log q(old | new) − log q(new | old), so far.
    @usableFromInline var proposalRatio = 0.0
    @usableFromInline var random: RandomSource

    @usableFromInline init(random: RandomSource) { self.random = random }
  }

  @usableFromInline let state: UnsafeMutablePointer<State>
  /// Finds old choices by location once a proposal's structure differs from the current state's.
  @usableFromInline var matcher: SiteMatcher?
  /// The branches that enumeration by frontier has found.
  @usableFromInline var frontier: Frontier?
  /// The recorder of this execution's named variables, if they are wanted.
  var recorder: VariableRecorder?

  /// A finite support of more values than this is queued one value at a time, as an infinite one is.
  @usableFromInline static let mostBranches = 65_536

  /// The most factors that one execution may meet.
  @usableFromInline static let maximumFactors = 10_000_000

  /// The stack that an execution may use: what threads have by default, less what callers need.
  #if os(Linux)
    static let stackBudget: UInt = 3 << 20
  #else
    static let stackBudget: UInt = 384 << 10
  #endif

  init(random: RandomSource) {
    state = .allocate(capacity: 1)
    state.initialize(to: State(random: random))
  }

  deinit {
    state.pointee.trace.deallocate()
    state.pointee.old.deallocate()
    state.pointee.particle.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Makes a random choice.
  ///
  /// - Throws: A ``ParameterError`` when the distribution's parameters make no sense, an
  ///   ``InferenceError`` when the method can't handle such a choice.
  @inlinable
  public func sample<D: ProbabilityDistribution>(
    _ distribution: D, file: StaticString = #fileID, line: UInt = #line, column: UInt = #column
  ) throws -> D.Value {
    try distribution.choose(
      with: self, at: Sampler.location(file, line, column) &+ state.pointee.scope)
  }

  /// Flips a coin that is true with the given probability.
  @inlinable
  public func flip(
    _ probability: Double = 0.5, file: StaticString = #fileID, line: UInt = #line,
    column: UInt = #column
  ) throws -> Bool {
    try sample(Bernoulli(probability), file: file, line: line, column: column)
  }

  /// States that a value was seen from a distribution: adds its log density to the score.
  @inlinable
  public func observe<D: ProbabilityDistribution>(
    _ distribution: D, _ value: D.Value, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    if skipsFactor() { return }
    try distribution.validate()
    try apply(factor: distribution.logDensity(at: value), file, line)
  }

  /// Adds a number to the log score of this execution; −∞ rules it out.
  @inlinable
  public func factor(
    _ logWeight: Double, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    if skipsFactor() { return }
    try apply(factor: logWeight, file, line)
  }

  /// Rules this execution out unless something holds.
  @inlinable
  public func condition(
    _ holds: Bool, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    if skipsFactor() { return }
    try apply(factor: holds ? 0 : -.infinity, file, line)
  }

  /// Names the choices made in `body`, so that they keep their identity when the structure around
  /// them changes.
  ///
  /// Choices are identified by source location and order of occurrence. In a model whose loops grow
  /// and shrink, naming each round lets Metropolis–Hastings reuse the right choices.
  @inlinable
  public func scoped<Result>(_ name: some Hashable, _ body: () throws -> Result) rethrows -> Result {
    let outer = state.pointee.scope
    state.pointee.scope =
      (outer &+ UInt64(bitPattern: Int64(name.hashValue))) &* 0x9E37_79B9_7F4A_7C15
    defer { state.pointee.scope = outer }
    return try body()
  }

  @inlinable
  static func location(_ file: StaticString, _ line: UInt, _ column: UInt) -> UInt64 {
    (UInt64(UInt(bitPattern: file.utf8Start)) &* 0x9E37_79B9_7F4A_7C15)
      ^ (UInt64(line) << 24) ^ UInt64(column)
  }

  /// Counts a factor, and says whether its score is known from the recorded execution.
  @inlinable
  func skipsFactor() -> Bool {
    state.pointee.factors += 1
    return state.pointee.cursor <= state.pointee.target
      || state.pointee.factors <= state.pointee.skippedFactors
  }

  @inlinable
  func apply(factor: Double, _ file: StaticString, _ line: UInt) throws {
    if !(factor < .infinity) { throw Sampler.badScore(factor, file, line) }
    if factor == -.infinity { throw interruption(.impossible) }
    state.pointee.likelihood += factor
    if factor > state.pointee.largestFactor { state.pointee.largestFactor = factor }
    if state.pointee.factors >= state.pointee.pauseAfter {
      throw interruption(state.pointee.factors >= Sampler.maximumFactors ? .tooLong : .paused)
    }
  }

  @usableFromInline
  static func badScore(_ score: Double, _ file: StaticString, _ line: UInt) -> InferenceError {
    InferenceError(
      .badScore,
      "\(file):\(line): the score is \(score). A factor must be a number below +∞ "
        + "(−∞ rules an execution out); look for 0/0, log of a negative number, or a density of "
        + "zero width.")
  }
}
