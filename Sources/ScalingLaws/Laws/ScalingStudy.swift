import Foundation
import Statistics

/// Everything that points tell about scaling: L(N), L(D), L(C), L(N, D), and the best size for a budget.
///
/// ```swift
/// let study = try ScalingStudy(points: PointFile(path: "points.csv").points)
/// for law in study.laws { print(law.form.formula, law.constants) }
/// ```
///
/// Which points a law is fitted to:
///
/// - L(N, D): the end of each run.
/// - L(N) and L(D): the least loss of each size, the nearest to convergence, and of each number of tokens.
/// - L(C): with learning curves, the corners of their convex hull, which the law may not pass above (Henighan et al., 2020); with
///   one run for each budget, sizes growing with it, all of them; else the runs that no cheaper one beats.
public struct ScalingStudy: Sendable {
  /// Something that the points don't tell, and the reason.
  public struct Gap: Sendable, Equatable {
    /// What is missing: a law's formula or a method.
    public var name: String
    /// The reason, and what would help.
    public var reason: String
  }

  /// Whether laws have a constant.
  public enum Constant: String, Sendable, Codable, CaseIterable {
    /// L∞ is fitted.
    case fitted
    /// L∞ is 0.
    case zero
    /// The form that predicts the largest quarter of the runs from the others.
    case heldOut = "held-out"
  }

  /// The laws, the one of most sizes first.
  public let laws: [FittedLaw]
  /// The comparison of forms on held-out larger runs, for each law that has one.
  public let choices: [FormChoice?]
  /// The best size for a budget, by each method that the points allow.
  public let optima: [ComputeOptimum]
  /// What the points don't tell.
  public let gaps: [Gap]
  /// Whether L(C) lies below the hull of learning curves.
  public let isBelowFrontier: Bool

  private static let shapes: [[SizeName]] = [[.parameters, .tokens], [.parameters], [.tokens], [.flops]]

  /// Fits what can be fitted.
  ///
  /// - Throws: ``ScalingError`` where no law fits, with the reason for each.
  public init(
    points: [TrainingPoint], constant: Constant = .fitted, options: FitOptions = FitOptions()
  ) throws(ScalingError) {
    var (laws, choices, gaps): ([FittedLaw], [FormChoice?], [Gap]) = ([], [], [])
    var isBelowFrontier = false
    for sizes in Self.shapes {
      let chosen = Self.points(for: sizes, of: points)
      guard !chosen.isEmpty else { continue }
      let choice = try? FormChoice(sizes, points: chosen, options: options)
      let hasConstant =
        switch constant {
        case .fitted: true
        case .zero: false
        case .heldOut: choice?.prefersConstant ?? true
        }
      let form = LawForm(sizes, hasConstant: hasConstant)
      do throws(ScalingError) {
        if sizes == [.flops], let below = try Self.lawBelowFrontier(points, form, options) {
          laws.append(below)
          isBelowFrontier = true
        } else {
          laws.append(try FittedLaw(form, to: chosen, options: options))
        }
        choices.append(choice)
      } catch {
        gaps.append(Gap(name: form.formula, reason: error.description))
      }
    }
    guard !laws.isEmpty else {
      let reasons = gaps.map(\.reason).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      throw .noLaw("No law fits these points:\n" + reasons.map { "  \($0)" }.joined(separator: "\n"))
    }
    var optima: [ComputeOptimum] = []
    for method in ComputeOptimum.Method.allCases {
      do throws(ScalingError) {
        if method == .parametric {
          guard let law = laws.first(where: { $0.form.sizes.count == 2 }) else { continue }
          optima.append(try ComputeOptimum(law))
        } else {
          optima.append(try ComputeOptimum(method, points: points, options: options))
        }
      } catch {
        gaps.append(Gap(name: "N_opt(C) by \(method.rawValue)", reason: error.description))
      }
    }
    (self.laws, self.choices, self.optima, self.gaps) = (laws, choices, optima, gaps)
    self.isBelowFrontier = isBelowFrontier
  }

  /// The law of some sizes.
  public func law(_ sizes: SizeName...) -> FittedLaw? { laws.first { $0.form.sizes == sizes } }

  /// The best size by a method.
  public func optimum(_ method: ComputeOptimum.Method) -> ComputeOptimum? { optima.first { $0.method == method } }

  /// The last point of each run, and the points that belong to none.
  public static func ends(of points: [TrainingPoint]) -> [TrainingPoint] { LearningCurve.all(of: points).map(\.end) }

  /// The points that a law of some sizes is fitted to.
  static func points(for sizes: [SizeName], of points: [TrainingPoint]) -> [TrainingPoint] {
    let usable = ends(of: points).filter { point in sizes.allSatisfy { point[$0] != nil } }
    guard sizes.count == 1, let size = sizes.first else { return usable }
    if size == .flops {
      let sorted = usable.sorted { ($0.flops ?? 0, $0.parameters ?? 0) < ($1.flops ?? 0, $1.parameters ?? 0) }
      let isSeries = zip(sorted, sorted.dropFirst()).allSatisfy {
        ($0.flops ?? 0) < ($1.flops ?? 0) && ($0.parameters ?? 0) <= ($1.parameters ?? 0)
      }
      return isSeries ? sorted : ComputeFrontier.pareto(usable)
    }
    return Dictionary(grouping: usable) { $0[size] ?? 0 }.values
      .compactMap { $0.min { $0.loss < $1.loss } }.sorted { ($0[size] ?? 0) < ($1[size] ?? 0) }
  }

  /// L(C) below the hull of learning curves; nil where the points have none, or too few corners.
  private static func lawBelowFrontier(
    _ points: [TrainingPoint], _ form: LawForm, _ options: FitOptions
  ) throws(ScalingError) -> FittedLaw? {
    let curves = LearningCurve.all(of: points.filter { $0.flops != nil })
    guard curves.count(where: { $0.points.count > 1 }) > 2 else { return nil }
    let hull = ComputeFrontier.hull(curves.flatMap(\.points))
    guard hull.count > form.constantCount else { return nil }
    let law = try ComputeFrontier.lawBelow(hull, hasConstant: form.hasConstant)
    let replicates: [PowerLaw] =
      options.bootstraps == 0
      ? []
      : Bootstrap(resamples: options.bootstraps, confidence: options.confidence, seed: options.seed)
        .replicates(of: curves) {
          try? ComputeFrontier.lawBelow(
            ComputeFrontier.hull($0.flatMap(\.points)), hasConstant: form.hasConstant)
        }.compactMap { $0 }
    return FittedLaw(
      form, law: law, replicates: replicates,
      residuals: hull.map { log($0.loss) - log(law.value(at: [$0.flops ?? .nan])) }, options: options)
  }
}
