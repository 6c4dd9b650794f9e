import Documents
import Foundation
import Statistics
import Testing
import Tokenization

/// Conversations with tools as clients send them, put to templates that expect other things of them.
@Suite struct ChatFormatTests {
  /// A tokenizer with a template and control tokens for it.
  static func tokenizer(
    _ template: String, special: [String] = [], configuration: JSONObject = JSONObject()
  ) throws -> Tokenizer {
    let trained = try BytePairTrainer(vocabularySize: 300).train(texts: ["the cat and the dog and the cat"])
    var document = try #require(trained.document.object)
    let first = trained.vocabularySize
    document["added_tokens"] = .array(
      (document["added_tokens"]?.array ?? [])
        + special.enumerated().map { ["id": .int(first + $0), "content": .string($1), "special": true] })
    var own = configuration
    own["chat_template"] = .string(template)
    return try Tokenizer(document: .object(document), configuration: .object(own))
  }

  /// The tokens that the golden templates are rendered with.
  static let control = ["<s>", "</s>", "<|im_end|>", "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]", "<|calls_begin|>"]
  static let names: JSONObject = ["bos_token": "<s>", "eos_token": "</s>"]

  private struct Case {
    var kind: String
    var row: JSONValue
    var tokenizer: Tokenizer
  }

  private static func cases() throws -> [Case] {
    let rows = try Golden.json("chats.json")["cases"]?.array ?? []
    #expect(rows.count == 15)
    return try rows.map { row in
      Case(
        kind: row["kind"]?.string ?? "", row: row,
        tokenizer: try tokenizer(row["template"]?.string ?? "", special: control, configuration: names))
    }
  }

