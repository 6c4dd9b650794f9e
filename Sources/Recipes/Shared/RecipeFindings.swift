public import Evaluation
public import Documents

/// What a recipe found: the effects, and what its report shows besides.
public struct RecipeFindings {
  /// What the paper claims, as it was measured here.
  public var effects: [Effect]
  /// What changes how the figures should be read.
  public var cautions: [String] = []
  /// The pictures that open the report, in rows.
  public var pictures: [[Plot]] = []
  /// Further members of `report.json`.
  public var details = JSONObject()
  /// Adds the recipe's own sections to the report.
  public var sections: (inout Report) -> Void = { _ in }

  /// Findings with these effects.
  public init(effects: [Effect]) { self.effects = effects }
}
