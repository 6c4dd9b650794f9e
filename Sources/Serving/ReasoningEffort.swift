import Documents
import LanguageModels
import Tokenization

/// The thinking that a model is asked for, where its template can be told.
enum ReasoningEffort {
  private static let levels = ["none", "minimal", "low", "medium", "high", "xhigh"]

  /// The levels that the host's model can be told, or keeps untold.
  static func accepted(by host: ModelHost) -> [String] {
    levels.filter { level in
      var variables = JSONObject()
      return (try? set(level, in: &variables, host: host) { .invalid($0) }) != nil
    }
  }

  /// Tells the template by its variables.
  ///
  /// - Throws: what `wrong` makes of a problem, where the template can't be told.
  static func set(
    _ effort: String?, in variables: inout JSONObject, host: ModelHost, wrong: (String) -> APIError
  ) throws {
    guard let effort else { return }
    guard levels.contains(effort) else { throw wrong("must be \(levels.joined(separator: ", "))") }
    let source = try host.tokenizer.chatFormat?.template.source ?? ""
    if effort == "none", source.contains("enable_thinking") {
      variables["enable_thinking"] = false
    } else if source.contains("reasoning_effort") {
      variables["reasoning_effort"] = .string(effort)
    } else if effort == "none", try host.tokenizer.chatFormat?.reasoning == nil {
      // A model that doesn't think already does what is asked.
    } else if effort != "medium" {
      // Medium is what goes without saying.
      throw wrong("can't be \(effort): this model's chat template takes no level of reasoning")
    }
  }
}
