import Documents
import Foundation
import LanguageModels
import TestSupport
import Testing
import Tokenization
import Torch

@Suite struct ConstraintTests {
  /// An address of 255 characters as a JSON string.
  private static let longAddress =
    "\"https://a.b\(String(repeating: "/\(String(repeating: "c", count: 60))", count: 4))\""

  @Test(
    "regular expressions accept what Foundation's accept",
    arguments: [
      ("a|bc*", ["a", "b", "bccc", "", "ab", "ac"]), (#"\d{4}-\d\d?"#, ["2020-1", "2020-12", "202-1", "2020-123"]),
      ("(?:ab){2,3}x?", ["abab", "ababab", "abababx", "ab", "abababab"]),
      ("[^a-c\\]]+", ["xyz", "é漢🙂", "xa", "]", ""]),
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

  @Test(
    "what isn't supported is refused by name",
    arguments: [
      (#"a(?=b)"#, "look-around"), (#"(a)\1"#, #"\1"#), (#"\bword"#, #"\b"#), ("(a", "')'"), ("a)", "')'"),
      ("[a", "']'"),
      ("a{3,1}", "downwards"), ("*a", "nothing to repeat"), ("a^b", "'^'"), ("a{99999}", "10000"),
      ("((((a{1000}){1000}){1000}))", "too large"),
      (#"\p{L}"#, #"\p"#), ("[[:alpha:]]", "POSIX"), ("(?i)a", "flags"), ("a++", "possessive"), ("\\", "backslash"),
    ])
  func refusedExpressions(_ source: String, _ word: String) {
    #expect { try Constraint.regularExpression(source) } throws: { "\($0)".contains(word) }
  }

  @Test(
    "schemas accept and refuse documents",
    arguments: [
      (
        #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]}"#,
        [#"{"a":1}"#, #"{"a": -20, "b": "x\n\u00e9"}"#, "{\n  \"a\":0\n}"],
        [#"{}"#, #"{"b":"x"}"#, #"{"a":01}"#, #"{"a":1.5}"#, #"{"a":1,}"#, #"{"a":1,"c":2}"#]
      ),
      (
        #"{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"boolean"}}"#,
        [#"{}"#, #"{"a":1,"bc":true}"#, #"{"x":false}"#, #"{"aa":true,"b":false}"#],
        [#"{"a":true}"#, #"{"x":1}"#, #"{"x":true,"a":1}"#]
      ),
      (
        #"{"type":"array","items":{"enum":["x",1,null,{"k":[2]}]},"minItems":1,"maxItems":3}"#,
        [#"["x"]"#, #"[1, null, {"k":[2]}]"#], ["[]", #"["y"]"#, "[1,1,1,1]"]
      ),
      (
        ##"{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"v":{"type":"number"},"next":{"anyOf":[{"$ref":"#/$defs/tree"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}}}"##,
        [#"{"v":1e5,"next":null}"#, #"{"v":-0.5,"next":{"v":2,"next":{"v":3,"next":null}}}"#],
        [#"{"v":1}"#, #"{"v":1,"next":{}}"#]
      ),
      (#"{"type":"string","pattern":"^a[\"\\\\]b"}"#, [#""a\"b""#, #""a\\bcd""#], [#""xa\"b""#, #""a"b""#]),
      (#"{"type":"string","pattern":"b+"}"#, [#""aab""#, #""b""#], [#""a""#]),
      (
        #"{"type":"string","minLength":2,"maxLength":3}"#, [#""ab""#, #""é🙂""#, #""\ud83d\ude00aa""#],
        [#""a""#, #""abcd""#, #""\ud83da""#]
      ),
      (#"{"type":["string","null"]}"#, [#""""#, "null"], ["1"]),
      (#"{"const":{"a":[1,true]}}"#, [#"{"a":[1,true]}"#], ["{}"]),
      (
        #"{"type":"string","format":"date"}"#, [#""2024-02-28""#, #""2024-12-31""#],
        [#""2024-13-01""#, #""2024-04-31""#, #""2024-02-30""#]
      ),
      (
        #"{"type":"integer","minimum":3,"maximum":120}"#, ["3", "9", "10", "99", "100", "120"],
        ["2", "121", "-5", "0", "03", "1000", "3.0"]
      ),
      (
        #"{"type":"integer","minimum":-15,"exclusiveMaximum":7}"#, ["-15", "-1", "0", "6", "-9"],
        ["-16", "7", "-0", "10"]
      ),
      (#"{"type":"integer","multipleOf":7}"#, ["0", "7", "-14", "700"], ["1", "8", "-15"]),
      (
        #"{"type":"integer","allOf":[{"multipleOf":4},{"multipleOf":6}],"minimum":1,"maximum":40}"#,
        ["12", "24", "36"], ["0", "4", "6", "48"]
      ),
      (#"{"type":"integer","multipleOf":10000,"minimum":5}"#, ["10000", "990000"], ["1", "0", "5000"]),
      (#"{"type":"integer","minimum":0.5,"maximum":9223372036854775807}"#, ["1", "999999999999999"], ["0"]),
      (
        #"{"type":"number","minimum":0.25,"exclusiveMaximum":2}"#, ["0.25", "0.250", "1", "1.99", "0.3"],
        ["0.249", "2", "2.0", "-1", "0"]
      ),
      (#"{"type":"number","exclusiveMinimum":0}"#, ["0.1", "5", "0.000001", "123.5"], ["0", "0.0", "-1"]),
      (
        #"{"type":"number","minimum":-1,"maximum":1}"#, ["-1", "0", "-0.5", "1", "1.0", "0.99"],
        ["-1.01", "1.01", "2", "-0"]
      ),
      (#"{"type":"number","maximum":-0.5,"minimum":-1e300}"#, ["-0.5", "-1", "-100.25"], ["0", "-0.4", "0.5"]),
      (
        #"{"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":3}"#, [#""ab""#, #""abc""#],
        [#""a""#, #""abcd""#, #""AB""#]
      ),
      // What pydantic writes for a URL: no such text is as long as that.
      (
        #"{"type":"string","format":"uri","minLength":1,"maxLength":2083}"#,
        [#""https://a.b/c?d=e#f""#, #""http://x""#],
        [#""""#, #""ftp://a""#, #""https://""#]
      ),
      (
        #"{"type":"string","format":"uri","maxLength":255}"#, [longAddress], [longAddress.dropLast() + "/d/d\""]
      ),
      (
        #"{"type":"string","pattern":"^(é|[a-y]{3})*z?$","minLength":3000,"maxLength":6001}"#,
        [
          "\"\(String(repeating: "é", count: 3000))\"", "\"\(String(repeating: "abc", count: 2000))z\"",
        ],
        [
          "\"\(String(repeating: "é", count: 2999))\"", "\"\(String(repeating: "abc", count: 2000))éz\"",
          "\"\(String(repeating: "abc", count: 1000))a\"",
        ]
      ),
      (#"{"type":"string","allOf":[{"pattern":"a"},{"pattern":"b$"}]}"#, [#""ab""#, #""xaxb""#], [#""ba""#, #""b""#]),
      (#"{"type":"string","format":"date","pattern":"^2024"}"#, [#""2024-02-28""#], [#""2023-02-28""#]),
      (
        #"{"type":"string","minLength":700,"maxLength":1000}"#,
        [700, 999, 1000].map { "\"\(String(repeating: "é", count: $0))\"" },
        [699, 1001].map { "\"\(String(repeating: "é", count: $0))\"" }
      ),
      (
        #"{"type":"array","maxItems":300,"items":{"const":1}}"#,
        ["[]", "[1]"] + ["[1\(String(repeating: ",1", count: 299))]"], ["[1\(String(repeating: ",1", count: 300))]"]
      ),
      (
        #"{"type":"array","prefixItems":[{"type":"integer"},{"const":"x"}],"items":false,"minItems":1}"#,
        ["[1]", #"[1, "x"]"#], ["[]", #"["x"]"#, #"[1,"x",2]"#]
      ),
      (
        #"{"prefixItems":[{"type":"integer"}],"items":{"type":"boolean"},"minItems":2,"maxItems":3}"#,
        ["[1,true]", "[1,true,false]"], ["[1]", "[1,2]", "[1,true,true,true]"]
      ),
      (
        #"{"allOf":[{"type":"object","properties":{"a":{"type":"integer","minimum":3}},"required":["a"]},{"properties":{"a":{"maximum":5},"b":{"type":"null"}}}]}"#,
        [#"{"a":4}"#, #"{"a":5,"b":null}"#], [#"{"a":2}"#, #"{"a":6}"#, "{}", #"{"a":4,"c":1}"#]
      ),
      (
        #"{"oneOf":[{"type":"object","properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["kind","x"]},{"type":"object","properties":{"kind":{"const":"b"}},"required":["kind"]},{"type":"null"}]}"#,
        [#"{"kind":"a","x":1}"#, #"{"kind":"b"}"#, "null"], [#"{"kind":"a"}"#, #"{"kind":"b","x":1}"#]
      ),
      (
        #"{"oneOf":[{"const":"a","title":"A"},{"const":"b"},{"type":"integer","maximum":3},{"type":"integer","exclusiveMinimum":3}]}"#,
        [#""a""#, #""b""#, "3", "4"], [#""c""#]
      ),
      (#"{"enum":[1,2,"x",{"a":1}],"type":["integer","object"],"minimum":2}"#, ["2", #"{"a":1}"#], ["1", #""x""#]),
      (
        #"{"type":"object","properties":{"a":{}},"anyOf":[{"required":["a"]},{"properties":{"b":{"const":1}},"required":["b"]}]}"#,
        [#"{"a":[1]}"#, #"{"a":1,"b":1}"#, #"{"b":1}"#], ["{}", #"{"a":1,"b":2}"#]
      ),
      (
        ##"{"$ref":"#/$defs/a%20b~1c","maximum":5,"$defs":{"a b/c":{"type":"integer","minimum":3}}}"##, ["3", "5"],
        ["2", "6"]
      ),
      (#"{"type":"string","format":"ipv4"}"#, [#""1.2.3.255""#], [#""1.2.3.256""#]),
      (#"{"type":"string","format":"email"}"#, [#""a.b@c.org""#], [#""a@""#, #""@b""#]),
      ("true", ["[[1,{}]]", "3"], ["[", "tru"]),
      // What pydantic writes for set[Literal["a", "b", "c"]], and one of more values than whose every order is allowed.
      (
        #"{"type":"array","uniqueItems":true,"items":{"enum":["a","b","c"]}}"#,
        ["[]", #"["b","a"]"#, #"["c", "a", "b"]"#], [#"["a","a"]"#, #"["a","b","c","a"]"#, #"["d"]"#]
      ),
      (
        #"{"type":"array","uniqueItems":true,"items":{"type":"integer","minimum":1,"maximum":20},"minItems":2,"maxItems":3}"#,
        ["[1,2]", "[3,10,20]"], ["[1]", "[2,2]", "[1,2,3,4]", "[0,1]", "[1,21]"]
      ),
      (#"{"type":"array","uniqueItems":true,"maxItems":1}"#, ["[]", "[[1,2]]"], ["[1,1]"]),
      (
        #"{"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"uniqueItems":true}"#,
        ["[]", #"["a",1]"#], [#"["a","a"]"#]
      ),
      (#"{"not":{"type":["string","null"]}}"#, ["1", "[2.5]", "{}", "true"], [#""a""#, "null"]),
      (#"{"type":"string","not":{"enum":["","none","n/a"]}}"#, [#""a""#, #""nones""#, #""n""#], [#""""#, #""none""#]),
      (#"{"type":"string","not":{"pattern":"^_"}}"#, [#""""#, #""a_""#], [#""_a""#, #""_""#]),
      (
        #"{"type":"string","minLength":1,"maxLength":40,"not":{"const":"x"}}"#, [#""y""#, #""xx""#], [#""x""#, #""""#]
      ),
      (#"{"type":"integer","not":{"enum":[0,7,-12]}}"#, ["1", "70", "-1", "12"], ["0", "-0", "7", "-12"]),
      (#"{"type":"number","not":{"const":1.5}}"#, ["1", "1.05", "-1.5", "15"], ["1.5", "1.50"]),
      (#"{"type":"number","not":{"type":"integer"}}"#, ["0.5", "-2.25"], ["0", "2", "2.0", "2.00"]),
      (#"{"type":["integer","string"],"not":{"anyOf":[{"minimum":5},{"const":""}]}}"#, ["4"], ["5", #""""#, #""a""#]),
      (
        #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"not":{"required":["a","b"]}}"#,
        ["{}", #"{"a":1}"#, #"{"b":1}"#], [#"{"a":1,"b":1}"#]
      ),
      (
        #"{"type":"object","properties":{"k":{"type":"string"}},"not":{"properties":{"k":{"const":"x"}},"required":["k"]}}"#,
        ["{}", #"{"k":"y"}"#], [#"{"k":"x"}"#]
      ),
      (
        #"{"type":"object","patternProperties":{"^n_":{"type":"integer"},"_s$":{"type":"string"}}}"#,
        ["{}", #"{"n_a":1,"b_s":"x"}"#], [#"{"n_a":"1"}"#, #"{"b_s":1}"#, #"{"n_s":1}"#, #"{"other":1}"#]
      ),
      (
        #"{"type":"object","properties":{"n_x":{"minimum":3}},"patternProperties":{"^n_":{"type":"integer"}},"additionalProperties":{"type":"null"}}"#,
        [#"{"n_x":3}"#, #"{"n_x":4,"n_y":1,"z":null}"#, #"{"n":null}"#],
        [#"{"n_x":2}"#, #"{"n_x":"a"}"#, #"{"n_y":null}"#, #"{"z":1}"#]
      ),
      // What pydantic writes for dict[Literal["a", "b"], int].
      (
        #"{"type":"object","additionalProperties":{"type":"integer"},"propertyNames":{"enum":["a","b"]}}"#,
        ["{}", #"{"b":1,"a":2}"#], [#"{"c":1}"#, #"{"a":"1"}"#]
      ),
      // What pydantic writes for Decimal.
      (
        #"{"type":"string","pattern":"^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$"}"#,
        [#""1.50""#, #""-3""#, #"".5""#, #""007""#],
        [#""""#, #""-""#, #"".""#, #""+.""#, #""1.2.3""#]
      ),
      (
        #"{"type":"string","pattern":"^(?=.*[0-9])(?![)\\]])\\S{2,3}$"}"#, [#""a1""#, #""9)x""#],
        [#""ab""#, #"")1""#, #""1""#]
      ),
      // Annotations, formats that nobody knows and keywords of other standards change nothing.
      (
        #"{"type":"string","format":"binary","x-order":3,"nullable":true,"contentEncoding":"base64","enumNames":["A"],"deprecated":true}"#,
        [#""a""#], ["null"]
      ),
    ] as [(String, [String], [String])])
  func schemas(_ schema: String, _ good: [String], _ bad: [String]) throws {
    let constraint = try Constraint.jsonSchema(try JSONValue(parsing: schema))
    for text in good { #expect(constraint.matches(text), "\(schema): \(text)") }
    for text in bad { #expect(!constraint.matches(text), "\(schema): \(text)") }
  }

  @Test(
    "schema keywords that aren't supported are refused by name and place",
    arguments: [
      (#"{"type":"object","minProperties":3}"#, "minProperties"),
      (#"{"oneOf":[{"type":"integer"},{"type":"number","minimum":3}]}"#, "oneOf"),
      (#"{"type":"object","properties":{"x":{"not":{"multipleOf":3}}}}"#, "properties/x/not"),
      (#"{"not":{"const":{"a":1}},"type":"object"}"#, "'not'"), (#"{"not":{}}"#, "no finite example"),
      (#"{"not":{"const":[1]}}"#, "empty"), (##"{"not":{"$ref":"#"}}"##, "back to itself"),
      (#"{"oneOf":[{"type":"string"},{"format":"date","type":"string"}]}"#, "0 and 1"), (#"{"type":"any"}"#, "any"),
      (#"{"$ref":"http://x"}"#, "$ref"), (##"{"$ref":"#"}"##, "back to itself"),
      (##"{"$ref":"#/$defs/none"}"##, "#/$defs/none"),
      (
        ##"{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}}"##,
        "back to itself"
      ),
      (#"{"type":"array","uniqueItems":true}"#, "uniqueItems"), (#"{"type":"string","minLength":-1}"#, "minLength"),
      ("3", "object"),
      (#"{"enum":[]}"#, "enum"), (#"{"type":"array","items":false,"minItems":1}"#, "no finite example"),
      (#"{"type":"number","multipleOf":0.01}"#, "multipleOf"), (#"{"type":"integer","minimum":"3"}"#, "minimum"),
      (#"{"type":"integer","minimum":1e16}"#, "15 digits"),
      (#"{"type":"integer","minimum":5,"maximum":4}"#, "no finite example"),
      (#"{"type":"integer","multipleOf":7,"minimum":8,"maximum":13}"#, "no finite example"),
      (#"{"type":"array","items":[{}]}"#, "prefixItems"),
      (#"{"type":"object","required":["a"],"additionalProperties":false}"#, "no finite example"),
      (#"{"type":"string","pattern":"^a","minLength":3,"maxLength":2}"#, "no finite example"),
      (#"{"properties":{"a":{"$id":"x"}}}"#, "$id"),
      (#"{"type":"string","pattern":"(?=a)"}"#, "look-around"), (#"{"if":{},"then":{}}"#, "if"),
      (##"{"$dynamicRef":"#x"}"##, "$dynamicRef"),
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
    for (i, source) in [#"(19|20)\d\d-(0[1-9]|1[0-2])"#, "(cat|dog|漢字)( and (cat|dog)){0,3}", #"[^\x00-\x1f"]{5,9}"#]
      .enumerated()
    {
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
    let schema = try JSONValue(
      parsing: #"""
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

  @Test(
    "lengths that are counted beside an expression end where they must, and nothing is begun that can't be finished")
  func countedLengths() throws {
    var generator = Mutator(seed: 5, words: [])
    for (pattern, least, most) in [
      ("(é|[a-y]{3})*z?", 3000, 3001), ("([a-c]{7})*", 2996, 3000), ("(🙂[ab]{0,3}){900,}", 1500, 2001),
      ("[a-z ]*", 4999, 5000),
    ] {
      let schema: JSONValue = [
        "type": "string", "pattern": .string("^\(pattern)$"), "minLength": .int(least), "maxLength": .int(most),
      ]
      let constraint = try Constraint.jsonSchema(schema)
      let reference = try NSRegularExpression(pattern: "\\A(?:\(pattern))\\z")
      for _ in 0..<3 {
        // A walk that gets stuck gives no text.
        let found = constraint.example(wandering: 100_000, longest: 200_000, using: &generator)
        let text = try #require(found, "\(pattern)")
        let inside = try JSONDecoder().decode(String.self, from: Data(text.utf8))
        #expect((least...most).contains(inside.unicodeScalars.count), "\(pattern)")
        #expect(
          reference.firstMatch(in: inside, range: NSRange(inside.startIndex..., in: inside)) != nil, "\(pattern)")
        #expect(constraint.matches(text))
      }
    }
    #expect { try Constraint.jsonSchema(["type": "string", "pattern": "^(ab){3,}$", "maxLength": 5]) } throws: {
      "\($0)".contains("no finite example")
    }
    #expect { try Constraint.jsonSchema(["type": "string", "pattern": "^a+$", "maxLength": 4_000_000_000]) } throws: {
      "\($0)".contains("too large")
    }
    #expect {
      try Constraint.jsonSchema(["type": "string", "pattern": "^([a-c]{7})*$", "minLength": 2997, "maxLength": 3000])
    } throws: { "\($0)".contains("no finite example") }
    // The masks of many counts are one; drawing shows that they are the right ones where the end is near.
    let tokenizer = try #require(TinyModel.tokenizer)
    let engine = GenerationEngine(model: try TinyModel.make(), tokenizer: tokenizer)
    let made = try engine.generate([
      GenerationRequest(
        prompt: tokenizer.encode("the cat"), samples: 40, parameters: SamplingParameters(maxTokens: 100, seed: 4),
        constraint: try .jsonSchema(["type": "string", "format": "uri", "minLength": 20, "maxLength": 24]))
    ])[0]
    for completion in made {
      #expect(completion.finishReason == .stop)
      let text = try JSONDecoder().decode(String.self, from: Data(completion.text.utf8))
      #expect((20...24).contains(text.unicodeScalars.count) && text.hasPrefix("http"), "\(text)")
    }
    #expect(Set(made.map(\.text)).count > 30)
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
