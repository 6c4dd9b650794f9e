import Foundation
import LanguageModels
import Testing
import Tokenization
import Torch

@Suite struct ConstraintTests {
  @Test("regular expressions accept what Foundation's accept", arguments: [
    ("a|bc*", ["a", "b", "bccc", "", "ab", "ac"]), (#"\d{4}-\d\d?"#, ["2020-1", "2020-12", "202-1", "2020-123"]),
    ("(?:ab){2,3}x?", ["abab", "ababab", "abababx", "ab", "abababab"]), ("[^a-c\\]]+", ["xyz", "é漢🙂", "xa", "]", ""]),
    ("^(foo|bar)$", ["foo", "bar", "foobar", "fo"]), ("a.c", ["abc", "a\nc", "a🙂c", "ac"]),
    (#"\w+@\w+\.(com|org)"#, ["me@x.com", "me@x.net", "@x.org"]), ("[α-ω]{2}|[一-龠]", ["αω", "漢", "αz", "α"]),
    (#"(a*)*b"#, ["aaab", "b", "aaa"]), (#"[\x41-\x43\u0044]"#, ["A", "D", "E"]), ("x{0}", ["", "x"]),
    (#"[\s\S]{2}"#, ["\n ", "🙂é", "a"]),
  ])
  func expressions(_ source: String, _ texts: [String]) throws {
    let constraint = try Constraint.regularExpression(source)
    let reference = try NSRegularExpression(pattern: "\\A(?:\(source))\\z")
    for text in texts {
      let expected = reference.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
      #expect(constraint.matches(text) == expected, "\(source) on \(text.debugDescription)")
    }
  }

  @Test("what isn't supported is refused by name", arguments: [
    (#"a(?=b)"#, "look-around"), (#"(a)\1"#, #"\1"#), (#"\bword"#, #"\b"#), ("(a", "')'"), ("a)", "')'"), ("[a", "']'"),
    ("a{3,1}", "downwards"), ("*a", "nothing to repeat"), ("a^b", "'^'"), ("a{99999}", "10000"), ("((((a{1000}){1000}){1000}))", "too large"),
    (#"\p{L}"#, #"\p"#), ("[[:alpha:]]", "POSIX"), ("(?i)a", "flags"), ("a++", "possessive"), ("\\", "backslash"),
  ])
  func refusedExpressions(_ source: String, _ word: String) {
    #expect { try Constraint.regularExpression(source) } throws: { "\($0)".contains(word) }
  }

  @Test("schemas accept and refuse documents", arguments: [
    (#"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]}"#,
     [#"{"a":1}"#, #"{"a": -20, "b": "x\n\u00e9"}"#, "{\n  \"a\":0\n}"], [#"{}"#, #"{"b":"x"}"#, #"{"a":01}"#, #"{"a":1.5}"#, #"{"a":1,}"#, #"{"a":1,"c":2}"#]),
    (#"{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"boolean"}}"#,
     [#"{}"#, #"{"a":1,"bc":true}"#, #"{"x":false}"#, #"{"aa":true,"b":false}"#], [#"{"a":true}"#, #"{"x":1}"#, #"{"x":true,"a":1}"#]),
    (#"{"type":"array","items":{"enum":["x",1,null,{"k":[2]}]},"minItems":1,"maxItems":3}"#,
     [#"["x"]"#, #"[1, null, {"k":[2]}]"#], ["[]", #"["y"]"#, "[1,1,1,1]"]),
    (##"{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"v":{"type":"number"},"next":{"anyOf":[{"$ref":"#/$defs/tree"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}}}"##,
     [#"{"v":1e5,"next":null}"#, #"{"v":-0.5,"next":{"v":2,"next":{"v":3,"next":null}}}"#], [#"{"v":1}"#, #"{"v":1,"next":{}}"#]),
    (#"{"type":"string","pattern":"^a[\"\\\\]b"}"#, [#""a\"b""#, #""a\\bcd""#], [#""xa\"b""#, #""a"b""#]),
    (#"{"type":"string","pattern":"b+"}"#, [#""aab""#, #""b""#], [#""a""#]),
    (#"{"type":"string","minLength":2,"maxLength":3}"#, [#""ab""#, #""é🙂""#, #""\ud83d\ude00aa""#], [#""a""#, #""abcd""#, #""\ud83da""#]),
    (#"{"type":["string","null"]}"#, [#""""#, "null"], ["1"]), (#"{"const":{"a":[1,true]}}"#, [#"{"a":[1,true]}"#], ["{}"]),
    (#"{"type":"string","format":"date"}"#, [#""2024-02-28""#], [#""2024-13-01""#]), ("true", ["[[1,{}]]", "3"], ["[", "tru"]),
  ] as [(String, [String], [String])])
  func schemas(_ schema: String, _ good: [String], _ bad: [String]) throws {
    let constraint = try Constraint.jsonSchema(try JSONValue(parsing: schema))
    for text in good { #expect(constraint.matches(text), "\(schema): \(text)") }
    for text in bad { #expect(!constraint.matches(text), "\(schema): \(text)") }
  }

  @Test("schema keywords that aren't supported are refused by name and place", arguments: [
    (#"{"type":"integer","minimum":3}"#, "minimum"), (#"{"type":"array","items":{"type":"string","format":"ipv4"}}"#, "ipv4"),
    (#"{"oneOf":[{}]}"#, "oneOf"), (#"{"type":"object","properties":{"x":{"not":{}}}}"#, "properties/x"), (#"{"type":"any"}"#, "any"),
    (#"{"$ref":"http://x"}"#, "$ref"), (##"{"$ref":"#"}"##, "no finite example"), (##"{"$ref":"#/$defs/none"}"##, "#/$defs/none"),
    (#"{"type":"array","uniqueItems":true}"#, "uniqueItems"), (#"{"type":"string","minLength":-1}"#, "minLength"), ("3", "object"),
    (#"{"enum":[]}"#, "enum"), (#"{"type":"array","items":false,"minItems":1}"#, "no finite example"),
  ])
  func refusedSchemas(_ schema: String, _ word: String) throws {
    let value = try JSONValue(parsing: schema)
    #expect { try Constraint.jsonSchema(value) } throws: { "\($0)".contains(word) }
  }

  @Test("grammars: recursion on the right and in the middle works, on the left it is refused")
  func grammars() throws {
    let sums = try Constraint.grammar(
      """
      root ::= term (("+" | "-") term)*   # sums
      term ::= [0-9]+ | "(" root ")"
      """)
    for text in ["1", "(1+2)-3", "((((7))))"] { #expect(sums.matches(text)) }
    for text in ["", "(1", "1+", "1)"] { #expect(!sums.matches(text)) }
    #expect { try Constraint.grammar(#"root ::= root "a" | "b""#) } throws: { "\($0)".contains("left recursion") }
    #expect { try Constraint.grammar(#"root ::= other"#) } throws: { "\($0)".contains("other") }
    #expect { try Constraint.grammar(#"start ::= "a""#) } throws: { "\($0)".contains("root") }
  }

  @Test("whatever a random model draws under a constraint matches it")
  func drawn() throws {
    let model = try TinyModel.make()
    let tokenizer = try #require(TinyModel.tokenizer)
    let engine = GenerationEngine(model: model, tokenizer: tokenizer)
    func draw(_ constraint: Constraint, _ samples: Int, seed: UInt64, maxTokens: Int = 200) throws -> [Completion] {
      try engine.generate([
        GenerationRequest(
          prompt: tokenizer.encode("the cat"), samples: samples,
          parameters: SamplingParameters(maxTokens: maxTokens, seed: seed), constraint: constraint)
      ])[0]
    }
    for (i, source) in [#"(19|20)\d\d-(0[1-9]|1[0-2])"#, "(cat|dog|漢字)( and (cat|dog)){0,3}", #"[^\x00-\x1f"]{5,9}"#].enumerated() {
      let reference = try NSRegularExpression(pattern: "\\A(?:\(source))\\z")
      let made = try draw(try .regularExpression(source), 20, seed: UInt64(i))
      for completion in made {
        let text = completion.text
        #expect(completion.finishReason == .stop)
        #expect(reference.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil, "\(text)")
      }
      #expect(Set(made.map(\.text)).count > 5)
    }
    struct Record: Decodable {
      enum Kind: String, Decodable { case red, green }
      var name: String
      var kind: Kind
      var scores: [Double]
      var flag: Bool?
    }
    let schema = try JSONValue(parsing: #"""
      {"type":"object","properties":{"name":{"type":"string","maxLength":12},"kind":{"enum":["red","green"]},
       "scores":{"type":"array","items":{"type":"number"},"minItems":1,"maxItems":3},"flag":{"type":["boolean","null"]}},
       "required":["name","kind","scores"],"additionalProperties":false}
      """#)
    let constraint = try Constraint.jsonSchema(schema)
    let made = try draw(constraint, 40, seed: 9)
    #expect(made.contains { $0.finishReason == .stop })
    for completion in made where completion.finishReason == .stop {
      let record = try JSONDecoder().decode(Record.self, from: Data(completion.text.utf8))
      #expect((1...3).contains(record.scores.count) && record.name.unicodeScalars.count <= 12)
    }
    // Drafts and constraints together change nothing either.
    var parameters = SamplingParameters(maxTokens: 60, seed: 3)
    let request = GenerationRequest(prompt: [1, 2], samples: 4, parameters: parameters, constraint: constraint)
    parameters.lookupTokens = 4
    var drafted = request
    drafted.parameters = parameters
    #expect(try engine.generate([request])[0].map(\.ids) == engine.generate([drafted])[0].map(\.ids))
  }

  @Test("expressions that make other engines explode stay within their bounds")
  func hostile() throws {
    let model = try TinyModel.make()
    let tokenizer = try #require(TinyModel.tokenizer)
    for source in ["(a|a)*b", "(a?){200}a{200}", "((a*)*)*", "(.*.*.*.*)*x", "[ab]*a[ab]{60}"] {
      let constraint = try Constraint.regularExpression(source)
      _ = constraint.matches(String(repeating: "a", count: 100))
      var parameters = SamplingParameters(maxTokens: 8)
      parameters.ignoresEndOfText = true
      let made = try? GenerationEngine(model: model, tokenizer: tokenizer).generate([
        GenerationRequest(prompt: [1], parameters: parameters, constraint: constraint)
      ])
      if let made { #expect(made[0][0].ids.count <= 8) }
    }
  }
}
