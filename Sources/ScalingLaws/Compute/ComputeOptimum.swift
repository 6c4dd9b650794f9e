import Foundation
public import Statistics

/// The best size of model for a budget, N_opt(C) = k·C^a, and with it the best number of tokens, D_opt(C) = C/(6·N_opt).
///
/// Hoffmann et al. (2022) find it in three ways, and Henighan et al. (2020) in a fourth.
public struct ComputeOptimum: Sendable {
  /// A way to find the best size.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Approach 1: the run with the least loss at each of 1,500 budgets, along learning curves.
    case envelope
    /// Approach 2: the vertex of a parabola in log N through the runs of each budget.
    case isoflop
    /// Approach 3: from L(N, D) = E + A/N^α + B/D^β in closed form.
    case parametric
    /// The corners of the convex hull of the learning curves (Henighan et al., 2020).
    case hull
  }

  /// The way it was found.
  public let method: Method
  /// N_opt(C).
  public let parameters: ComputeLine
  /// N_opt(C) of the bootstrap's resamples.
  public let replicates: [ComputeLine]
  /// What the line goes through: budget, best size and loss there; empty for a closed form.
  public let optima: [Optimum]
  /// The share of intervals that should contain the truth.
  public let confidence: Double

  /// The best size at one budget.
  public struct Optimum: Sendable, Equatable, Codable {
    /// C.
    public var flops: Double
    /// N.
    public var parameters: Double
    /// The loss.
    public var loss: Double
  }

  /// A number that follows from N_opt(C), with its interval.
  public func estimate(_ number: (ComputeLine) -> Double) -> Estimate {
    Bootstrap(resamples: 1, confidence: confidence).interval(
      number(parameters), of: replicates.map(number), n: max(optima.count, replicates.isEmpty ? 0 : 1))
  }

  /// N_opt at a budget.
  public func parameters(at flops: Double) -> Estimate { estimate { $0.value(at: flops) } }

  /// Finds the best sizes by a law L(N, D): a = β/(α+β) and N_opt = G·(C/6)^a with G = (αA/βB)^(1/(α+β)) (Hoffmann et al.,
  /// 2022, equation 4).
  public init(_ fitted: FittedLaw) throws(ScalingError) {
    guard fitted.form.sizes == [.parameters, .tokens] else {
      throw .unusable("The best size follows from a law of parameters and tokens, not from \(fitted.form.formula)")
    }
    self.init(
      method: .parametric, parameters: Self.line(of: fitted.law), replicates: fitted.replicates.map(Self.line),
      optima: [], confidence: fitted.options.confidence)
  }

  private static func line(of law: PowerLaw) -> ComputeLine {
    let (n, d) = (law.terms[0], law.terms[1])
    let sum = n.exponent + d.exponent
    let g = pow(n.exponent * n.coefficient / (d.exponent * d.coefficient), 1 / sum)
    let exponent = d.exponent / sum
    return ComputeLine(
      coefficient: g * pow(TrainingPoint.flopsPerParameterAndToken, -exponent), exponent: exponent)
  }

  /// Finds the best sizes from points, and their intervals by drawing whole runs anew.
  ///
  /// - Throws: ``ScalingError`` where the points have no learning curves (envelope, hull) or no budgets at which several sizes
  ///   were trained (isoflop).
  public init(_ method: Method, points: [TrainingPoint], options: FitOptions = FitOptions()) throws(ScalingError) {
    let curves = LearningCurve.all(of: points.filter { $0.flops != nil && $0.parameters != nil })
    let find: ([LearningCurve]) -> [Optimum]
    switch method {
    case .parametric:
      let form = LawForm([.parameters, .tokens])
      try self.init(FittedLaw(form, to: curves.map(\.end), options: options))
      return
    case .envelope:
      try Self.needCurves(curves, for: "approach 1")
      find = Self.envelope
    case .hull:
      try Self.needCurves(curves, for: "the hull of learning curves")
      find = { Self.optima(ComputeFrontier.hull($0.flatMap(\.points))) }
    case .isoflop: find = Self.isoflopOptima
    }
    let optima = find(curves)
    guard let line = ComputeLine(through: optima.map { ($0.flops, $0.parameters) }) else {
      throw .tooFew(
        method == .isoflop
          ? "approach 2 needs two budgets with three sizes each and a least loss between them; the points have \(optima.count)"
          : "the frontier has \(optima.count) usable corners, and N_opt(C) needs two at different compute",
        advice: "Train more sizes at equal compute, smaller and larger than the best one.")
    }
    var replicates: [ComputeLine] = []
    if options.bootstraps > 0 {
      let bootstrap = Bootstrap(
        resamples: options.bootstraps, confidence: options.confidence, seed: options.seed)
      replicates = bootstrap.replicates(of: curves) { ComputeLine(through: find($0).map { ($0.flops, $0.parameters) }) }
        .compactMap { $0 }
    }
    self.init(
      method: method, parameters: line, replicates: replicates, optima: optima, confidence: options.confidence)
  }

  private init(
    method: Method, parameters: ComputeLine, replicates: [ComputeLine], optima: [Optimum], confidence: Double
  ) {
    (self.method, self.parameters, self.replicates) = (method, parameters, replicates)
    (self.optima, self.confidence) = (optima, confidence)
  }

  private static func needCurves(_ curves: [LearningCurve], for what: String) throws(ScalingError) {
    let long = curves.count { $0.points.count > 1 }
    guard long > 2 else {
      throw .tooFew(
        "\(what) needs the learning curves of three runs or more, and the points have \(long)",
        advice: "Give columns 'run' and 'step' with the losses along each run.")
    }
  }

  private static func envelope(_ curves: [LearningCurve]) -> [Optimum] {
    let all = curves.flatMap(\.points).compactMap(\.flops)
    guard let low = all.min(), let high = all.max(), low < high else { return [] }
    return (0..<1_500).compactMap { index in
      let flops = low * pow(high / low, (Double(index) + 0.5) / 1_500)
      let there = curves.compactMap { curve in
        curve.loss(atFlops: flops).map { Optimum(flops: flops, parameters: curve.end.parameters ?? .nan, loss: $0) }
      }
      // Where there is no choice, the only run says nothing about the best one.
      return there.count > 1 ? there.min { $0.loss < $1.loss } : nil
    }
  }

  private static func optima(_ points: [TrainingPoint]) -> [Optimum] {
    points.compactMap { point in
      guard let flops = point.flops, let parameters = point.parameters else { return nil }
      return Optimum(flops: flops, parameters: parameters, loss: point.loss)
    }
  }

  /// The vertices of the parabolas through the ends of runs of about equal compute.
  private static func isoflopOptima(_ curves: [LearningCurve]) -> [Optimum] {
    let ends = curves.map(\.end).sorted { ($0.flops ?? 0) < ($1.flops ?? 0) }
    var profiles: [[TrainingPoint]] = []
    for point in ends {
      if let first = profiles.last?.first?.flops, let flops = point.flops, flops <= first * 1.1 {
        profiles[profiles.count - 1].append(point)
      } else {
        profiles.append([point])
      }
    }
    return profiles.compactMap(vertex)
  }

  private static func vertex(_ profile: [TrainingPoint]) -> Optimum? {
    let sizes = profile.compactMap(\.parameters)
    guard Set(sizes).count > 2, let least = sizes.min(), let greatest = sizes.max() else { return nil }
    let centre = sizes.reduce(0) { $0 + log($1) } / Double(sizes.count)
    var (moments, sums) = (Array(repeating: 0.0, count: 5), Array(repeating: 0.0, count: 3))
    for (size, point) in zip(sizes, profile) {
      let u = log(size) - centre
      var power = 1.0
      for index in 0..<5 {
        moments[index] += power
        if index < 3 { sums[index] += power * point.loss }
        power *= u
      }
    }
    let rows = (0..<3).map { row in (0..<3).map { moments[row + $0] } }
    guard let solution = LinearSystem.solve(rows, sums.map { [$0] }), solution[2][0] > 0 else { return nil }
    let u = -solution[1][0] / (2 * solution[2][0])
    let best = exp(u + centre)
    guard best >= least, best <= greatest else { return nil }
    let flops = exp(profile.compactMap(\.flops).reduce(0) { $0 + log($1) } / Double(profile.count))
    let loss = solution[0][0] + solution[1][0] * u + solution[2][0] * u * u
    return Optimum(flops: flops, parameters: best, loss: loss)
  }
}
