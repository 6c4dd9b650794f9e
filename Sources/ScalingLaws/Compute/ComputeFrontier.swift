import Foundation

/// The points that no other beats: the least loss for its compute.
public enum ComputeFrontier {
  /// The points with less loss than any that cost no more, compute ascending.
  public static func pareto(_ points: [TrainingPoint]) -> [TrainingPoint] {
    var kept: [TrainingPoint] = []
    for point in sorted(points) where point.loss < kept.last?.loss ?? .infinity { kept.append(point) }
    return kept
  }

  /// The falling part of the lower convex hull of (log C, log L), compute ascending (Henighan et al., 2020, section 2.3).
  public static func hull(_ points: [TrainingPoint]) -> [TrainingPoint] {
    var kept: [TrainingPoint] = []
    // A point that isn't on the Pareto frontier isn't on the falling part of the hull either.
    for point in pareto(points) {
      while kept.count > 1, turn(kept[kept.count - 2], kept[kept.count - 1], point) <= 0 { kept.removeLast() }
      kept.append(point)
    }
    return kept
  }

  private static func sorted(_ points: [TrainingPoint]) -> [TrainingPoint] {
    points.filter { $0.flops != nil }.sorted { ($0.flops ?? 0, $0.loss) < ($1.flops ?? 0, $1.loss) }
  }

  private static func turn(_ a: TrainingPoint, _ b: TrainingPoint, _ c: TrainingPoint) -> Double {
    guard let x = a.flops, let y = b.flops, let z = c.flops else { return 0 }
    return log(y / x) * log(c.loss / a.loss) - log(z / x) * log(b.loss / a.loss)
  }

  /// The power law plus constant that lies nowhere above the hull and as near to its corners as it can.
  ///
  /// The law is convex in the logarithms as the hull is, so that being below it at the corners is being below it everywhere.
  static func lawBelow(_ hull: [TrainingPoint], hasConstant: Bool) throws(ScalingError) -> PowerLaw {
    let form = LawForm([.flops], hasConstant: hasConstant)
    let inputs = hull.map { [$0.flops ?? .nan] }
    let losses = hull.map(\.loss)
    try form.check(inputs, losses)
    var starts: [[Double]]?
    var best: PowerLawFit.Result?
    // From a plain fit to one that hardly lets the law above a point; what is left is taken away by a factor.
    for weight in [1.0, 1e2, 1e4] {
      let fit = PowerLawFit(inputs: inputs, losses: losses, hasConstant: hasConstant, cost: .below(weight: weight))
      let found = starts.map { fit.best(fromRaw: $0).map { [$0] } ?? [] } ?? fit.candidates(from: fit.grid)
      best = found.first ?? best
      starts = Array(found.prefix(4).map(\.raw))
    }
    guard var law = best?.law else {
      throw .noLaw("No law \(form.formula) fits below the frontier of the learning curves")
    }
    try form.check(law, inputs, losses)
    let above = zip(inputs, losses).map { law.value(at: $0) / $1 }.max() ?? 1
    if above > 1 {
      law.irreducible /= above
      law.terms[0].coefficient /= above
    }
    return law
  }
}
