/// What an inference method knows about the quality of its result.
public struct Diagnostics: Sendable, Equatable {
  /// The method's name.
  public var method: String
  /// How many times the model was run, wholly or in part.
  public var executions = 0
  /// log of the evidence ∫ p(choices) Π factors, where the method estimates it; exact for
  /// enumeration.
  public var logEvidence: Double?
  /// How many independent draws the result is worth.
  public var effectiveSampleSize: Double?
  /// The fraction of proposals accepted.
  public var acceptanceRate: Double?
  /// How many accepted proposals changed the state, where the method makes proposals.
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
  /// What the user should know before using the result.
  public var warnings: [String] = []

  /// Diagnostics for a method by name.
  public init(method: String) { self.method = method }
}
