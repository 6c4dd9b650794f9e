/// Reckons what stands in a solution's calculator annotation, such as `48/2` in `<<48/2=24>>`.
///
/// It is a parser of its own for `+ - * / // **`, signs and brackets, with exact fractions: nothing that a model wrote is ever run.
/// The published example (grade-school-math's `calculator.py`) hands the same characters to Python's `eval` with a time limit; what
/// is an error there, and what would be a number beyond ``mostDigits``, has no value here and the model goes on by itself.
///
/// ```swift
/// Calculator.result(of: "1,200*.25")     // "300"
/// Calculator.result(of: "9**9**9")       // nil
/// ```
public enum Calculator {
  /// The most digits of a number that is written, and of a result before its decimal point.
  public static let mostDigits = 18
  /// The most characters of an expression.
  static let mostCharacters = 200
  /// The most brackets and signs inside each other.
  static let mostDepth = 50
  /// The largest exponent, on either side of 0.
  static let mostExponent: Int128 = 128

  private static let allowed = Set("0123456789*+-/.()".utf8)

  /// The result of an expression as annotations have it: commas dropped, whole numbers without a fraction, decimals that end written
  /// out, others as the nearest double.
  ///
  /// - Returns: nil where the text isn't an expression of these characters or has no value: a division by zero, too many digits, a
  ///   power that is too large or no whole number.
  public static func result(of expression: String) -> String? { value(of: expression)?.text }

  /// The value as a double; see ``result(of:)``.
  public static func number(of expression: String) -> Double? { value(of: expression)?.double }

  static func value(of expression: String) -> Fraction? {
    let characters = expression.utf8.filter { $0 != UInt8(ascii: ",") }
    guard characters.count <= mostCharacters, characters.allSatisfy(allowed.contains) else { return nil }
    var reader = ExpressionReader(characters)
    guard let value = reader.sum(), reader.isAtEnd, value.hasFewDigits else { return nil }
    return value
  }

  /// The result that is asked for at the end of a text: an equals sign was just written, behind `<<` that isn't closed.
  ///
  /// The rule is the published one: what stands before the first equals sign behind the last `<<` is reckoned.
  public static func result(after text: String) -> String? {
    guard text.utf8.last == UInt8(ascii: "=") else { return nil }
    // As far back as an expression may reach, with some room for commas.
    let end = Array(text.utf8.suffix(2 * mostCharacters))
    guard let open = end.indices.dropLast().last(where: { end[$0] == 0x3C && end[$0 + 1] == 0x3C }) else { return nil }
    let inside = end[(open + 2)...]
    guard !zip(inside, inside.dropFirst()).contains(where: { $0 == 0x3E && $1 == 0x3E }) else { return nil }
    return result(of: String(decoding: inside.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self))
  }
}

/// A fraction in lowest terms, its denominator above 0; nothing where a result doesn't fit into 128 bits.
struct Fraction: Equatable {
  let numerator: Int128
  let denominator: Int128

  static let one = Fraction(numerator: 1, denominator: 1)

  private init(numerator: Int128, denominator: Int128) {
    self.numerator = numerator
    self.denominator = denominator
  }

  init?(_ numerator: Int128, over denominator: Int128) {
    guard denominator != 0, numerator != .min, denominator != .min else { return nil }
    let divisor = Self.commonDivisor(numerator.magnitude, denominator.magnitude)
    let sign: Int128 = denominator < 0 ? -1 : 1
    self.init(
      numerator: sign * numerator / Int128(divisor), denominator: sign * denominator / Int128(divisor))
  }

