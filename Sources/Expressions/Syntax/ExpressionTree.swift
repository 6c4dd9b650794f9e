/// The one syntax tree of this room: classes of characters, joined by sequence, alternation and repetition.
///
/// What stands in a tree besides characters is its symbol. A ``RegularExpression`` has none; what a parser read has
/// anchors, until ``ExpressionTree/matchingWhole()`` or ``ExpressionTree/searching()`` gives them their meaning; the
/// right side of a grammar's rule has the names of other rules. The type says which of them a piece of code must expect.
public indirect enum ExpressionTree<Symbol: Hashable & Sendable>: Sendable {
  /// Matches the empty string.
  case empty
  /// Matches one member of a class; a literal is a class of one member.
  case characters(CharacterClass)
  /// Matches its parts one after the other.
  case sequence([ExpressionTree])
  /// Matches any one of its branches; without any it matches nothing.
  case alternation([ExpressionTree])
  /// Matches its body between `minimum` and `maximum` times; without a maximum, any number from the
  /// minimum up. Optional, star and plus are `{0,1}`, `{0,}` and `{1,}`.
  case repetition(ExpressionTree, minimum: Int, maximum: Int?)
  /// Whatever the symbol stands for.
  case symbol(Symbol)

  /// An expression that matches exactly one string.
  public static func literal(_ string: String) -> ExpressionTree {
    literal(string.unicodeScalars.map(\.value))
  }

  /// An expression that matches exactly one string, given as scalars.
  package static func literal(_ scalars: some Sequence<UInt32>) -> ExpressionTree {
    sequence(scalars.map { .characters(CharacterClass([$0])) })
  }

  /// The expression or nothing.
  public var optional: ExpressionTree { .repetition(self, minimum: 0, maximum: 1) }

  /// Any number of the expression.
  public var star: ExpressionTree { .repetition(self, minimum: 0, maximum: nil) }

  /// One or more of the expression.
  public var plus: ExpressionTree { .repetition(self, minimum: 1, maximum: nil) }

  /// The parts of a sequence, or the expression alone.
  package var parts: [ExpressionTree] {
    switch self {
    case .empty: return []
    case .sequence(let parts): return parts
    default: return [self]
    }
  }

  /// Whether the empty string matches, if these symbols match it.
  func matchesEmptyString(_ isNullable: (Symbol) -> Bool) -> Bool {
    switch self {
    case .empty: return true
    case .characters: return false
    case .sequence(let parts): return parts.allSatisfy { $0.matchesEmptyString(isNullable) }
    case .alternation(let branches): return branches.contains { $0.matchesEmptyString(isNullable) }
    case .repetition(let body, let minimum, _): return minimum == 0 || body.matchesEmptyString(isNullable)
    case .symbol(let symbol): return isNullable(symbol)
    }
  }

  /// The same tree with another in the place of each symbol.
  func replacingSymbols<Other, Failure>(
    _ replacement: (Symbol) throws(Failure) -> ExpressionTree<Other>
  ) throws(Failure) -> ExpressionTree<Other> {
    switch self {
    case .empty: return .empty
    case .characters(let members): return .characters(members)
    case .sequence(let parts): return .sequence(try Self.replacing(parts, replacement))
    case .alternation(let branches): return .alternation(try Self.replacing(branches, replacement))
    case .repetition(let body, let minimum, let maximum):
      return .repetition(try body.replacingSymbols(replacement), minimum: minimum, maximum: maximum)
    case .symbol(let symbol): return try replacement(symbol)
    }
  }

  private static func replacing<Other, Failure>(
    _ parts: [ExpressionTree], _ replacement: (Symbol) throws(Failure) -> ExpressionTree<Other>
  ) throws(Failure) -> [ExpressionTree<Other>] {
    var result: [ExpressionTree<Other>] = []
    for part in parts { result.append(try part.replacingSymbols(replacement)) }
    return result
  }
}

// Written out and inlinable, so that tables of expressions in other rooms hash them without a detour over generic code.
extension ExpressionTree: Hashable {
  /// Whether both are the same tree.
  @inlinable
  public static func == (a: ExpressionTree, b: ExpressionTree) -> Bool {
    switch (a, b) {
    case (.empty, .empty): return true
    case (.characters(let a), .characters(let b)): return a == b
    case (.sequence(let a), .sequence(let b)), (.alternation(let a), .alternation(let b)): return a == b
    case (.repetition(let a, let minimum, let maximum), .repetition(let b, let otherMinimum, let otherMaximum)):
      return minimum == otherMinimum && maximum == otherMaximum && a == b
    case (.symbol(let a), .symbol(let b)): return a == b
    default: return false
    }
  }

  /// Feeds the tree to a hasher.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .empty: hasher.combine(0 as UInt8)
    case .characters(let members):
      hasher.combine(1 as UInt8)
      hasher.combine(members)
    case .sequence(let parts):
      hasher.combine(2 as UInt8)
      hasher.combine(parts)
    case .alternation(let branches):
      hasher.combine(3 as UInt8)
      hasher.combine(branches)
    case .repetition(let body, let minimum, let maximum):
      hasher.combine(4 as UInt8)
      hasher.combine(minimum)
      hasher.combine(maximum)
      hasher.combine(body)
    case .symbol(let symbol):
      hasher.combine(5 as UInt8)
      hasher.combine(symbol)
    }
  }
}
