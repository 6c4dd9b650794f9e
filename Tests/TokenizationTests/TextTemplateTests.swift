import Documents
import Testing
import Tokenization

/// Held against Jinja2 3.1.6 with `StrictUndefined` and `keep_trailing_newline`, as lm-evaluation-harness renders documents.
@Suite struct TextTemplateTests {
  private func text(_ template: String, _ fields: JSONObject = JSONObject()) throws -> String {
    try TextTemplate(template).render(fields)
  }

  @Test("white space stays where a conversation's template would take it")
  func space() throws {
    #expect(try text("a\n{% if true %}\nb\n{% endif %}\n") == "a\n\nb\n\n")
    #expect(try text("a\n  {%- if true %} b{% endif -%}\n c\n") == "a bc\n")
  }

  @Test("columns come through filters, methods and slices")
  func fields() throws {
    #expect(try text("{{text.split(' ')[:-1]|join(' ')}}", ["text": "one two three"]) == "one two")
    #expect(try text("{{[a, b]}}", ["a": "it's", "b": "x"]) == #"["it's", 'x']"#)
    #expect(try text("{{c.label.index(k)}}", ["c": ["label": ["A", "B"]], "k": "B"]) == "1")
    #expect(try text(#"{{ t | regex_replace('\\[.*?\\]', '') }}"#, ["t": "a [b] c"]) == "a  c")
    #expect(try text("{{flag}} {{none}} {{share}}", ["flag": true, "none": .null, "share": 0.5]) == "True None 0.5")
  }

  @Test(
    "what isn't there is an error, except where it is asked about",
    arguments: [
      "{{missing}}", "{% if missing %}a{% endif %}", "{{missing|upper}}", "{% for x in missing %}a{% endfor %}",
      "{{missing == 1}}", "{{not missing}}", "{{doc.missing}}", "{{'a' if missing else 'b'}}",
    ])
  func strictness(_ template: String) throws {
    let error = #expect(throws: TokenizationError.self) { try text(template, ["doc": ["a": 1]]) }
    #expect(error?.description.contains("missing") == true)
    #expect(try text("{{missing is defined}} {{missing|default('x')}}") == "False x")
  }
}
