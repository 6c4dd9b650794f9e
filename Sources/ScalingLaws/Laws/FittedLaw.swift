import Foundation
public import Statistics

/// A law fitted to points, with what is needed to say how sure it is.
///
/// ```swift
/// let law = try FittedLaw(.init([.parameters]), to: points)
/// law.constants.map { "\($0.name) \($0.estimate)" }
/// law.prediction(at: [1e9]).high
/// ```
public struct FittedLaw: Sendable {
  /// A constant of the law, with its interval.
  public struct Constant: Sendable, Equatable {
    /// The name: `L_inf`, `x0`, `alpha` of one size; `E`, `A`, `B`, `alpha`, `beta` of two.
    public var name: String
    /// The value with its interval; n is the number of points.
    public var estimate: Estimate
  }

  /// The shape of the law.
  public let form: LawForm
  /// The law that fits best.
  public let law: PowerLaw
  /// The laws of the bootstrap's resamples.
  public let replicates: [PowerLaw]
  /// log L − log L̂ of each point.
  public let residuals: [Double]
  /// The sum of Huber losses at the minimum.
  public let objective: Double
  /// The choices it was made with.
  public let options: FitOptions

  /// Fits a law to points that have its sizes; those without are left out.
  ///
  /// - Throws: ``ScalingError`` where the points are too few, too much alike, or don't follow any such law.
  public init(_ form: LawForm, to points: [TrainingPoint], options: FitOptions = FitOptions()) throws(ScalingError) {
    let usable = points.filter { point in form.sizes.allSatisfy { point[$0] != nil } }
    try self.init(
      form, inputs: usable.map { point in form.sizes.map { point[$0] ?? .nan } }, losses: usable.map(\.loss),
      groups: usable.map(\.run), options: options)
  }

  /// Fits a law to numbers.
  ///
  /// - Parameters:
  ///   - inputs: for each point its sizes, all positive.
  ///   - losses: for each point its loss, positive.
  ///   - groups: for each point what it belongs to, nil for itself: a group is drawn whole by the bootstrap.
  public init(
    _ form: LawForm, inputs: [[Double]], losses: [Double], groups: [String?]? = nil, options: FitOptions = FitOptions()
  ) throws(ScalingError) {
    try form.check(inputs, losses)
    let fit = form.fit(inputs, losses, options.delta)
    let candidates = fit.candidates(from: fit.grid)
    guard let best = candidates.first else {
      throw .noLaw("No law \(form.formula) fits: the search ended nowhere from any of its \(fit.grid.count) starts")
    }
    try form.check(best.law, inputs, losses)
    let residuals = zip(inputs, losses).map { log($1) - log(best.law.value(at: $0)) }
    let starts = candidates.prefix(4).map(\.raw)
    replicates = Self.replicates(form, inputs, losses, groups, best.law, residuals, starts, options)
    (self.form, law, self.residuals, objective) = (form, best.law, residuals, best.objective)
    self.options = options
  }

  /// A law that was found in another way.
  init(_ form: LawForm, law: PowerLaw, replicates: [PowerLaw], residuals: [Double], options: FitOptions) {
    (self.form, self.law, self.replicates, self.residuals) = (form, law, replicates, residuals)
    objective = residuals.reduce(0) { $0 + $1 * $1 / 2 }
    self.options = options
  }

  private static func replicates(
    _ form: LawForm, _ inputs: [[Double]], _ losses: [Double], _ groups: [String?]?, _ law: PowerLaw,
    _ residuals: [Double], _ starts: [[Double]], _ options: FitOptions
  ) -> [PowerLaw] {
    guard options.bootstraps > 0 else { return [] }
    let bootstrap = Bootstrap(resamples: options.bootstraps, confidence: options.confidence, seed: options.seed)
    if options.resampling == .residuals {
      // Residuals of a fit are smaller than the errors by the constants that were fitted to them.
      let free = max(1, residuals.count - form.constantCount)
      let inflation = (Double(residuals.count) / Double(free)).squareRoot()
      let mean = residuals.reduce(0, +) / Double(residuals.count)
      let errors = residuals.map { ($0 - mean) * inflation }
      let places = inputs.map { law.value(at: $0) }
      return bootstrap.replicates(of: errors) { drawn -> PowerLaw? in
        let made = zip(places, drawn).map { $0 * exp($1) }
        return form.fit(inputs, made, options.delta).best(fromRaw: starts)?.law
      }.compactMap { $0 }
    }
    let byGroup: [String: [Int]] = Dictionary(grouping: Array(inputs.indices)) { index in
      groups?[index] ?? "point \(index)"
    }
    let members: [[Int]] = byGroup.values.sorted { $0[0] < $1[0] }
    return bootstrap.replicates(of: members) { (drawn: [[Int]]) -> PowerLaw? in
      let chosen: [Int] = drawn.flatMap { $0 }
      let some = chosen.map { inputs[$0] }
      guard form.isDetermined(by: some) else { return nil }
      return form.fit(some, chosen.map { losses[$0] }, options.delta).best(fromRaw: starts)?.law
    }.compactMap { $0 }
  }

  /// The constants with their intervals, in the order of the formula.
  public var constants: [Constant] {
    form.constants(of: law).enumerated().map { index, constant in
      Constant(name: constant.name, estimate: estimate(constant.value) { form.constants(of: $0)[index].value })
    }
  }

  /// A number that follows from the law, with its interval over the bootstrap's laws.
  public func estimate(_ value: Double, of number: (PowerLaw) -> Double) -> Estimate {
    Bootstrap(resamples: 1, confidence: options.confidence).interval(
      value, of: replicates.map(number), n: residuals.count)
  }

  /// The root mean square of the residuals: how far points lie from the law, as a share of the loss.
  public var scatter: Double {
    let free = max(1, residuals.count - form.constantCount)
    return (residuals.reduce(0) { $0 + $1 * $1 } / Double(free)).squareRoot()
  }

  /// The law's value at sizes, with the interval of the law itself.
  public func value(at sizes: [Double]) -> Estimate {
    estimate(law.value(at: sizes)) { $0.value(at: sizes) }
  }

  /// The loss of one more run of these sizes: the law's uncertainty and the points' scatter around it together.
  public func prediction(at sizes: [Double]) -> Estimate {
    let bootstrap = Bootstrap(resamples: 1, confidence: options.confidence)
    guard !replicates.isEmpty, !residuals.isEmpty else { return value(at: sizes) }
    var random = SeededGenerator(seed: DerivedSeed(run: options.seed, for: "scatter of a new run").value)
    let free = max(1, residuals.count - form.constantCount)
    let inflation = (Double(residuals.count) / Double(free)).squareRoot()
    // Several draws a replicate, so that the ends don't hang on a few.
    let values = replicates.flatMap { replicate -> [Double] in
      let value = replicate.value(at: sizes)
      return (0..<10).map { _ in value * exp(residuals[random.index(below: residuals.count)] * inflation) }
    }
    return bootstrap.interval(law.value(at: sizes), of: values, n: residuals.count)
  }
}
