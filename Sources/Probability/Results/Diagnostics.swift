/// An inference method's own measures of its result's quality.
public struct Diagnostics: Sendable, Equatable {
  /// The method's name.
  public var method: String
  /// The number of runs of the model, whole or partial.
  public var executions = 0
  /// log of the evidence ∫ p(choices) Π factors, where the method estimates it; exact for
  /// enumeration.
  public var logEvidence: Double?
  /// The number of independent draws that the result is worth.
  public var effectiveSampleSize: Double?
  /// The fraction of proposals accepted.
  public var acceptanceRate: Double?
  /// The number of accepted proposals changed that the state, where the method makes proposals.
  ///
  /// A redrawn choice that comes out as it was is accepted and moves nothing.
  public var acceptedMoves: Int?
  /// Split R-hat of the result over chains; near 1 when the chains agree, `nil` when no draw differs from the others.
  public var splitRHat: Double?
  /// Enumeration: prior probability of the executions that were not finished; 0 when exact.
  public var missedPriorMass = 0.0
  /// Enumeration: an upper bound on the posterior probability of what was missed, or `nil` when a
  /// factor above 0 was seen, for then no bound can be had from the prior.
  public var missedPosteriorBound: Double? = 0
  /// Hamiltonian Monte Carlo: transitions whose energy error was too great to trust.
  public var divergences = 0
  /// Warnings to read before using the result.
  public var warnings: [String] = []

  /// Diagnostics for a method by name.
  public init(method: String) { self.method = method }
}