  @Test("what clients send reaches each kind of template as transformers would be given it")
  func messages() throws {
    for item in try Self.cases() {
      let text = try item.tokenizer.applyChatTemplate(
        messages: item.row["messages"] ?? [], tools: item.row["tools"], addGenerationPrompt: true)
      #expect(
        same(text, item.row["text"]?.string ?? ""), "\(item.kind)\n\(text)\n---\n\(item.row["text"]?.string ?? "")")
    }
  }

  @Test("identifiers of any form become nine letters or digits where the template asks for them, the same ones again")
  func identifiers() throws {
    for item in try Self.cases() {
      var messages = item.row["messages"]?.serialized() ?? ""
      let long = "call_0123456789abcdef"
      messages = messages.replacingOccurrences(of: "abcdef123", with: long)
      let text = try item.tokenizer.applyChatTemplate(messages: JSONValue(parsing: messages), tools: item.row["tools"])
      let made = try #require(try item.tokenizer.chatFormat).callIdentifier()
      if item.row["wants_nine"] == true {
        #expect(made.wholeMatch(of: /[A-Za-z0-9]{9}/) != nil, "\(item.kind): \(made)")
        #expect(!text.contains(long), "\(item.kind)")
        // The call and its result still name each other.
        let ids = text.matches(of: /(?:"id": "|"call_id": "|\[CALL_ID\]|\[TOOL_RESULTS\])([A-Za-z0-9]{9})/).map { $0.1 }
        #expect(Set(ids).count * 2 == ids.count, "\(item.kind): \(text)")
      } else {
        #expect(made.hasPrefix("call_"), "\(item.kind): \(made)")
      }
    }
  }

  @Test("calls are read in the form that the template writes them in, whole and in pieces of any length")
  func answers() throws {
    for item in try Self.cases() {
      let functions = Dictionary(
        (item.row["tools"]?.array ?? []).map {
          ($0["function"]?["name"]?.string ?? "", $0["function"]?["parameters"] ?? [:])
        }
      ) { first, _ in first }
      var answer = item.row["answer"]?.string ?? ""
      for end in ["<|im_end|>\n", "<|im_end|>", "</s>"] where answer.hasSuffix(end) {
        answer.removeLast(end.count)
        break
      }
      let opening = item.row["opening"]?.string ?? ""
      let thinks = opening.hasSuffix("<think>\n")
      let expected =
        (thinks ? [.reasoning("It may be blue.")] : [])
        + (item.row["calls"]?.array ?? []).map { call -> AnswerReader.Part in
          .call(ToolCall(name: call["name"]?.string ?? "", arguments: call["arguments"]?.serialized() ?? ""))
        }
      let text = (thinks ? "It may be blue.\n</think>\n\n" : "") + answer
      let reader = AnswerReader(format: try item.tokenizer.chatFormat, functions: functions, prompt: opening)
      for size in [1, 2, 7, 100_000] {
        #expect(Self.read(text, by: size, reader) == expected, "\(item.kind) by \(size): \(answer)")
      }
      let framed = Self.read((thinks ? "x</think>" : "") + "First. " + answer + " Done.", by: 3, reader)
      guard item.kind != "single" else { continue }
      // The white space around the calls is the model's own.
      #expect(Self.content(of: framed).split { $0.isWhitespace } == ["First.", "Done."], "\(item.kind): \(framed)")
      #expect(Self.calls(of: framed) == Self.calls(of: expected), "\(item.kind)")
    }
  }

  /// Reads a text in pieces of so many characters.
  static func read(_ text: String, by size: Int, _ start: AnswerReader) -> [AnswerReader.Part] {
    var reader = start
    var parts: [AnswerReader.Part] = []
    var rest = text[...]
    while !rest.isEmpty {
      parts += reader.append(String(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    parts += reader.finish()
    // Neighbours of one kind are one text, however it came.
    return parts.reduce(into: []) { joined, next in
      switch (joined.last, next) {
      case (.content(let a)?, .content(let b)): joined[joined.count - 1] = .content(a + b)
      case (.reasoning(let a)?, .reasoning(let b)): joined[joined.count - 1] = .reasoning(a + b)
      default: joined.append(next)
      }
    }
  }

  static func content(of parts: [AnswerReader.Part]) -> String {
    parts.reduce("") { text, part in if case .content(let more) = part { text + more } else { text } }
  }

  static func reasoning(of parts: [AnswerReader.Part]) -> String {
    parts.reduce("") { text, part in if case .reasoning(let more) = part { text + more } else { text } }
  }

  static func calls(of parts: [AnswerReader.Part]) -> [ToolCall] {
    parts.compactMap { if case .call(let call) = $0 { call } else { nil } }
  }

  static let thinking =
    "{% for m in messages %}<{{ m.role }}>{% if '</think>' in m.content %}{{ m.content.split('</think>')[-1] }}{% else %}{{ m.content }}{% endif %}{% endfor %}"

  @Test(
    "answers with reasoning and calls of every family, whole and in pieces alike",
    arguments: [
      // What the model thinks is apart, and no call.
      (
        "<think>\nI could <tool_call>{\"name\": \"look\", \"arguments\": {}}</tool_call>.\n</think>\n\nNo.", "No.",
        "I could <tool_call>{\"name\": \"look\", \"arguments\": {}}</tool_call>.", []
      ),
      (
        "<think>hm</think><tool_call>{\"name\": \"look\", \"arguments\": {}}</tool_call>", "", "hm", [("look", "{}")]
      ),
      ("<think>never closed", "", "never closed", []), ("<think>\n\n</think>\n\nHi <b>", "Hi <b>", "", []),
      ("a <think>b</think>", "a <think>b</think>", "", []),
      // Semicolons part calls, not texts inside of them.
      (
        #"{"name": "look", "parameters": {"at": "a; b"}}; {"name": "go", "parameters": {}}"#, "", "",
        [("look", #"{"at": "a; b"}"#), ("go", "{}")]
      ),
      (
        #"<|python_tag|>{"name": "look", "parameters": {"at": "}; {"}};{"name": "go", "parameters": {}}"#, "", "",
        [("look", #"{"at": "}; {"}"#), ("go", "{}")]
      ),
      // Mistral's forms.
      (
        #"[TOOL_CALLS]look[CALL_ID]abcdef123[ARGS]{"at": 1}[TOOL_CALLS]go[CALL_ID]b[ARGS]{}"#, "", "",
        [("look", #"{"at": 1}"#), ("go", "{}")]
      ),
      (#"Yes. [TOOL_CALLS] [{"name": "go", "arguments": {}}]"#, "Yes.", "", [("go", "{}")]),
      (#"look{"at": 1}"#, "", "", [("look", #"{"at": 1}"#)]),
      // Text after a call.
      (
        "Well. <tool_call>{\"name\": \"go\", \"arguments\": {}}</tool_call>\nThat is all.", "Well. \nThat is all.", "",
        [("go", "{}")]
      ),
      (#"{"name": "go", "arguments": {}} and so on"#, "and so on", "", [("go", "{}")]),
      ("<tool_call>{\"name\": \"go\", \"arguments\": {}}", "", "", [("go", "{}")]),
      // What only resembles a call is text.
      (#"{"name": "jump", "arguments": {}}"#, #"{"name": "jump", "arguments": {}}"#, "", []),
      ("look at {this}", "look at {this}", "", []), ("lo", "lo", "", []), ("  spaced out  ", "  spaced out  ", "", []),
      ("<tool_call>oops</tool_call> dear", "<tool_call>oops</tool_call> dear", "", []),
      ("a < b [c] <tool_ca", "a < b [c] <tool_ca", "", []), ("{\"a\": [1, 2", "{\"a\": [1, 2", "", []),
      (#"[{"name": "go", "arguments": {}}, 5]"#, #"[{"name": "go", "arguments": {}}, 5]"#, "", []),
      ("é漢 <｜ 👩‍👩‍👧", "é漢 <｜ 👩‍👩‍👧", "", []),
    ] as [(String, String, String, [(String, String)])])
  func forms(_ text: String, _ content: String, _ reasoning: String, _ calls: [(String, String)]) throws {
    let format = try Self.tokenizer(Self.thinking).chatFormat
    let reader = AnswerReader(format: format, functions: ["look": [:], "go": [:]])
    for size in [1, 2, 3, 5, 100_000] {
      let parts = Self.read(text, by: size, reader)
      #expect(Self.content(of: parts) == content, "by \(size): \(parts)")
      #expect(Self.reasoning(of: parts) == reasoning, "by \(size): \(parts)")
      #expect(Self.calls(of: parts).map(\.name) == calls.map(\.0), "by \(size): \(parts)")
      #expect(Self.calls(of: parts).map(\.arguments) == calls.map(\.1), "by \(size): \(parts)")
    }
  }

  @Test("reasoning stays in the text of a model whose template knows of none, but calls in it are none there either")
  func unmarked() throws {
    let format = try Self.tokenizer("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}").chatFormat
    let text = "<think> <tool_call>{\"name\": \"go\", \"arguments\": {}}</tool_call> </think> Hi"
    for size in [1, 4, 1000] {
      let parts = Self.read(text, by: size, AnswerReader(format: format, functions: ["go": [:]]))
      #expect(parts == [.content(text)], "by \(size)")
    }
  }

  @Test("no text is lost or invented, whatever comes and however it is cut")
  func nothingIsLost() throws {
    let format = try Self.tokenizer(Self.thinking).chatFormat
    var random = SeededGenerator(seed: 3)
    let pieces = [
      "<tool_call>", "</tool_call>", "{\"name\": \"go\",", "\"arguments\": {}}", "[TOOL_CALLS]", "[ARGS]", "go", "look",
      "{",
      "}", "[", "]", "\"", ";", " ", "\n", "x", "<", "<think>", "</think>", "é", "\\",
    ]
    for _ in 0..<1500 {
      let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      let reader = AnswerReader(format: format, functions: ["go": [:], "look": [:]])
      let whole = Self.read(text, by: 100_000, reader)
      for size in [1, 3] {
        let parts = Self.read(text, by: size, reader)
        #expect(Self.content(of: parts) == Self.content(of: whole), "\(text.debugDescription) by \(size)")
        #expect(Self.calls(of: parts) == Self.calls(of: whole), "\(text.debugDescription) by \(size)")
        #expect(Self.reasoning(of: parts) == Self.reasoning(of: whole), "\(text.debugDescription) by \(size)")
      }
      if Self.calls(of: whole).isEmpty, Self.reasoning(of: whole).isEmpty, !text.contains("think>") {
        #expect(Self.content(of: whole) == text)
      }
    }
  }

  @Test("a turn ends where the template ends one, whatever the end of text is called")
  func turnEnds() throws {
    let template = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|fin|>\n{% endfor %}"
    let tokenizer = try Self.tokenizer(template, special: ["<|fin|>", "<|user|>", "<|assistant|>", "<|eot_id|>"])
    let format = try #require(try tokenizer.chatFormat)
    #expect(format.turnEnds == [try #require(tokenizer.tokenToID("<|fin|>"))])
    // By its name alone, in a vocabulary that gives another as the end.
    #expect(tokenizer.specialTokens.stops.contains(try #require(tokenizer.tokenToID("<|eot_id|>"))))
    #expect(tokenizer.specialTokens.stops.first == tokenizer.eos)
    let again = try tokenizer.chatFormat
    #expect(again === format, "parsed once")
    #expect(try Self.tokenizer(template).chatFormat?.turnEnds == [])
  }

  @Test("another template replaces the tokenizer's own, and a broken one is refused")
  func replaced() throws {
    let tokenizer = try Self.tokenizer("{{ messages[0].content }}")
    let other = try Tokenizer(tokenizer, chatTemplate: "<{{ messages[0].content }}>{{ eos_token }}")
    #expect(try other.applyChatTemplate(messages: [["role": "user", "content": "a"]]) == "<a><|endoftext|>")
    #expect(other.encode("the cat") == tokenizer.encode("the cat"))
    #expect(throws: TokenizationError.self) { try Tokenizer(tokenizer, chatTemplate: "{% if %}") }
  }
}
