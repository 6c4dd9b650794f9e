public import Foundation
import RealModule

/// The draws of a model's named variables, chain by chain.
///
/// ```swift
/// let trace = try HamiltonianMonteCarlo().trace { s in
///   let mean = try s.sample(Gaussian(mean: 0, standardDeviation: 5), named: "mean")
///   for x in [1.2, 0.4, 2.1] { try s.observe(Gaussian(mean: mean, standardDeviation: 1), x, named: "x") }
/// }
/// print(trace.table)                                  // as ArviZ prints it
/// print(try trace.leaveOneOut(of: "x").elpd)
/// let document = try trace.json                       // for arviz.from_json
/// ```
///
/// A name that comes up several times in an execution is one variable with that many elements. What is
/// observed under a name has its log likelihood and a prediction recorded in each draw.
public struct PosteriorTrace: Sendable {
  /// Numbers of one variable: by chain, by draw, by element.
  public typealias Draws = [[[Double]]]

  /// The variables' names, in the order in which they came up.
  public let names: [String]
  /// The observed values, by the name they were observed under.
  public let observed: [String: [Double]]
  /// Measures of the draws' quality.
  public var diagnostics: Diagnostics
  private let posterior: [String: Draws]
  private let logLikelihood: [String: Draws]
  private let predictions: [String: Draws]

  init(_ chains: Chains<NamedDraw>) {
    diagnostics = chains.diagnostics
    let first = chains.draws.first?.first ?? NamedDraw()
    names = first.posterior.names
    func collect(_ group: KeyPath<NamedDraw, Variables>) -> [String: Draws] {
      var result: [String: Draws] = [:]
      for name in first[keyPath: group].names {
        let draws = chains.draws.map { $0.map { $0[keyPath: group][name] ?? [] } }
        // Variables whose number changes from draw to draw have no place in a table.
        let count = first[keyPath: group][name]?.count
        if draws.allSatisfy({ $0.allSatisfy { $0.count == count } }) { result[name] = draws }
      }
      return result
    }
    posterior = collect(\.posterior)
    logLikelihood = collect(\.logLikelihood)
    predictions = collect(\.predictions)
    observed = Dictionary(
      uniqueKeysWithValues: first.observed.names.map { ($0, first.observed[$0] ?? []) })
    let varying = names.filter { posterior[$0] == nil }
    if !varying.isEmpty {
      diagnostics.warnings.append(
        "\(varying.joined(separator: ", ")): left out, for not every draw has as many of them")
    }
  }

  /// The draws of a variable, or `nil` if it isn't in every draw with as many elements.
  public func draws(of name: String) -> Draws? { posterior[name] }

  /// The log likelihood of each observation under a name, draw by draw.
  public func logLikelihood(of name: String) -> Draws? { logLikelihood[name] }

  /// Predictions of what was observed under a name, one for each draw.
  public func predictions(of name: String) -> Draws? { predictions[name] }

  /// One summary for each element of each variable.
  public var summaries: [Summary] {
    names.flatMap { name -> [Summary] in
      let draws = posterior[name] ?? []
      let count = draws.first?.first?.count ?? 0
      return (0..<count).map { element in
        Summary(
          name: count == 1 ? name : "\(name)[\(element)]",
          chains: draws.map { $0.map { $0[element] } })
      }
    }
  }

  /// The summaries as a table for the terminal.
  public var table: String { Summary.table(summaries) }

  /// The draws as a document that `arviz.from_json` reads: groups `posterior`, `log_likelihood`,
  /// `posterior_predictive` and `observed_data`.
  ///
  /// - Throws: What `JSONEncoder` throws; numbers that aren't finite become ArviZ's strings.
  public var json: Data {
    get throws {
      func scalars(_ draws: Draws) -> Group.Values {
        draws.first?.first?.count == 1 ? .scalars(draws.map { $0.map { $0[0] } }) : .vectors(draws)
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
      return try encoder.encode(
        Group(
          posterior: posterior.mapValues(scalars),
          logLikelihood: logLikelihood.mapValues(Group.Values.vectors),
          predictions: predictions.mapValues(Group.Values.vectors), observed: observed))
    }
  }

  private struct Group: Encodable {
    enum Values: Encodable {
      case scalars([[Double]])
      case vectors(Draws)
      func encode(to encoder: any Encoder) throws {
        switch self {
        case .scalars(let values): try values.encode(to: encoder)
        case .vectors(let values): try values.encode(to: encoder)
        }
      }
    }
    enum CodingKeys: String, CodingKey {
      case posterior
      case logLikelihood = "log_likelihood"
      case predictions = "posterior_predictive"
      case observed = "observed_data"
    }
    var posterior: [String: Values]
    var logLikelihood: [String: Values]
    var predictions: [String: Values]
    var observed: [String: [Double]]
  }
}

extension MetropolisHastings {
  /// The draws of the model's named variables.
  public func trace(_ model: @escaping Model<Void>) throws -> PosteriorTrace {
    PosteriorTrace(try run(recorded(model)))
  }
}

extension ParallelTempering {
  /// The coldest chains' draws of the model's named variables.
  public func trace(_ model: @escaping Model<Void>) throws -> PosteriorTrace {
    PosteriorTrace(try run(recorded(model)))
  }
}

extension HamiltonianMonteCarlo {
  /// The draws of the model's named variables.
  public func trace(_ model: @escaping DifferentiableModel<Void>) throws -> PosteriorTrace {
    PosteriorTrace(try run(recorded(model)))
  }
}

extension VariationalInference {
  /// Draws of the model's named variables from the fitted approximation.
  public func trace(_ model: @escaping DifferentiableModel<Void>) throws -> PosteriorTrace {
    PosteriorTrace(try run(recorded(model)))
  }
}

/// A model whose value is what it has under names.
private func recorded(_ model: @escaping Model<Void>) -> Model<NamedDraw> {
  { sampler in
    let recorder = VariableRecorder()
    sampler.recorder = recorder
    defer { sampler.recorder = nil }
    try model(sampler)
    return recorder.draw
  }
}

private func recorded(
  _ model: @escaping DifferentiableModel<Void>
) -> DifferentiableModel<NamedDraw> {
  { sampler in
    try model(sampler)
    return sampler.recorder?.draw ?? NamedDraw()
  }
}
