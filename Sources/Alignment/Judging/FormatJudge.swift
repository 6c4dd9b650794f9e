public import LanguageModels

/// A form that texts should have: 1 for those that match the whole of a regular expression, grammar or schema, else 0.
public struct FormatJudge: Judge {
  /// Its name in records.
  public let name: String
  private let form: Constraint

  /// A judge of a form; ``LanguageModels/Constraint`` reads expressions, grammars and JSON schemas.
  public init(_ form: Constraint, name: String = "format") {
    self.form = form
    self.name = name
  }

  /// 1 for texts of the form, 0 for others.
  public func scores(of candidates: [Candidate]) -> [Double] { candidates.map { form.matches($0.text) ? 1 : 0 } }
}
