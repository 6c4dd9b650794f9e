public import Evaluation
public import Documents

/// A recipe's findings: the effects, and what its report shows besides.
public struct RecipeFindings {
  /// The paper's claims, as they were measured here.
  public var effects: [Effect]
  /// Cautions that change how the figures should be read.
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
