public import Documents

/// A fit, a plan or a prediction that can't be made from what was given.
public struct ScalingError: UserFacingError, Equatable {
  /// What is wrong and what to do about it.
  public let description: String

  /// Points that are too few or too much alike for a law.
  static func tooFew(_ what: String, advice: String) -> ScalingError { ScalingError(description: "\(what). \(advice)") }

  /// Points that a law doesn't describe.
  static func noLaw(_ what: String) -> ScalingError { ScalingError(description: what) }

  /// Something that was asked for doesn't go with the points or the files.
  static func unusable(_ what: String) -> ScalingError { ScalingError(description: what) }
}
