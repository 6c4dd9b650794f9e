import Console
public import Documents
import Foundation
public import Statistics

/// What to train with the compute, memory and data that one has: which size, how long, and the loss that it will reach.
///
/// Loss falls with N and with D, so that all the compute is used, C = 6·N·D, unless memory bounds N and data bound D together.
/// Along that line the law has one minimum, N_opt(C), and where it can't be had the nearest size that can is the best.
///
/// ```swift
/// let plan = try TrainingPlan(law, limits: .init(flops: 1e15, memory: 8e9), largestFitted: 1e14)
/// print(plan.text)
/// ```
public struct TrainingPlan: Sendable {
  /// What there is.
  public struct Limits: Sendable, Equatable, Codable {
    /// The compute, in FLOP.
    public var flops: Double
    /// The memory for weights, gradients and moments, in bytes; nil where that is no limit.
    public var memory: Double?
    /// What a parameter takes of it: 16 bytes for float32 weights with gradients and Adam's two moments.
    public var bytesPerParameter: Double
    /// The tokens that there are; nil where there are always more.
    public var tokens: Double?
    /// How often the tokens may be read.
    public var epochs: Double
    /// The speed of the machine in FLOP a second, for the time that it takes; nil where nobody asks.
    public var speed: Double?

    /// Names what there is.
    public init(
      flops: Double, memory: Double? = nil, bytesPerParameter: Double = 16, tokens: Double? = nil, epochs: Double = 1,
      speed: Double? = nil
    ) {
      (self.flops, self.memory, self.bytesPerParameter) = (flops, memory, bytesPerParameter)
      (self.tokens, self.epochs, self.speed) = (tokens, epochs, speed)
    }
  }

  /// One size with all that can be done with it.
  public struct Choice: Sendable, Equatable {
    /// N.
    public var parameters: Double
    /// D.
    public var tokens: Double
    /// 6·N·D.
    public var flops: Double
    /// The loss of one run, with its interval.
    public var loss: Estimate
  }

  /// What keeps the plan from the best size.
  public enum Bound: String, Sendable, Codable {
    /// Nothing but compute.
    case compute
    /// Memory: the best size doesn't fit.
    case memory
    /// Data: the best size would want more of it.
    case data
    /// Memory and data: there is more compute than can be used.
    case both
  }

  /// What there is.
  public let limits: Limits
  /// The recommendation.
  public let choice: Choice
  /// N_opt at the budget, with its interval, whatever memory and data allow.
  public let optimum: Estimate
  /// What keeps the plan from it.
  public let bound: Bound
  /// Smaller and larger sizes at the same limits, parameters ascending, the recommendation among them.
  public let table: [Choice]
  /// Whether the budget lies beyond all runs that the law was fitted to, by this factor.
  public let beyond: Double

