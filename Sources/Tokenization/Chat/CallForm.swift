/// A family's way to write a call: what stands before, between and after its parts.
///
/// White space is free wherever it stands in a form: models add and leave out line ends that their templates have.
enum CallForm: Sendable, Equatable {
  /// `open {"name": …, "arguments": …} close`, or a list of such objects; both marks may be empty.
  case object(open: String, close: String)
  /// `open NAME middle {arguments}`, then `between` and the next name, or `close`.
  ///
  /// The middle may hold an identifier of the call, which parts it in two.
  case named(open: String, middle: [String], between: String?, close: String)
  /// `open NAME middle KEY equals VALUE between KEY equals VALUE close`, or `open NAME empty`: arguments that are no JSON.
  case pairs(open: String, middle: String, equals: String, between: String, close: String, empty: String)

  /// The mark that announces a call.
  var open: String {
    switch self {
    case .object(let open, _), .named(let open, _, _, _), .pairs(let open, _, _, _, _, _): open
    }
  }

  /// The forms of the large families, for models whose template shows no call: Qwen, Hermes and SmolLM; Phi-4 and Granite;
  /// Mistral with a list, with a name and with a name and an identifier; Llama 3.
  static let usual: [CallForm] =
    [
      .object(open: "<tool_call>", close: "</tool_call>"), .object(open: "<|tool_call|>", close: "<|/tool_call|>"),
      .object(open: "[TOOL_CALLS]", close: ""), .object(open: "<|python_tag|>", close: "<|eom_id|>"),
      .object(open: "", close: ""),
    ] + names

  /// A name before its arguments, as Mistral's later models write it; their marks are control tokens, and may not show.
  private static let names: [CallForm] = ["[TOOL_CALLS]", ""].flatMap { open -> [CallForm] in
    [["[CALL_ID]", "[ARGS]"], ["[ARGS]"], [""]].map { .named(open: open, middle: $0, between: nil, close: "") }
  }
}
