/// One observation of a training run: how large the model was, how much it had read, and its loss then.
///
/// The three sizes go together by C = 6·N·D (Kaplan et al., 2020, section 2.1): whichever is missing follows from the others.
public struct TrainingPoint: Sendable, Equatable, Codable {
  /// The run, where a file holds learning curves; points of one run are one curve.
  public var run: String?
  /// The step of the run.
  public var step: Int?
  /// N, the model's parameters.
  public var parameters: Double?
  /// D, the tokens read.
  public var tokens: Double?
  /// C, the floating point operations spent.
  public var flops: Double?
  /// The loss, usually in nats a token.
  public var loss: Double

  /// Makes a point and adds the size that follows from two others.
  public init(
    run: String? = nil, step: Int? = nil, parameters: Double? = nil, tokens: Double? = nil, flops: Double? = nil,
    loss: Double
  ) {
    (self.run, self.step, self.parameters, self.tokens, self.flops, self.loss) =
      (run, step, parameters, tokens, flops, loss)
    switch (parameters, tokens, flops) {
    case (let n?, let d?, nil): self.flops = TrainingPoint.flopsPerParameterAndToken * n * d
    case (let n?, nil, let c?): self.tokens = c / (TrainingPoint.flopsPerParameterAndToken * n)
    case (nil, let d?, let c?): self.parameters = c / (TrainingPoint.flopsPerParameterAndToken * d)
    default: break
    }
  }

  /// The operations that one parameter costs for one token, forward and backward: 6.
  public static let flopsPerParameterAndToken = 6.0

  /// A petaflop/s-day in FLOP, the papers' unit of compute: 8.64·10¹⁹.
  public static let petaflopDay = 8.64e19

  /// The value of a size, nil where the point doesn't have it.
  public subscript(size: SizeName) -> Double? {
    switch size {
    case .parameters: parameters
    case .tokens: tokens
    case .flops: flops
    }
  }
}

/// The sizes that laws are about.
public enum SizeName: String, Sendable, Codable, CaseIterable {
  /// N.
  case parameters
  /// D.
  case tokens
  /// C.
  case flops

  /// The letter of the size in formulas.
  public var letter: String {
    switch self {
    case .parameters: "N"
    case .tokens: "D"
    case .flops: "C"
    }
  }
}
