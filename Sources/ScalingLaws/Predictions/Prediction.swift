import Documents
import Foundation
public import Statistics

/// A number foretold for a run from smaller ones.
public struct Prediction: Sendable, Equatable, Codable {
  /// What is foretold: `loss` or `-E log pass rate`.
  public var quantity: String
  /// The law it is read off.
  public var formula: String
  /// The run's compute in FLOP.
  public var flops: Double
  /// The run's parameters, where the law asks for them.
  public var parameters: Double?
  /// The run's tokens, where the law asks for them.
  public var tokens: Double?
  /// The value with the interval for one run: the law's uncertainty and the scatter of runs around it.
  public var estimate: Estimate
  /// The compute of the largest run that the law was fitted to.
  public var largestFitted: Double

  /// The problems that a pass rate is about.
  public var problems: [String]?

  /// Makes a prediction from its parts.
  public init(
    quantity: String, formula: String, flops: Double, parameters: Double? = nil, tokens: Double? = nil,
    estimate: Estimate, largestFitted: Double, problems: [String]? = nil
  ) {
    (self.quantity, self.formula, self.flops, self.parameters) = (quantity, formula, flops, parameters)
    (self.tokens, self.estimate, self.largestFitted, self.problems) = (tokens, estimate, largestFitted, problems)
  }

  private enum CodingKeys: String, CodingKey {
    case quantity, formula, flops, parameters, tokens, estimate, problems
    case largestFitted = "largest_fitted"
  }

  /// The largest fitted run's compute as a share of this one's.
  public var share: Double { largestFitted / flops }

  /// Foretells the loss of a run from runs of at most a share of its compute.
  ///
  /// With parameters and tokens by L(N, D) where the points tell it, else by L(C).
  ///
  /// - Parameters:
  ///   - point: the run's sizes; its loss is not looked at.
  ///   - points: the smaller runs.
  ///   - share: the most compute of a run to learn from, as a share of the foretold one's.
  ///   - constant: whether the laws have a constant.
  /// - Throws: ``ScalingError`` where no run is small enough, or those that are follow no law.
  public static func loss(
    of point: TrainingPoint, from points: [TrainingPoint], share: Double = 1, constant: ScalingStudy.Constant = .fitted,
    options: FitOptions = FitOptions()
  ) throws(ScalingError) -> [Prediction] {
    guard let flops = point.flops else {
      throw .unusable("Say which run is foretold: its flops, or its parameters and tokens")
    }
    let smaller = points.filter { ($0.flops ?? .infinity) <= share * flops * (1 + 1e-9) }
    guard let largest = smaller.compactMap(\.flops).max() else {
      throw .unusable(
        "No run has at most \(short(share)) of \(short(flops)) FLOP; the smallest has "
          + "\(short(points.compactMap(\.flops).min() ?? .nan))")
    }
    let study = try ScalingStudy(points: smaller, constant: constant, options: options)
    var found: [Prediction] = []
    if let n = point.parameters, let d = point.tokens, let law = study.law(.parameters, .tokens) {
      found.append(
        Prediction(
          quantity: "loss", formula: law.form.formula, flops: flops, parameters: n, tokens: d,
          estimate: law.prediction(at: [n, d]), largestFitted: largest))
    }
    if let law = study.law(.flops) {
      found.append(
        Prediction(
          quantity: "loss", formula: law.form.formula, flops: flops, parameters: nil, tokens: nil,
          estimate: law.prediction(at: [flops]), largestFitted: largest))
    }
    guard !found.isEmpty else {
      throw .unusable(
        "These points tell no law of compute:\n"
          + study.gaps.map { "  \($0.name): \($0.reason)" }.joined(separator: "\n"))
    }
    return found
  }

  /// Foretells −E log pass rate on a bucket of problems, chosen by smaller models alone.
  public static func passRate(
    at flops: Double, from rates: PassRates, share: Double = 1, bucket: Int = 3, of buckets: Int = 6,
    droppingHardest hardest: Int = 15, options: FitOptions = FitOptions()
  ) throws(ScalingError) -> Prediction {
    let most = share * flops * (1 + 1e-9)
    guard (1...buckets).contains(bucket) else { throw .unusable("There is no bucket \(bucket) of \(buckets)") }
    guard let largest = rates.budgets.last(where: { $0 <= most }) else {
      throw .unusable("No model has at most \(short(share)) of \(short(flops)) FLOP")
    }
    let problems = rates.buckets(buckets, droppingHardest: hardest, upTo: most)[bucket - 1]
    let law = try rates.law(on: problems, upTo: most, options: options)
    return Prediction(
      quantity: "-E log pass rate, bucket \(bucket) of \(buckets)", formula: "alpha C^-k", flops: flops,
      parameters: nil,
      tokens: nil, estimate: law.prediction(at: [flops]), largestFitted: largest, problems: problems)
  }
}
