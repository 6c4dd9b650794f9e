import RealModule

/// A model whose choices are all continuous and whose score can be differentiated.
public typealias DifferentiableModel<Value> = @Sendable (GradientSampler) throws -> Value

/// The handle of a model for Hamiltonian Monte Carlo and variational inference.
///
/// It is used as a ``Sampler`` is, but choices come out as ``Dual`` numbers, so that the score's
/// gradient comes along. Return plain numbers with `.value`.
///
/// ```swift
/// let draws = try HamiltonianMonteCarlo().run { s in
///   let slope = try s.sample(Gaussian(mean: 0, standardDeviation: 5))
///   let noise = try s.sample(Gamma(shape: 2, scale: 1))
///   for (x, y) in data { try s.observe(Gaussian(mean: slope * x, standardDeviation: noise), y) }
///   return slope.value
/// }
/// ```
///
/// A model must make the same choices, in number and order, in every execution. Choices with bounds
/// are moved to the real line (see ``Interval``), with the Jacobian in the score.
public final class GradientSampler {
  /// The most choices that a model may make.
  static let maximumCoordinates = 10_000

  /// The unconstrained coordinates; grows during the first execution.
  var coordinates: [Double] = []
  /// The first coordinate that this pass differentiates along.
  private var passStart = 0
  private var cursor = 0
  private(set) var score = Dual(0.0)
  /// Source of first coordinates, during the first execution only.
  var starter: RandomSource?
  /// Source of predictions.
  var random = RandomSource(seed: 0)
  /// The recorder of this execution's named variables, in executions whose draw is kept.
  var recorder: VariableRecorder?

  /// Makes a continuous choice.
  ///
  /// - Throws: An ``InferenceError`` when this execution makes more choices than the first one.
  public func sample<D: DifferentiableDistribution>(_ distribution: D) throws -> Dual
  where D.Scalar == Dual {
    let (x, logDensity) = distribution.place(try nextCoordinate())
    score = score + logDensity
    return x
  }

  /// The next unconstrained coordinate, drawn at random in the first execution.
  private func nextCoordinate() throws -> Dual {
    if cursor == coordinates.count {
      guard starter != nil else {
        throw InferenceError(
          .unsupportedChoice,
          "this execution makes more than the \(coordinates.count) choices of the first: "
            + "Hamiltonian Monte Carlo and variational inference need a fixed number")
      }
      if coordinates.count >= Self.maximumCoordinates {
        throw InferenceError(
          .limit,
          "the first execution made \(Self.maximumCoordinates) choices without ending: does the "
            + "model end at all?")
      }
      coordinates.append(4 * (starter?.uniform() ?? 0.5) - 2)
    }
    var u = Dual(coordinates[cursor])
    let lane = cursor - passStart
    if lane >= 0 && lane < Dual.width { u.derivatives[lane] = 1 }
    cursor += 1
    return u
  }

  /// Makes a choice of probabilities that sum to one, by breaking a stick.
  public func sample(_ distribution: Dirichlet) throws -> [Dual] {
    try distribution.validate()
    return try distribution.breakStick { _, beta in
      let u = try nextCoordinate()
      score = score + Beta(Dual(beta.a), Dual(beta.b)).place(u).logDensity
      return u
    }
  }

  /// Makes a choice of correlated normal numbers, from as many independent ones.
  public func sample(_ distribution: MultivariateGaussian) throws -> [Dual] {
    try distribution.validate()
    return distribution.place(
      try distribution.mean.map { _ in
        try sample(Gaussian(mean: Dual(0), standardDeviation: Dual(1)))
      })
  }

  /// States that a value was seen from a distribution with parameters that depend on choices.
  @_disfavoredOverload
  public func observe<D: Scored>(_ distribution: D, _ value: D.Value) throws
  where D.Scalar == Dual {
    score = score + distribution.logDensity(at: value)
  }

  /// States that a number was seen from a continuous distribution.
  public func observe<D: DifferentiableDistribution>(_ distribution: D, _ value: Double) throws
  where D.Scalar == Dual {
    score = score + distribution.logDensity(at: Dual(value))
  }

  /// Adds a number to the log score.
  public func factor(_ logWeight: Dual) { score = score + logWeight }

  /// Runs a model along eight coordinates; the score is the log density in unconstrained space.
  func execute<Value>(_ model: DifferentiableModel<Value>, from start: Int) throws -> Value {
    passStart = start
    cursor = 0
    score = 0
    let value = try model(self)
    if cursor != coordinates.count {
      throw InferenceError(
        .unsupportedChoice,
        "this execution makes \(cursor) choices and the first made \(coordinates.count): "
          + "Hamiltonian Monte Carlo and variational inference need a fixed number")
    }
    return value
  }
}

/// The log density of a differentiable model over unconstrained coordinates.
final class GradientTarget<Value: Sendable> {
  private let model: DifferentiableModel<Value>
  private let sampler = GradientSampler()
  private(set) var evaluations = 0

  /// Finds how many coordinates there are, at a random start where the score is finite.
  init(_ model: @escaping DifferentiableModel<Value>, random: inout RandomSource) throws {
    self.model = model
    sampler.random = RandomSource(seed: random.next())
    sampler.starter = random
    _ = try sampler.execute(model, from: 0)
    _ = random.next()
    sampler.starter = nil
    var attempts = 0
    while try !evaluate(sampler.coordinates).isUsable {
      attempts += 1
      if attempts == 200 {
        throw InferenceError(
          .badScore,
          "the score (\(sampler.score.value)) or its gradient is not finite at any of 200 random "
            + "starts. Look for log of a negative number, 0/0, or observations outside a support.")
      }
      for index in sampler.coordinates.indices {
        sampler.coordinates[index] = 4 * random.uniform() - 2
      }
    }
  }

  /// The point at which the search for a start ended.
  var start: [Double] { sampler.coordinates }

  struct Point {
    var position: [Double]
    var logDensity: Double
    var gradient: [Double]
    /// Whether a trajectory can go on from here.
    var isUsable: Bool { logDensity.isFinite && gradient.allSatisfy(\.isFinite) }
  }

  /// The log density and its gradient.
  func evaluate(_ position: [Double]) throws -> Point {
    sampler.coordinates = position
    var gradient = Array(repeating: 0.0, count: position.count)
    var start = 0
    repeat {
      evaluations += 1
      _ = try sampler.execute(model, from: start)
      for lane in 0..<min(Dual.width, position.count - start) {
        gradient[start + lane] = sampler.score.derivatives[lane]
      }
      start += Dual.width
    } while start < position.count
    return Point(position: position, logDensity: sampler.score.value, gradient: gradient)
  }

  /// The log density alone: one pass.
  func logDensity(at position: [Double]) throws -> Double {
    _ = try value(at: position)
    return sampler.score.value
  }

  /// The model's value at a position.
  func value(at position: [Double]) throws -> Value {
    sampler.coordinates = position
    sampler.recorder = VariableRecorder()
    defer { sampler.recorder = nil }
    return try sampler.execute(model, from: 0)
  }
}
