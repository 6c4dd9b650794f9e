public import Documents
internal import Expressions

/// A compiled condition on a completion's text: a regular expression, a JSON schema, a grammar or a choice of texts.
///
/// ```swift
/// let date = try Constraint.regularExpression(#"\d{4}-\d{2}-\d{2}"#)
/// let request = GenerationRequest(prompt: ids, parameters: .init(), constraint: date)
/// ```
/// It is an automaton over the bytes of the text. While drawing, the tokens that can go on from the present state are a
/// mask over the vocabulary, found once per state by walking a prefix tree of all tokens and kept; the end of the text is
/// allowed in accepting states only. Sizes are bounded, so that constraints may come from strangers.
public final class Constraint: Sendable, Equatable {
  let automaton: PushdownAutomaton

  init(_ rules: [String: GrammarExpression], start: String) throws {
    automaton = try ConstraintError.fromGrammar { () throws(GrammarError) in
      try PushdownAutomaton(rules, start: start)
    }
  }

  /// The whole text matches a regular expression.
  ///
  /// Literals, classes, `\d \w \s` (ASCII but for `\s`), groups, `|`, `* + ? {m,n}`; `^` and `$` at the ends change nothing.
  /// Look-around, back-references and inline flags are refused by name.
  public static func regularExpression(_ source: String) throws -> Constraint {
    let expression: RegularExpression
    do { expression = try ExpressionParser.parse(source, syntax: .ecmaScript).matchingWhole() } catch {
      throw ConstraintError(error)
    }
    return try Constraint(["root": GrammarExpression(expression)], start: "root")
  }

  /// The text is a JSON document that a schema allows.
  ///
  /// Supported are `type`, `enum`, `const`, `anyOf`, `allOf`, `oneOf` where its schemas exclude each other, `not` of types, values,
  /// bounds, patterns and what `anyOf`, `allOf`, `required` and `properties` make of those, `$ref` inside the document, all bounds
  /// of numbers, `multipleOf` of whole numbers, `minLength`, `maxLength`, `pattern`, `format` (dates and times, durations, UUIDs,
  /// and the everyday texts of e-mail addresses, host names, IP addresses and URIs), `properties`, `patternProperties`,
  /// `propertyNames`, `required`, `additionalProperties`, `items`, `prefixItems`, `minItems`, `maxItems`, and `uniqueItems` of
  /// elements from a list of values, in any combination. Other keywords of JSON Schema are refused by name; unknown ones and
  /// unknown formats are annotations, which the specification has ignored.
  ///
  /// What is written is a canonical form: members come in the schema's order; where `additionalProperties` isn't mentioned, an
  /// object with `properties` or `patternProperties` gets no others; more than seven different values of an array with
  /// `uniqueItems` come in the schema's order; without a type, the kinds are meant that the keywords speak of. Numbers have at
  /// most 15 digits before an exponent.
  public static func jsonSchema(_ schema: JSONValue) throws -> Constraint {
    var compiler = SchemaCompiler([schema])
    let start = try compiler.compile()[0]
    return try Constraint(compiler.rules, start: start)
  }

  /// The text is a call of one of several functions: `{"name": …, "arguments": …}` with what the function's schema allows.
  ///
  /// References inside a schema mean its own definitions.
  public static func functionCall(_ functions: [(name: String, parameters: JSONValue)]) throws -> Constraint {
    guard !functions.isEmpty else { throw ConstraintError("there is no function to call") }
    var compiler = SchemaCompiler(functions.map(\.parameters))
    let starts = try compiler.compile()
    var rules = compiler.rules
    let space = GrammarExpression.rule("space")
    let calls = zip(functions, starts).map { function, start in
      GrammarExpression.sequence([
        .literal("{"), space, .literal("\"name\":"), space, .literal(JSONValue.string(function.name).serialized()),
        .literal(","), space, .literal("\"arguments\":"), space, .rule(start), space, .literal("}"),
      ])
    }
    rules["call"] = .alternation(calls)
    return try Constraint(rules, start: "call")
  }

  /// The text is any JSON object.
  public static func jsonObject() throws -> Constraint { try jsonSchema(["type": "object"]) }

  /// The text is a sentence of a grammar in llama.cpp's notation (GBNF), whose rule `root` says what the whole is.
  public static func grammar(_ source: String) throws -> Constraint {
    let rules = try ConstraintError.fromGrammar { () throws(GrammarError) in try GrammarParser.parse(source) }
    return try Constraint(rules, start: "root")
  }

  /// The text is one of these.
  public static func choice(_ texts: [String]) throws -> Constraint {
    guard !texts.isEmpty else { throw ConstraintError("there is nothing to choose from") }
    return try Constraint(["root": .alternation(texts.map { .literal($0) })], start: "root")
  }

  /// Whether it is the same compiled constraint.
  public static func == (left: Constraint, right: Constraint) -> Bool { left === right }

  /// Whether a text matches, whatever the vocabulary: the reference for tests and for checking text from elsewhere.
  public func matches(_ text: String) -> Bool {
    let matcher = PushdownMatcher(automaton)
    var state = matcher.start
    for byte in text.utf8 {
      guard let next = matcher.step(state, byte) else { return false }
      state = next
    }
    return state.isAccepting
  }
}

/// A constraint that can't be compiled, and why.
public struct ConstraintError: UserFacingError {
  /// The message: what is wrong and where.
  public var description: String
  init(_ description: String) { self.description = description }

  /// Messages travel in JSON, where double quotes would be escaped.
  init(_ error: RegularExpressionSyntaxError) {
    description = String(error.description.map { $0 == "\"" ? "'" : $0 })
  }

  /// Returns what `body` gives; an error in a grammar becomes one of the constraint that it is for.
  static func fromGrammar<Value>(
    _ body: () throws(GrammarError) -> Value
  ) throws(ConstraintError) -> Value {
    do { return try body() } catch { throw ConstraintError(error.description) }
  }
}
