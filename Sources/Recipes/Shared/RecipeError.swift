public import Documents

/// Options with which a recipe can't run.
public struct RecipeError: UserFacingError {
  /// The problem and the way out.
  public var description: String
  /// A command that was used wrongly.
  public var exitStatus: ExitStatus { .usage }
}
