import Documents
internal import Expressions

/// A schema's conditions on numbers.
struct NumberRange: Sendable {
  /// Numbers have no more digits, so that they fit a double and integers keep their value.
  static let mostDigits = 15
  static let limit = 999_999_999_999_999

  var least: DecimalBound?
  var most: DecimalBound?
  /// The numbers that integers must be multiples of, all of them.
  var factors: [Int] = []

  /// Numbers that it must not be.
  var excluded: [DecimalBound] = []

  var isWhole: Bool { least == nil && most == nil && factors.isEmpty && excluded.isEmpty }

  mutating func raise(_ bound: DecimalBound) {
    if let least, least.order(bound) > 0 || (least.order(bound) == 0 && least.isExclusive) { return }
    least = bound
  }

  mutating func lower(_ bound: DecimalBound) {
    if let most, most.order(bound) < 0 || (most.order(bound) == 0 && most.isExclusive) { return }
    most = bound
  }

  mutating func merge(_ other: NumberRange) {
    if let least = other.least { raise(least) }
    if let most = other.most { lower(most) }
    factors += other.factors
    excluded += other.excluded
  }

  func contains(_ value: JSONValue) -> Bool {
    guard let number = DecimalBound(value, isExclusive: false) else { return false }
    if let least, number.order(least) < (least.isExclusive ? 1 : 0) { return false }
    if let most, number.order(most) > (most.isExclusive ? -1 : 0) { return false }
    if excluded.contains(where: { $0.order(number) == 0 }) { return false }
    return factors.allSatisfy { factor in value.int.map { $0 % factor == 0 } ?? false }
  }

  /// Whether no number is in both.
  func isDisjoint(with other: NumberRange) -> Bool {
    var both = self
    both.merge(other)
    guard let least = both.least, let most = both.most else { return false }
    return least.order(most) > 0 || (least.order(most) == 0 && (least.isExclusive || most.isExclusive))
  }

  // MARK: Texts

  /// The integers in the range, as JSON writes them.
  ///
  /// - Throws: ``ConstraintError`` where all of them have more digits than are written.
  func integers() throws -> GrammarExpression {
    var factor = 1
    for other in factors {
      let (product, overflows) = (factor / Self.divisor(factor, other)).multipliedReportingOverflow(by: other)
      guard !overflows, product <= Self.limit else { return .literal("0").unless(!contains(0)) }
      factor = product
    }
    let asked = (least?.integer(roundedUp: true) ?? .min, most?.integer(roundedUp: false) ?? .max)
    let (low, high) = (max(asked.0, -Self.limit), min(asked.1, Self.limit))
    guard low <= high else {
      if asked.0 <= asked.1 {
        throw ConstraintError("all numbers in this range have more than \(Self.mostDigits) digits")
      }
      return .alternation([])
    }
    if factor > 1000 {
      // Too many remainders to keep count of: the thousand multiples on either side that are nearest to zero.
      let first = (Double(low) / Double(factor)).rounded(.up), last = (Double(high) / Double(factor)).rounded(.down)
      guard first <= last else { return .alternation([]) }
      let from = Int(first), to = Int(last)
      let middle = min(max(0, from), to)
      let near = (max(from, middle - 1000)...min(to, middle + 1000)).map { $0 * factor }.filter { contains(.int($0)) }
      return .alternation(near.map { .literal(String($0)) })
    }
    var choices: [GrammarExpression] = []
    if high >= 0 { choices.append(.automaton(try without(Self.digits(max(0, low), high, factor), isNegative: false))) }
    if low < 0 {
      let digits = try without(Self.digits(max(1, -high), -low, factor), isNegative: true)
      choices.append(.sequence([.literal("-"), .automaton(digits)]))
    }
    return .alternation(choices)
  }