  /// Plans by a law L(N, D).
  ///
  /// - Parameters:
  ///   - law: the fitted law.
  ///   - largestFitted: the compute of the largest run that it was fitted to.
  /// - Throws: ``ScalingError`` where a limit isn't positive.
  public init(_ law: FittedLaw, limits: Limits, largestFitted: Double) throws(ScalingError) {
    let given =
      [limits.flops, limits.bytesPerParameter, limits.epochs]
      + [limits.memory, limits.tokens, limits.speed].compactMap { $0 }
    guard given.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .unusable("Compute, memory, data, epochs and speed are positive numbers")
    }
    let best = try ComputeOptimum(law)
    let budget = limits.flops / TrainingPoint.flopsPerParameterAndToken
    let mostParameters = limits.memory.map { $0 / limits.bytesPerParameter } ?? .infinity
    let mostTokens = limits.tokens.map { $0 * limits.epochs } ?? .infinity
    func choice(_ wanted: Double) -> Choice {
      let n = min(wanted, mostParameters)
      let d = min(budget / n, mostTokens)
      return Choice(
        parameters: n, tokens: d, flops: TrainingPoint.flopsPerParameterAndToken * n * d,
        loss: law.prediction(at: [n, d]))
    }
    optimum = best.parameters(at: limits.flops)
    let least = budget / mostTokens
    let chosen = min(max(optimum.value, least), mostParameters)
    bound =
      least > mostParameters
      ? .both : optimum.value > mostParameters ? .memory : optimum.value < least ? .data : .compute
    self.choice = choice(chosen)
    table = [0.25, 0.5, 1, 2, 4].filter { $0 * chosen <= mostParameters * (1 + 1e-12) }.map { choice($0 * chosen) }
    self.limits = limits
    beyond = limits.flops / largestFitted
  }

  /// Plans by the law L(N, D) of some runs.
  ///
  /// - Throws: ``ScalingError`` where the points don't tell that law, or a limit isn't positive.
  public init(
    points: [TrainingPoint], limits: Limits, constant: ScalingStudy.Constant = .fitted,
    options: FitOptions = FitOptions()
  ) throws(ScalingError) {
    let ends = ScalingStudy.points(for: [.parameters, .tokens], of: points)
    guard let largest = ends.compactMap(\.flops).max() else {
      throw .unusable("A plan needs runs with parameters and tokens (or flops), and these points have none")
    }
    let sizes: [SizeName] = [.parameters, .tokens]
    var hasConstant = constant == .fitted
    if constant == .heldOut { hasConstant = try FormChoice(sizes, points: ends, options: options).prefersConstant }
    let law = try FittedLaw(LawForm(sizes, hasConstant: hasConstant), to: ends, options: options)
    try self.init(law, limits: limits, largestFitted: largest)
  }

  /// The recommendation in a sentence or two.
  public var sentence: String {
    var text = "With \(short(limits.flops)) FLOP"
    if let memory = limits.memory { text += ", \(short(memory / 1e9, digits: 3)) GB of memory" }
    if let tokens = limits.tokens {
      text += ", \(short(tokens, digits: 3)) tokens"
      if limits.epochs > 1 { text += " read up to \(short(limits.epochs, digits: 3)) times" }
    }
    text += ": train \(short(choice.parameters, digits: 3)) parameters on \(short(choice.tokens, digits: 3)) tokens"
    if let speed = limits.speed { text += ", \(Self.duration(choice.flops / speed))" }
    text += ", to a loss of \(short(choice.loss.value)) \(ScalingStudy.interval(choice.loss))."
    switch bound {
    case .compute: break
    case .memory:
      text +=
        " The best size, \(short(optimum.value, digits: 3)), doesn't fit into memory; this one is trained for longer instead."
    case .data:
      text +=
        " The best size, \(short(optimum.value, digits: 3)), would want more data; a larger one learns more from what there is."
    case .both:
      let used = fixed(100 * choice.flops / limits.flops, 0)
      text += " That uses \(used)% of the compute: more of it buys nothing without more memory or data."
    }
    if beyond > 10 {
      text +=
        " The budget is \(short(beyond, digits: 2)) times that of the largest run fitted, and the interval can't know what "
      text += "changes on the way."
    }
    return text
  }

  private static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<120: "\(short(seconds, digits: 3)) s"
    case ..<7_200: "\(short(seconds / 60, digits: 3)) min"
    case ..<172_800: "\(short(seconds / 3_600, digits: 3)) h"
    default: "\(short(seconds / 86_400, digits: 3)) days"
    }
  }

  /// The sentence and the table.
  public var text: String {
    var rows = Table(
      [
        ("parameters", .right), ("tokens", .right), ("FLOP", .right), ("loss", .right), ("interval", .left),
        ("", .left),
      ])
    for row in table {
      rows.add([
        short(row.parameters, digits: 3), short(row.tokens, digits: 3), short(row.flops, digits: 3),
        short(row.loss.value), ScalingStudy.interval(row.loss), row == choice ? "◀" : "",
      ])
    }
    return "\(sentence)\n\n\(rows.text)\n\nbest size at this compute: \(short(optimum.value, digits: 3)) "
      + ScalingStudy.interval(optimum, digits: 3)
  }

  /// The plan as one JSON document.
  public func document() throws -> JSONValue {
    func value(_ choice: Choice) throws -> JSONValue {
      [
        "parameters": .double(choice.parameters), "tokens": .double(choice.tokens), "flops": .double(choice.flops),
        "seconds": limits.speed.map { .double(choice.flops / $0) } ?? .null,
        "loss": try JSONValue(encoding: choice.loss),
      ]
    }
    return [
      "sentence": .string(sentence), "choice": try value(choice), "bound": .string(bound.rawValue),
      "optimal_parameters": try JSONValue(encoding: optimum), "beyond_fitted": .double(beyond),
      "limits": try JSONValue(encoding: limits), "table": .array(try table.map(value)),
    ]
  }
}
