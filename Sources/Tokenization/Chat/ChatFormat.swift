public import Documents
public import Foundation

/// A model's format of conversations: its chat template, parsed once, and what that tells of turns, calls and
/// reasoning.
///
/// ```swift
/// let format = try tokenizer.chatFormat                                     // nil without a template
/// let text = try format?.render(messages: [["role": "user", "content": "Hi"]], opensTurn: true)
/// ```
///
/// Publishers write templates for one model each, and what they expect differs: arguments of calls as an object or as text, no
/// content or an empty one, identifiers of nine letters. A template is asked by rendering small conversations with it and
/// looking for the words that they hold, so that a model needs no entry in any table.
public final class ChatFormat: Sendable {
  /// The parsed template.
  public let template: ChatTemplate
  /// The form of calls of functions, where the template shows any.
  let callForm: CallForm?
  /// The marks around reasoning, where the template knows of any.
  public let reasoning: AnswerReader.ReasoningMarks?
  /// The control tokens that end the assistant's turn.
  public let turnEnds: [Int]
  /// The control tokens that are part of an answer's text, because they mark calls or reasoning.
  public let shownTokens: Set<Int>

  private let variables: JSONObject
  private let habits: ChatProbe.Habits

  /// The marks of reasoning in published models, likeliest first.
  static let usualReasoning: [AnswerReader.ReasoningMarks] = [
    ("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<seed:think>", "</seed:think>"), ("<reasoning>", "</reasoning>"),
  ].map { AnswerReader.ReasoningMarks(open: $0.0, close: $0.1) }

  /// Looks at what a template does.
  init(_ template: ChatTemplate, tokenizer: Tokenizer) {
    self.template = template
    variables = tokenizer.templateVariables
    let probe = ChatProbe(template: template, variables: tokenizer.templateVariables)
    let habits = probe.habits
    func special(_ text: String) -> [Int] {
      tokenizer.encode(text, addSpecialTokens: false, allowSpecial: true).filter(tokenizer.isSpecial)
    }
    let turnEnds = special(probe.turnEnd ?? "").first.map { [$0] } ?? []
    let reasoning = Self.usualReasoning.first { template.source.contains($0.close) }
    let ends = Set(turnEnds + tokenizer.specialTokens.stops)
    let call = probe.callText(habits, ends: ends.compactMap(tokenizer.idToToken))
    let marks = (call ?? "") + (reasoning.map { $0.open + $0.close } ?? "")
    callForm = call.flatMap { probe.callForm($0, habits) }
    (self.habits, self.turnEnds, self.reasoning) = (habits, turnEnds, reasoning)
    shownTokens = Set(special(marks)).subtracting(ends)
  }

  /// A conversation as the template writes it.
  ///
  /// - Parameters:
  ///   - messages: As OpenAI's interface has them: arguments of calls are JSON documents in a text, or objects.
  ///   - tools: The functions that are offered.
  ///   - opensTurn: Ends with the opening of the assistant's turn.
  ///   - variables: Further values that the template reads.
  public func render(
    messages: JSONValue, tools: JSONValue? = nil, opensTurn: Bool = false, variables: JSONObject = JSONObject(),
    now: Date = Date()
  ) throws -> String {
    try rendering(messages: messages, tools: tools, opensTurn: opensTurn, variables: variables, now: now).text
  }

  /// The same with the ranges that the template marks as the assistant's.
  func rendering(
    messages: JSONValue, tools: JSONValue?, opensTurn: Bool, variables: JSONObject = JSONObject(), now: Date
  ) throws -> ChatTemplate.Rendering {
    var all = self.variables
    for (name, value) in variables.members { all[name] = value }
    return try template.rendering(
      messages: prepared(messages), tools: tools, addGenerationPrompt: opensTurn, variables: all, now: now)
  }

  // MARK: Identifiers

  /// A fresh identifier of a call, in the form that the template asks for.
  public func callIdentifier() -> String {
    habits.wantsShortIdentifiers ? Self.short(.random(in: 0 ... .max)) : Self.usualCallIdentifier()
  }

  /// A fresh identifier of a call in OpenAI's form.
  public static func usualCallIdentifier() -> String {
    "call_" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
  }

  /// An identifier as the template takes it: the same for the same one.
  private func identifier(_ given: String) -> String {
    guard habits.wantsShortIdentifiers, !Self.isShort(given) else { return given }
    // FNV-1a: what a client names may not change between turns or processes.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in given.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Self.short(hash)
  }

  private static func isShort(_ text: String) -> Bool {
    text.utf8.count == 9 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  private static func short(_ number: UInt64) -> String {
    let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    var rest = number
    return String(
      (0..<9).map { _ in
        defer { rest /= 62 }
        return letters[Int(rest % 62)]
      })
  }

  // MARK: Messages

  /// Messages as this template takes them.
  private func prepared(_ messages: JSONValue) -> JSONValue {
    guard let list = messages.array else { return messages }
    return .array(list.map { $0.object.map { .object(prepared($0)) } ?? $0 })
  }

  private func prepared(_ message: JSONObject) -> JSONObject {
    // Clients write out members that they don't use; a template asks whether they are there.
    var made = JSONObject(message.members.filter { $0.key == "content" || !$0.value.isNull })
    if made["tool_calls"]?.array?.isEmpty == true { made["tool_calls"] = nil }
    if let id = made["tool_call_id"]?.string { made["tool_call_id"] = .string(identifier(id)) }
    guard made["role"] == "assistant" else { return made }
    let calls = made["tool_calls"]?.array
    switch made["content"] ?? .null {
    case .null: made["content"] = habits.takesNoContent ? .null : ""
    case .string("") where calls != nil && habits.losesCallsBesideText: made["content"] = .null
    default: break
    }
    if let calls { made["tool_calls"] = .array(calls.map(prepared(call:))) }
    return made
  }

  private func prepared(call: JSONValue) -> JSONValue {
    guard var outer = call.object else { return call }
    if let id = outer["id"]?.string { outer["id"] = .string(identifier(id)) }
    guard var function = outer["function"]?.object else { return .object(outer) }
    switch function["arguments"] {
    case .string(let text)? where !habits.takesArgumentsAsText:
      // What is no JSON stays the text that it is.
      if let value = try? JSONValue(parsing: text.isEmpty ? "{}" : text) { function["arguments"] = value }
    case .object(let object)? where habits.takesArgumentsAsText:
      function["arguments"] = .string(JSONValue.object(object).serialized())
    default: break
    }
    outer["function"] = .object(function)
    return .object(outer)
  }
}
