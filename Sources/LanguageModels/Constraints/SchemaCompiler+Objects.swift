import Documents
internal import Expressions

/// Patterns of objects.
extension SchemaCompiler {
  /// The most expressions under 'patternProperties' that hold at once: each doubles the kinds of names.
  private static let mostPatterns = 6

  mutating func object(_ form: SchemaForm, _ name: String) throws -> GrammarExpression {
    let names = form.names
    var known: [(pattern: GrammarExpression, isRequired: Bool)] = []
    for member in names {
      let isAllowed = try form.memberNames.contains(member, strictly: true)
      let inner = isAllowed ? rule(for: form.schemas(of: member)) : .alternation([])
      let pattern = GrammarExpression.sequence([.literal(JSONValue.string(member).serialized()), colon, inner])
      known.append((named(pattern, "\(name) member"), form.required.contains(member)))
    }
    return members(known, extra: try others(form, names, name), name)
  }

  /// A member that no schema names; nil where there is none.
  ///
  /// Others are left out where schemas don't speak of them but do of members.
  private mutating func others(
    _ form: SchemaForm, _ names: [String], _ name: String
  ) throws -> GrammarExpression? {
    let patterns = form.members.flatMap(\.patterns)
    if patterns.isEmpty, form.memberNames.isWhole {
      let additional = form.members.compactMap(\.additional)
      guard !additional.isEmpty || names.isEmpty, !additional.contains(where: { $0.value.bool == false }) else {
        return nil
      }
      return named(
        .sequence([quoted(Self.other(than: names)), colon, rule(for: additional)]), "\(name) other member")
    }
    guard patterns.count <= Self.mostPatterns else {
      throw ConstraintError("more than \(Self.mostPatterns) expressions under 'patternProperties' are not supported")
    }
    var choices: [GrammarExpression] = []
    // A name is of one kind for each set of expressions that are found in it.
    for found in 0..<(1 << patterns.count) {
      var schemas: [PlacedSchema] = []
      var next = 0
      for group in form.members {
        let own = group.patterns.indices.filter { found >> (next + $0) & 1 == 1 }.map { group.patterns[$0].schema }
        schemas += own.isEmpty ? group.additional.map { [$0] } ?? [] : own
        next += group.patterns.count
      }
      let isSpokenOf = !schemas.isEmpty || (form.members.isEmpty && names.isEmpty)
      guard isSpokenOf, !schemas.contains(where: { $0.value.bool == false }) else { continue }
      let allowed = try ConstraintError.fromGrammar { () throws(GrammarError) in
        var parts = try patterns.enumerated().map { (index, pattern) throws(GrammarError) in
          found >> index & 1 == 1 ? pattern.name : try pattern.name.complement()
        }
        if !names.isEmpty { parts.append(try FiniteAutomaton(texts: names).complement()) }
        return parts
      }
      let texts = try form.memberNames.automaton(and: allowed)
      guard !texts.isEmpty else { continue }
      choices.append(
        named(
          .sequence([quoted(GrammarExpression.automaton(texts).escapedForJSON), colon, rule(for: schemas)]),
          "\(name) other member"))
    }
    return choices.isEmpty ? nil : .alternation(choices)
  }

  /// An object with these members in order, those that aren't required left out at will, then any number of others.
  mutating func members(
    _ known: [(pattern: GrammarExpression, isRequired: Bool)], extra: GrammarExpression?, _ name: String
  ) -> GrammarExpression {
    // What may follow when something stands before it (with a comma), and when nothing does; made from the end.
    var later = extra.map { GrammarExpression.sequence([comma, $0]).star } ?? .empty
    var first = extra.map { GrammarExpression.sequence([$0, .sequence([comma, $0]).star]).optional } ?? .empty
    for (pattern, isRequired) in known.reversed() {
      later = named(later, "\(name) after member")
      let taken = GrammarExpression.sequence([pattern, later])
      first = named(isRequired ? taken : .alternation([taken, first]), "\(name) from member")
      later =
        isRequired
        ? .sequence([comma, pattern, later]) : .sequence([.sequence([comma, pattern]).optional, later])
    }
    return .sequence([.literal("{"), space, first, space, .literal("}")])
  }

  /// The inside of a string that is none of these names, of characters that need no escape.
  private static func other(than names: [String]) -> GrammarExpression {
    let plain = CharacterClass.escapedInJSON.inverted
    // Long names are told apart by how they begin.
    func differing(_ names: [ArraySlice<Unicode.Scalar>], depth: Int) -> GrammarExpression {
      guard !names.isEmpty else { return .characters(plain).star }
      let heads = Set(names.compactMap(\.first))
      var choices: [GrammarExpression] = names.contains { $0.isEmpty } ? [] : [.empty]
      let rest = plain.subtracting(CharacterClass(heads.map(\.value)))
      choices.append(.sequence([.characters(rest), .characters(plain).star]))
      for head in heads.sorted() where depth < 256 && plain.contains(head.value) {
        choices.append(
          .sequence([
            .characters(CharacterClass([head.value])),
            differing(names.filter { $0.first == head }.map { $0.dropFirst() }, depth: depth + 1),
          ]))
      }
      return .alternation(choices)
    }
    return differing(names.map { Array($0.unicodeScalars)[...] }, depth: 0)
  }
}