  /// The texts of an automaton without those of excluded numbers, and of whole numbers where only fractions are meant.
  private func without(_ texts: FiniteAutomaton, isNegative: Bool, isFraction: Bool = false) throws -> FiniteAutomaton {
    let signed = excluded.filter { $0.isNegative == isNegative }
    guard !signed.isEmpty || isFraction else { return texts }
    func parse(_ source: String) throws -> FiniteAutomaton {
      try StringRange.automaton(try ExpressionParser.parse(source, syntax: .ecmaScript).matchingWhole())
    }
    var unwanted = try parse(isFraction ? #"[0-9]+(\.0*)?"# : "[^0-9.]")
    for number in signed {
      let (whole, fraction) = (number.whole.map(String.init).joined(), number.fraction.map(String.init).joined())
      // Zeros behind a fraction change nothing.
      unwanted = unwanted.union(try parse(fraction.isEmpty ? #"\#(whole)(\.0*)?"# : #"\#(whole)\.\#(fraction)0*"#))
    }
    return try ConstraintError.fromGrammar { () throws(GrammarError) in
      try texts.intersection(try unwanted.complement())
    }
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }

  /// Natural numbers from one to another that a factor divides.
  private static func digits(_ low: Int, _ high: Int, _ factor: Int) -> FiniteAutomaton {
    func digits(_ value: Int) -> [UInt8] { String(value).utf8.map { $0 - 0x30 } }
    let (lows, highs) = (digits(low), digits(high))
    struct Place: Hashable {
      var left: Int
      var isLow: Bool
      var isHigh: Bool
      var remainder: Int
    }
    var walk = AutomatonWalk<Place>()
    for count in lows.count...highs.count {
      walk.begin(Place(left: count, isLow: count == lows.count, isHigh: count == highs.count, remainder: 0))
    }
    return walk.automaton { place, isFirst in
      let count = place.left
      guard count > 0 else { return (place.remainder == 0, []) }
      let least = place.isLow ? lows[lows.count - count] : isFirst && count > 1 ? 1 : 0
      let most = place.isHigh ? highs[highs.count - count] : 9
      guard least <= most else { return (false, []) }
      return (
        false,
        (least...most).map { digit in
          (
            digit,
            Place(
              left: count - 1, isLow: place.isLow && digit == least, isHigh: place.isHigh && digit == most,
              remainder: (place.remainder * 10 + Int(digit)) % factor)
          )
        }
      )
    }
  }

  /// The numbers in the range, whole or with a fraction, without exponents.
  ///
  /// - Parameter areFractions: whether whole numbers are left out.
  func decimals(areFractions: Bool = false) throws -> GrammarExpression {
    guard factors.isEmpty else { return areFractions ? .alternation([]) : try integers() }
    let edge = DecimalBound(.int(Self.limit), isExclusive: false)
    var choices: [GrammarExpression] = []
    let zero = DecimalBound.zero(isExclusive: false)
    for isNegative in [false, true] {
      var low = (isNegative ? most?.negated : least) ?? (isNegative ? edge?.negated : zero)
      var high = (isNegative ? least?.negated : most) ?? edge
      if let bound = low, bound.order(zero) < 0 || (isNegative && bound.order(zero) == 0) {
        low = .zero(isExclusive: isNegative)
      }
      if let bound = high, let edge, bound.order(edge) > 0 { high = edge }
      guard let low, let high, low.order(high) <= 0 else { continue }
      let digits = try without(Self.decimals(low, high), isNegative: isNegative, isFraction: areFractions)
      choices.append(isNegative ? .sequence([.literal("-"), .automaton(digits)]) : .automaton(digits))
    }
    if choices.isEmpty, least.map({ least in most.map { least.order($0) < 0 } ?? true }) ?? true {
      throw ConstraintError("all numbers in this range have more than \(Self.mostDigits) digits")
    }
    return .alternation(choices)
  }

  /// Decimals from one bound to another, neither below zero.
  private static func decimals(_ low: DecimalBound, _ high: DecimalBound) -> FiniteAutomaton {
    struct Place: Hashable {
      /// Whole digits to come, and fraction digits so far; nil before the point.
      var left: Int
      var fraction: Int?
      var isLow: Bool
      var isHigh: Bool
      /// Digits that may still be written.
      var room: Int
    }
    var walk = AutomatonWalk<Place>()
    for count in low.whole.count...high.whole.count {
      walk.begin(
        Place(left: count, isLow: count == low.whole.count, isHigh: count == high.whole.count, room: mostDigits))
    }
    return walk.automaton { place, isFirst in
      let fraction = place.fraction ?? 0
      func isDone(_ bound: DecimalBound) -> Bool { bound.fraction.count <= fraction }
      let mayEnd =
        (!place.isLow || (isDone(low) && !low.isExclusive))
        && (!place.isHigh || !(isDone(high) && high.isExclusive))
      if place.left == 0, place.fraction == nil {
        var after = place
        after.fraction = 0
        return (mayEnd, place.room == 0 ? [] : [(UInt8(ascii: ".") &- 0x30, after)])
      }
      guard place.room > 0 else { return (mayEnd, []) }
      func digit(_ bound: DecimalBound) -> UInt8 {
        if place.fraction == nil { return bound.whole[bound.whole.count - place.left] }
        return fraction < bound.fraction.count ? bound.fraction[fraction] : 0
      }
      let least = place.isLow ? digit(low) : isFirst && place.left > 1 ? 1 : 0
      let most = place.isHigh ? digit(high) : 9
      guard least <= most else { return (false, []) }
      return (
        place.left == 0 && fraction > 0 && mayEnd,
        (least...most).map { digit in
          (
            digit,
            Place(
              left: max(0, place.left - 1), fraction: place.fraction.map { $0 + 1 },
              isLow: place.isLow && digit == least, isHigh: place.isHigh && digit == most, room: place.room - 1)
          )
        }
      )
    }
  }
}

/// Lays out an automaton whose states are described rather than listed.
private struct AutomatonWalk<Place: Hashable> {
  private var starts: [Place] = []

  mutating func begin(_ place: Place) { starts.append(place) }

  /// - Parameter next: whether a place is an end, and the digits that lead on; the second argument tells a start.
  func automaton(_ next: (Place, Bool) -> (isEnd: Bool, edges: [(digit: UInt8, place: Place)])) -> FiniteAutomaton {
    var states = [FiniteAutomaton.State()]
    var indices: [Place: Int] = [:]
    var pending: [Place] = []
    func edges(_ list: [(digit: UInt8, place: Place)]) -> [FiniteAutomaton.Edge] {
      var made: [FiniteAutomaton.Edge] = []
      for (digit, place) in list {
        let known = indices[place] ?? pending.count + 1
        if indices[place] == nil {
          indices[place] = known
          pending.append(place)
        }
        let character = UInt32(digit &+ 0x30)
        let set = CharacterClass([character])
        if let last = made.last, last.target == known {
          made[made.count - 1].members = last.members.union(set)
        } else {
          made.append(FiniteAutomaton.Edge(set, to: known))
        }
      }
      return made
    }
    for start in starts { states[0].edges += edges(next(start, true).edges) }
    while states.count <= pending.count {
      let (isEnd, list) = next(pending[states.count - 1], false)
      states.append(FiniteAutomaton.State(edges: edges(list), isEnd: isEnd))
    }
    return FiniteAutomaton(states)
  }
}

extension GrammarExpression {
  fileprivate func unless(_ isImpossible: Bool) -> GrammarExpression { isImpossible ? .alternation([]) : self }
}
