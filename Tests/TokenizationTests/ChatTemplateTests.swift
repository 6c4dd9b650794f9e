import Documents
import Foundation
import Statistics
import Testing
import Tokenization

/// Rendered text equals what `transformers` renders, and what it refuses is refused.
@Suite struct ChatTemplateTests {
  private static func golden() throws -> JSONValue { try Golden.json("templates.json") }

  /// The moment that the golden renderings were made at, wherever this runs.
  private static func now() throws -> Date {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .current
    let parts = DateComponents(year: 2026, month: 3, day: 7, hour: 9, minute: 5, second: 2)
    return try #require(calendar.date(from: parts))
  }

  @Test(arguments: [
    "chatml", "llama2", "llama3", "mistral", "gemma", "phi3", "qwen", "zephyr", "generation",
    "macros",
  ])
  func conversationsEqual(name: String) throws {
    let golden = try Self.golden()
    let template = try ChatTemplate(#require(golden["templates"]?[name]?.string))
    let cases = (golden["cases"]?.array ?? []).filter { $0["template"]?.string == name }
    #expect(cases.count >= 12)
    for row in cases {
      let tools = row["tools"].flatMap { $0.isNull ? nil : $0 }
      func render() throws -> ChatTemplate.Rendering {
        try template.rendering(
          messages: row["messages"] ?? [], tools: tools,
          addGenerationPrompt: row["add_generation_prompt"]?.bool ?? false,
          variables: golden["variables"]?.object ?? JSONObject(), now: Self.now())
      }
      guard let text = row["text"]?.string else {
        #expect(throws: TokenizationError.self, "\(row)") { try render() }
        continue
      }
      let rendering = try render()
      #expect(same(rendering.text, text), "\(rendering.text)\n---\n\(text)")
      if let generations = row["generations"]?.array {
        #expect(
          rendering.generations == generations.map { ($0[0]?.int ?? 0)..<($0[1]?.int ?? 0) })
      }
    }
  }

  @Test func languageEqual() throws {
    let golden = try Self.golden()
    let data = try #require(golden["data"]?.object)
    let snippets = golden["snippets"]?.array ?? []
    #expect(snippets.count == 122)
    for snippet in snippets {
      let source = snippet["source"]?.string ?? ""
      func render() throws -> String {
        try ChatTemplate(source).render(messages: [], variables: data, now: Self.now())
      }
      if let text = snippet["text"]?.string {
        do {
          let rendered = try render()
          #expect(same(rendered, text), "\(source)\n\(rendered)\n---\n\(text)")
        } catch {
          Issue.record("\(source): \(error)")
        }
      } else {
        #expect(throws: TokenizationError.self, "\(source)") { try render() }
      }
    }
  }

  @Test func refusalsSayWhatTheTemplateSays() throws {
    let template = try ChatTemplate("a\nb{{ raise_exception('roles must alternate') }}")
    let error = #expect(throws: TokenizationError.self) { try template.render(messages: []) }
    #expect(error?.description.contains("line 2") == true)
    #expect(error?.description.contains("roles must alternate") == true)
  }

  /// Time and memory stay bounded whatever a template does.
  @Test(arguments: [
    "{% for a in range(100000) %}{% for b in range(100000) %}{{ b }}{% endfor %}{% endfor %}",
    "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(99999) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(s=[1, 2, 3]) %}{% for i in range(99999) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ 'x' * 99999999999 }}", "{{ range(999999999) }}", "{{ 9223372036854775807 + 1 }}",
    "{{ (0 - 9223372036854775807 - 1) // -1 }}", "{{ ('x' * 1000000) | replace('', 'y' * 1000000) }}",
    "{% set x = 'a' * 60000000 %}{{ x }}{{ x }}",
    "{% set ns = namespace(d={}) %}{% for i in range(60) %}{% set ns.d = [ns.d, ns.d] %}{% endfor %}{{ ns.d }}",
    "{% set ns = namespace(d={}) %}{% for i in range(60) %}{% set ns.d = [ns.d, ns.d] %}{% endfor %}{{ ns.d == ns.d }}",
    "{% set ns = namespace(d={}) %}{% for i in range(9999) %}{% set ns.d = [ns.d] %}{% endfor %}{{ ns.d }}",
    "{{ '{:>999999999}'.format('a') }}", "{{ '%999999999d' % 5 }}", "{{ 'a'.ljust(99999999999) }}",
    "{{ [1] * 99999999999 }}", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{% for i in range(9999) %}{{ '{:>9999999}'.format(i) }}{% endfor %}",
  ])
  func hostileTemplatesEnd(source: String) throws {
    let template = try ChatTemplate(source)
    #expect(throws: TokenizationError.self) { try template.render(messages: []) }
  }

