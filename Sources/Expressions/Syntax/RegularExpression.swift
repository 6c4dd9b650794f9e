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
public typealias RegularExpression = ExpressionTree<Never>

extension RegularExpression {
  /// Parses ordinary syntax: literals, escapes (`\d \w \s \D \W \S \t \n \r \x41 \x{41}`), `.`, bracket
  /// expressions, groups (capturing ones are read as plain groups), `|`, `? * + {n} {n,} {n,m}`.
  ///
  /// Anchors `^` and `$` are accepted at the two ends, where they change nothing: an expression is
  /// matched against the whole string. Look-around, back-references and lazy or possessive
  /// quantifiers are errors.
  public init(parsing text: String) throws(RegularExpressionSyntaxError) {
    do {
      self = try ExpressionParser.parse(text, syntax: .pcre).matchingWhole().simplified()
    } catch {
      throw error.quoting(text)
    }
  }

  /// `.*`.
  public static let anything = RegularExpression.characters(.any).star

  /// Whether the expression matches the empty string.
  public var matchesEmptyString: Bool { matchesEmptyString { (_: Never) -> Bool in } }

  /// The number of positions that the automaton of this expression has, counted without building it;
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

  private static var countLimit: Int { 1 << 40 }
}