  private static func commonDivisor(_ a: UInt128, _ b: UInt128) -> UInt128 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return max(a, 1)
  }

  private static func product(_ a: Int128, _ b: Int128) -> Int128? {
    let (value, overflows) = a.multipliedReportingOverflow(by: b)
    return overflows ? nil : value
  }

  static func + (a: Fraction, b: Fraction) -> Fraction? {
    guard let left = product(a.numerator, b.denominator), let right = product(b.numerator, a.denominator),
      let below = product(a.denominator, b.denominator)
    else { return nil }
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? nil : Fraction(sum, over: below)
  }

  static func * (a: Fraction, b: Fraction) -> Fraction? {
    guard let above = product(a.numerator, b.numerator), let below = product(a.denominator, b.denominator) else {
      return nil
    }
    return Fraction(above, over: below)
  }

  static prefix func - (a: Fraction) -> Fraction { Fraction(numerator: -a.numerator, denominator: a.denominator) }

  /// One over it; nil for 0.
  var inverse: Fraction? { Fraction(denominator, over: numerator) }

  /// The largest whole number that isn't above it.
  var floor: Fraction? {
    let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
    return Fraction(rest < 0 ? quotient - 1 : quotient, over: 1)
  }

  /// It to the power of a whole number.
  func power(_ exponent: Fraction) -> Fraction? {
    guard exponent.denominator == 1, exponent.numerator.magnitude <= Calculator.mostExponent.magnitude else {
      return nil
    }
    var made = Fraction.one
    for _ in 0..<Int(exponent.numerator.magnitude) {
      guard let next = made * self else { return nil }
      made = next
    }
    return exponent.numerator < 0 ? made.inverse : made
  }

  var hasFewDigits: Bool { (numerator / denominator).magnitude < Self.ten(Calculator.mostDigits) }

  private static func ten(_ exponent: Int) -> UInt128 { (0..<exponent).reduce(UInt128(1)) { value, _ in value * 10 } }

  var double: Double { Double(numerator) / Double(denominator) }

  /// As annotations have numbers.
  var text: String {
    var (rest, places) = (denominator, 0)
    // Decimals that end have a denominator of twos and fives.
    var (twos, fives) = (0, 0)
    while rest % 2 == 0 { (rest, twos) = (rest / 2, twos + 1) }
    while rest % 5 == 0 { (rest, fives) = (rest / 5, fives + 1) }
    places = max(twos, fives)
    guard rest == 1, places <= 12, let scaled = Self.product(numerator, Int128(Self.ten(places)) / denominator) else {
      let text = double.description
      return text.contains("e") ? fixedWithoutZeros : text
    }
    let digits = String(scaled.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = numerator < 0 ? "-" : ""
    return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }

  /// Twelve places, for what is so small that doubles are written with exponents.
  private var fixedWithoutZeros: String {
    guard let scaled = (self * Fraction(numerator: Int128(Self.ten(12)), denominator: 1))?.floor else { return "0" }
    return Fraction(scaled.numerator, over: Int128(Self.ten(12)))?.text ?? "0"
  }
}

/// Reads an expression by Python's grammar: sums of products of signed powers.
private struct ExpressionReader {
  private let characters: [UInt8]
  private var place = 0
  private var depth = 0

  init(_ characters: [UInt8]) { self.characters = characters }

  var isAtEnd: Bool { place == characters.count }

  private mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place + count <= characters.count,
      (0..<count).allSatisfy({ characters[place + $0] == text.utf8Start[$0] })
    else { return false }
    place += count
    return true
  }

  mutating func sum() -> Fraction? {
    guard var value = product() else { return nil }
    while true {
      let isSum = take("+")
      guard isSum || take("-") else { return value }
      guard let next = product(), let made = value + (isSum ? next : -next) else { return nil }
      value = made
    }
  }

  private mutating func product() -> Fraction? {
    guard var value = signed() else { return nil }
    while true {
      var made: Fraction?
      if take("//") {
        made = signed()?.inverse.flatMap { value * $0 }?.floor
      } else if take("/") {
        made = signed()?.inverse.flatMap { value * $0 }
      } else if place + 1 < characters.count, characters[place] == UInt8(ascii: "*"),
        characters[place + 1] == UInt8(ascii: "*")
      {
        // A power binds closer, so one that is left over belongs to nothing.
        return nil
      } else if take("*") {
        made = signed().flatMap { value * $0 }
      } else {
        return value
      }
      guard let made else { return nil }
      value = made
    }
  }

  private mutating func signed() -> Fraction? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Calculator.mostDepth else { return nil }
    if take("+") { return signed() }
    if take("-") { return signed().map { -$0 } }
    guard let base = atom() else { return nil }
    // The exponent may have a sign, and a power of its own to the right.
    return take("**") ? signed().flatMap { base.power($0) } : base
  }

  private mutating func atom() -> Fraction? {
    if take("(") {
      guard let value = sum(), take(")") else { return nil }
      return value
    }
    return literal()
  }

  private mutating func digits() -> [UInt8] {
    let start = place
    while place < characters.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(characters[place]) { place += 1 }
    return Array(characters[start..<place])
  }

  private mutating func literal() -> Fraction? {
    let whole = digits()
    let isDecimal = take(".")
    let decimals = isDecimal ? digits() : []
    guard !whole.isEmpty || !decimals.isEmpty, whole.count + decimals.count <= Calculator.mostDigits else { return nil }
    // Python takes no whole number with zeros in front, but for zero itself.
    if !isDecimal, whole.count > 1, whole[0] == UInt8(ascii: "0"), whole.contains(where: { $0 != UInt8(ascii: "0") }) {
      return nil
    }
    let value = (whole + decimals).reduce(Int128(0)) { $0 * 10 + Int128($1 - UInt8(ascii: "0")) }
    return Fraction(value, over: decimals.reduce(Int128(1)) { scale, _ in scale * 10 })
  }
}
