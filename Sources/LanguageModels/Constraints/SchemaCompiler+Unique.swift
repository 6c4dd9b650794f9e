import Documents
internal import Expressions

/// Arrays whose elements must all differ.
///
/// An automaton can't remember what it has seen, but which of a few values are left: so elements are supported that come from a
/// list of values, in any order where they are few and in the schema's order else, and elements that can't be equal anyhow.
extension SchemaCompiler {
  /// The most values of which every order is allowed: each doubles the number of rules.
  private static let mostInAnyOrder = 7
  private static let mostValues = 1000
  private static let mostStates = 3000

  /// The elements between the brackets; nil where none can equal another, so that nothing is to be done.
  mutating func uniqueElements(_ form: SchemaForm, _ name: String) throws -> GrammarExpression? {
    let places = form.elements.map(\.first.count).max() ?? 0
    let isClosed = form.schemas(at: places).contains { $0.value.bool == false }
    let most = isClosed ? min(places, form.mostElements ?? .max) : form.mostElements ?? .max
    if most <= 1 { return nil }
    if most <= 16, try arePlacesApart(form, most) { return nil }
    guard places == 0, let values = try finiteValues(form.schemas(at: 0)) else {
      throw ConstraintError(
        "'uniqueItems' is supported where elements come from a list of values ('enum', 'const', booleans, a short range of "
          + "integers), where there is one at most, or where elements at different places can't be equal")
    }
    let literals = values.map { GrammarExpression.literal($0.serialized(separators: (",", ":"))) }
    return values.count <= Self.mostInAnyOrder
      ? anyOrder(literals, form.leastElements, most, name) : try givenOrder(literals, form.leastElements, most, name)
  }

  private mutating func arePlacesApart(_ form: SchemaForm, _ count: Int) throws -> Bool {
    var forms: [[SchemaForm]] = []
    for place in 0..<count {
      let own = try self.forms(of: form.schemas(at: place))
      for other in forms where !(try areDisjoint(own, other, depth: 0)) { return false }
      forms.append(own)
    }
    return true
  }

  /// The values that satisfy schemas, where they are few and can be listed.
  private mutating func finiteValues(_ schemas: [PlacedSchema]) throws -> [JSONValue]? {
    var all: [JSONValue] = []
    for form in try forms(of: schemas) {
      var own: [JSONValue] = []
      if let values = form.values {
        own = values
      } else {
        guard !form.isFree else { return nil }
        for kind in SchemaForm.Kind.allCases where form.writtenKinds.contains(kind) {
          switch kind {
          case .boolean: own += [true, false]
          case .null: own.append(.null)
          case .integer:
            guard !form.writtenKinds.contains(.fraction), let least = form.numbers.least?.integer(roundedUp: true),
              let most = form.numbers.most?.integer(roundedUp: false), most - least < Self.mostValues
            else { return nil }
            if least <= most { own += (least...most).map { .int($0) } }
          case .string, .fraction, .array, .object: return nil
          }
        }
      }
      for value in own where try admits(form, value, strictly: true) && !all.contains(value) { all.append(value) }
      guard all.count <= Self.mostValues else { return nil }
    }
    return all
  }

  /// Some of the values, each once, in any order: a rule for each set of those that were written.
  private mutating func anyOrder(
    _ values: [GrammarExpression], _ least: Int, _ most: Int, _ name: String
  ) -> GrammarExpression {
    var rest: [Int: GrammarExpression] = [:]
    for written in (0..<(1 << values.count)).reversed() {
      let count = written.nonzeroBitCount
      var choices: [GrammarExpression] = count >= least && count <= most ? [.empty] : []
      for i in values.indices where written >> i & 1 == 0 && count < most {
        let after = rest[written | 1 << i] ?? .empty
        choices.append(.sequence((count > 0 ? [comma] : []) + [values[i], after]))
      }
      rest[written] = named(.alternation(choices), "\(name) unique items")
    }
    return rest[0] ?? .empty
  }

  /// Some of the values, each once, in their order: a rule for each place in the list and number of those that were written.
  private mutating func givenOrder(
    _ values: [GrammarExpression], _ least: Int, _ most: Int, _ name: String
  ) throws -> GrammarExpression {
    // Numbers that no bound tells apart are one.
    let top = most < values.count ? most : max(least, 1)
    guard top <= values.count else { return .alternation([]) }
    guard values.count * (top + 1) <= Self.mostStates else {
      throw ConstraintError("'uniqueItems' over \(values.count) values with these bounds is too large")
    }
    var next: [GrammarExpression] = (0...top).map { $0 >= least ? .empty : .alternation([]) }
    for value in values.reversed() {
      next = (0...top).map { count in
        let isFull = most < values.count && count == top
        let taken = GrammarExpression.sequence(
          (count > 0 ? [comma] : []) + [value, next[min(count + 1, top)]])
        return named(.alternation((isFull ? [] : [taken]) + [next[count]]), "\(name) unique items")
      }
    }
    return next[0]
  }
}