  @Test func deepSourcesAreRefused() {
    for source in [
      "{{ " + String(repeating: "(", count: 100_000) + "1",
      "{{ " + String(repeating: "-", count: 100_000) + "1 }}",
      "{{ " + String(repeating: "not ", count: 100_000) + "1 }}",
      "{{ x" + String(repeating: ".a", count: 100_000) + " }}",
      "{{ 1" + String(repeating: " + 1", count: 100_000) + " }}",
      "{{ 1" + String(repeating: " or 1", count: 100_000) + " }}",
      String(repeating: "{% if 1 %}", count: 100_000),
      "{{ 1" + String(repeating: " if 1 else 1", count: 100_000) + " }}",
      "{{ x" + String(repeating: " | trim", count: 100_000) + " }}",
    ] {
      #expect(throws: TokenizationError.self) { try ChatTemplate(source) }
    }
  }

  /// Seeded mutations of the templates: text or an error, never a crash.
  @Test func mutatedTemplatesNeverCrash() throws {
    let golden = try Self.golden()
    let sources = (golden["templates"]?.object?.members ?? []).compactMap(\.value.string)
    let messages = try #require(golden["cases"]?[40]?["messages"])
    var generator = SeededGenerator(seed: 11)
    let pieces = [
      "{%", "%}", "{{", "}}", "(", ")", "[", "]", "|", ".", " if ", " for ", "'", "-", ",", "0",
      ":",
    ]
    var outcomes = (rendered: 0, refused: 0)
    for _ in 0..<600 {
      guard let source = sources.randomElement(using: &generator) else { continue }
      var scalars = Array(source.unicodeScalars)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<scalars.count, using: &generator)
        if Bool.random(using: &generator) {
          scalars.removeSubrange(place..<min(scalars.count, place + 5))
        } else {
          let piece = pieces.randomElement(using: &generator) ?? ""
          scalars.insert(contentsOf: piece.unicodeScalars, at: place)
        }
      }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      do {
        _ = try ChatTemplate(String(view)).render(messages: messages)
        outcomes.rendered += 1
      } catch is TokenizationError {
        outcomes.refused += 1
      }
    }
    #expect(outcomes.rendered > 0)
    #expect(outcomes.refused > 0)
    #expect(outcomes.rendered + outcomes.refused == 600)
  }

  @Test func templatesComeWithTokenizers() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let trained = try BytePairTrainer(vocabularySize: 300).train(texts: ["hello hello"])
    let document = trained.document
    let withTemplate = try Tokenizer(
      document: document,
      configuration: ["chat_template": "{{ messages[0].content }}{{ eos_token }}"])
    try withTemplate.write(to: folder)
    let read = try Tokenizer(contentsOf: folder)
    let text = try read.applyChatTemplate(messages: [["role": "user", "content": "hello"]])
    #expect(text == "hello<|endoftext|>")
    let ids = read.encode(text, addSpecialTokens: false, allowSpecial: true)
    #expect(ids.last == read.eos)
    #expect(throws: TokenizationError.self) { try trained.applyChatTemplate(messages: []) }
  }
}
