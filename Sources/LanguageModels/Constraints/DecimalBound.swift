import Documents

/// A number's end as decimal digits, so that bounds are compared as they are written.
struct DecimalBound: Sendable {
  var isNegative: Bool
  /// Digits before the point, without leading zeros but for a single one.
  var whole: [UInt8]
  /// Digits after the point, without trailing zeros.
  var fraction: [UInt8]
  /// Whether the end itself is left out.
  var isExclusive: Bool

  static func zero(isExclusive: Bool) -> DecimalBound {
    DecimalBound(isNegative: false, whole: [0], fraction: [], isExclusive: isExclusive)
  }

  private init(isNegative: Bool, whole: [UInt8], fraction: [UInt8], isExclusive: Bool) {
    (self.isNegative, self.whole, self.fraction, self.isExclusive) = (isNegative, whole, fraction, isExclusive)
  }

  /// The number in the fewest digits that mean it; nil for what is no finite number.
  init?(_ value: JSONValue, isExclusive: Bool) {
    let text: String
    switch value {
    case .int(let number): text = String(number)
    case .double(let number) where number.isFinite: text = "\(number)"
    default: return nil
    }
    let halves = text.split(separator: "e")
    let exponent = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
    let parts = halves[0].drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    var digits = parts.joined().utf8.map { $0 - 0x30 }
    var point = parts[0].count + exponent
    if point < 1 {
      digits = [UInt8](repeating: 0, count: 1 - point) + digits
      point = 1
    }
    digits += [UInt8](repeating: 0, count: max(0, point - digits.count))
    whole = Array(digits[..<point].drop { $0 == 0 })
    if whole.isEmpty { whole = [0] }
    fraction = Array(digits[point...].reversed().drop { $0 == 0 }.reversed())
    isNegative = text.hasPrefix("-") && !(whole == [0] && fraction.isEmpty)
    self.isExclusive = isExclusive
  }

  var isZero: Bool { whole == [0] && fraction.isEmpty }
  var negated: DecimalBound {
    DecimalBound(isNegative: !isNegative && !isZero, whole: whole, fraction: fraction, isExclusive: isExclusive)
  }

  /// −1, 0 or 1 as the number is below, at or above the other.
  func order(_ other: DecimalBound) -> Int {
    if isNegative != other.isNegative { return isNegative ? -1 : 1 }
    let sign = isNegative ? -1 : 1
    if whole.count != other.whole.count { return whole.count < other.whole.count ? -sign : sign }
    let (a, b) = (whole + fraction, other.whole + other.fraction)
    if a == b { return 0 }
    return a.lexicographicallyPrecedes(b) ? -sign : sign
  }

  /// The number where it is whole and of few digits; beyond that the nearest of ±10¹⁵.
  ///
  /// Rounded towards +∞ or −∞.
  func integer(roundedUp: Bool) -> Int {
    guard whole.count <= NumberRange.mostDigits else {
      return isNegative ? -NumberRange.limit - 1 : NumberRange.limit + 1
    }
    let size = whole.reduce(0) { $0 * 10 + Int($1) }
    let value = isNegative ? -size : size
    if fraction.isEmpty { return isExclusive ? value + (roundedUp ? 1 : -1) : value }
    return roundedUp ? (isNegative ? value : value + 1) : (isNegative ? value - 1 : value)
  }
}
