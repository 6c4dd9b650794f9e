public import LanguageModels

extension Calculator {
  /// The calculator at sampling time: when `<<48/2=` is written, `24>>` follows, whatever the model would have drawn.
  ///
  /// Where there is no result the model goes on by itself, as in the published example.
  public static let insertion = Insertion { text in result(after: text).map { $0 + ">>" } }

  /// A solution without its annotations: each `<<`…`>>` is removed.
  public static func withoutAnnotations(_ solution: String) -> String {
    solution.replacing(/<<[^<>\n]*>>/, with: "")
  }
}
