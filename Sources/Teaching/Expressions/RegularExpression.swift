/// A regular expression over Unicode scalars, matched against whole strings.
///
/// ```swift
/// let postcode = try RegularExpression(parsing: "[0-9]{5}")
/// let matcher = PositionAutomaton(postcode)
/// matcher.accepts("90210")      // true
/// matcher.accepts("902100")     // false
/// ```
///
/// It is also a generator of strings, a probabilistic regular grammar: see
/// ``PositionAutomaton/logProbability(of:)``. There are no captures, back-references or assertions:
/// every expression is a regular language in the sense of the theory.
public indirect enum RegularExpression: Hashable, Sendable {
  /// Matches the empty string.
  case empty
  /// Matches one member of a class; a literal is a class of one member.
  case characters(CharacterClass)
  /// Matches its parts one after the other.
  case sequence([RegularExpression])
  /// Matches any one of its branches.
  case alternation([RegularExpression])
  /// Matches its body between `minimum` and `maximum` times; without a maximum, any number from the
  /// minimum up. Optional, star and plus are `{0,1}`, `{0,}` and `{1,}`.
  case repetition(RegularExpression, minimum: Int, maximum: Int?)

  /// An expression that matches exactly one string.
  public static func literal(_ string: String) -> RegularExpression {
    literal(string.unicodeScalars.map(\.value))
  }

  /// An expression that matches exactly one string, given as scalars.
  static func literal(_ scalars: some Sequence<UInt32>) -> RegularExpression {
    sequence(scalars.map { .characters(CharacterClass([$0])) })
  }

  /// The expression or nothing.
  public var optional: RegularExpression { .repetition(self, minimum: 0, maximum: 1) }

  /// Any number of the expression.
  public var star: RegularExpression { .repetition(self, minimum: 0, maximum: nil) }

  /// One or more of the expression.
  public var plus: RegularExpression { .repetition(self, minimum: 1, maximum: nil) }

  /// `.*`.
  public static let anything = RegularExpression.characters(.any).star

  /// Whether the expression matches the empty string.
  public var matchesEmptyString: Bool {
    switch self {
    case .empty: return true
    case .characters: return false
    case .sequence(let parts): return parts.allSatisfy(\.matchesEmptyString)
    case .alternation(let branches): return branches.contains(where: \.matchesEmptyString)
    case .repetition(let body, let minimum, _): return minimum == 0 || body.matchesEmptyString
    }
  }

  /// How many positions the automaton of this expression has, counted without building it;
  /// saturates instead of overflowing.
  public var positionCount: Int {
    switch self {
    case .empty: return 0
    case .characters: return 1
    case .sequence(let parts), .alternation(let parts):
      return parts.reduce(0) { min(Self.countLimit, $0 + $1.positionCount) }
    case .repetition(let body, let minimum, let maximum):
      let copies = maximum ?? (minimum == 0 ? 1 : minimum)
      let (product, overflow) = body.positionCount.multipliedReportingOverflow(by: max(copies, 0))
      return overflow ? Self.countLimit : min(Self.countLimit, product)
    }
  }

  private static let countLimit = 1 << 40

  /// The parts of a sequence, or the expression alone.
  var parts: [RegularExpression] {
    switch self {
    case .empty: return []
    case .sequence(let parts): return parts
    default: return [self]
    }
  }
}
