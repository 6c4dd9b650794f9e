/// A set of Unicode scalars, as a character class of a regular expression names it.
///
/// ASCII is a bitmap, because nearly every question is about ASCII; what lies beyond is ranges. All operations are exact.
public struct CharacterClass: Hashable, Sendable {
  /// The bits of scalars 0 to 63.
  public private(set) var low: UInt64
  /// The bits of scalars 64 to 127.
  public private(set) var high: UInt64
  /// The members beyond ASCII: ascending ranges with gaps between them, none of which holds a surrogate.
  public private(set) var beyond: [ClosedRange<UInt32>]

  /// Makes a class from bitmaps of ASCII, with nothing beyond or everything.
  public init(low: UInt64, high: UInt64, holdsAllBeyondASCII: Bool = false) {
    self.low = low
    self.high = high
    beyond = holdsAllBeyondASCII ? Self.beyondASCII : []
  }

  /// Makes the class of exactly these scalars.
  public init(_ scalars: some Sequence<UInt32>) {
    self.init(low: 0, high: 0)
    var rest: [ClosedRange<UInt32>] = []
    for scalar in scalars {
      if scalar < 64 {
        low |= 1 << UInt64(scalar)
      } else if scalar < 128 {
        high |= 1 << UInt64(scalar - 64)
      } else {
        rest.append(scalar...scalar)
      }
    }
    if !rest.isEmpty { beyond = Self.merged(rest) }
  }

  /// Makes the class of the scalars of a string.
  public init(of string: String) {
    self.init(string.unicodeScalars.lazy.map(\.value))
  }

  /// Makes the class of the scalars in these ranges, which may overlap.
  public init(ranges: [ClosedRange<UInt32>]) {
    self.init(low: 0, high: 0)
    for range in ranges where range.lowerBound < 128 {
      for scalar in range.lowerBound...min(range.upperBound, 127) {
        if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
      }
    }
    beyond = Self.merged(
      ranges.lazy.filter { $0.upperBound >= 128 }.map { max(128, $0.lowerBound)...min($0.upperBound, 0x10FFFF) })
  }

  private init(low: UInt64, high: UInt64, beyond: [ClosedRange<UInt32>]) {
    self.low = low
    self.high = high
    self.beyond = beyond
  }

  static func range(_ first: Unicode.Scalar, _ last: Unicode.Scalar) -> CharacterClass {
    CharacterClass(ranges: [first.value...last.value])
  }

  /// `[0-9]`.
  public static let digit = range("0", "9")
  /// `[a-z]`.
  public static let lower = range("a", "z")
  /// `[A-Z]`.
  public static let upper = range("A", "Z")
  /// `[A-Za-z]`.
  public static let letter = lower.union(upper)
  /// `[0-9A-Za-z]`.
  public static let alphanumeric = letter.union(digit)
  /// `[0-9A-Z_a-z]`, which other notations call `\w`.
  public static let word = alphanumeric.union(CharacterClass(of: "_"))
  /// `[0-9a-z]`.
  public static let lowerAlphanumeric = lower.union(digit)
  /// `[0-9A-Z]`.
  public static let upperAlphanumeric = upper.union(digit)
  /// `[0-9a-f]`.
  public static let lowerHexadecimal = digit.union(range("a", "f"))
  /// `[0-9A-F]`.
  public static let upperHexadecimal = digit.union(range("A", "F"))
  /// `[0-9A-Fa-f]`.
  public static let hexadecimal = lowerHexadecimal.union(upperHexadecimal)
  /// Space and tab.
  public static let blank = CharacterClass(of: " \t")
  /// The 32 punctuation marks and symbols of ASCII.
  public static let punctuation = range("!", "~").subtracting(alphanumeric)
  /// No scalar at all.
  public static let none = CharacterClass(low: 0, high: 0)
  /// Every scalar.
  public static let everything = CharacterClass(low: .max, high: .max, holdsAllBeyondASCII: true)
  /// Every scalar but the newline: what `.` means in PCRE, Python and Rust.
  public static let any = CharacterClass(of: "\n").inverted
  /// The 95 printable characters of ASCII, space to tilde.
  public static let printable = range(" ", "~")

  /// The classes that have a name of their own in the prior, narrow ones first.
  public static let named: [CharacterClass] = [
    digit, lower, upper, lowerHexadecimal, upperHexadecimal, hexadecimal, lowerAlphanumeric,
    upperAlphanumeric, letter, alphanumeric, word, blank, punctuation, any,
  ]

  private static let beyondASCII: [ClosedRange<UInt32>] = [0x80...0xD7FF, 0xE000...0x10FFFF]

  /// Whether the scalar is a member.
  public func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return low >> UInt64(scalar) & 1 == 1 }
    if scalar < 128 { return high >> UInt64(scalar - 64) & 1 == 1 }
    var (from, to) = (0, beyond.count)
    while from < to {
      let middle = (from + to) / 2
      if beyond[middle].upperBound < scalar { from = middle + 1 } else { to = middle }
    }
    return from < beyond.count && beyond[from].lowerBound <= scalar
  }

  /// Whether the class has no member.
  public var isEmpty: Bool { low == 0 && high == 0 && beyond.isEmpty }

  /// Whether every scalar beyond ASCII is a member.
  public var holdsAllBeyondASCII: Bool { beyond == Self.beyondASCII }

  /// The only member, when there is exactly one.
  public var onlyMember: UInt32? {
    switch (low.nonzeroBitCount, high.nonzeroBitCount, beyond.count) {
    case (1, 0, 0): return UInt32(low.trailingZeroBitCount)
    case (0, 1, 0): return UInt32(high.trailingZeroBitCount) + 64
    case (0, 0, 1): return beyond[0].count == 1 ? beyond[0].lowerBound : nil
    default: return nil
    }
  }

  /// The members in ASCII, ascending.
  public var asciiMembers: [UInt32] { (0..<128).filter { contains($0) } }

  /// The number of members beyond ASCII.
  public var countBeyondASCII: Int { beyond.reduce(0) { $0 + $1.count } }

  /// All members as ascending ranges with gaps between them.
  public var ranges: [ClosedRange<UInt32>] {
    var ranges: [ClosedRange<UInt32>] = []
    var scalar: UInt32 = 0
    while scalar < 128 {
      guard contains(scalar) else {
        scalar += 1
        continue
      }
      let first = scalar
      while scalar < 127, contains(scalar + 1) { scalar += 1 }
      ranges.append(first...scalar)
      scalar += 1
    }
    guard let next = beyond.first else { return ranges }
    if let last = ranges.last, last.upperBound == 127, next.lowerBound == 128 {
      ranges[ranges.count - 1] = last.lowerBound...next.upperBound
      return ranges + beyond.dropFirst()
    }
    return ranges + beyond
  }

  /// Members of either class.
  public func union(_ other: CharacterClass) -> CharacterClass {
    CharacterClass(
      low: low | other.low, high: high | other.high,
      beyond: other.beyond.isEmpty ? beyond : beyond.isEmpty ? other.beyond : Self.merged(beyond + other.beyond))
  }

  /// Members of both classes.
  public func intersection(_ other: CharacterClass) -> CharacterClass {
    var shared: [ClosedRange<UInt32>] = []
    var (i, j) = (0, 0)
    while i < beyond.count, j < other.beyond.count {
      let (a, b) = (beyond[i], other.beyond[j])
      if a.overlaps(b) { shared.append(a.clamped(to: b)) }
      if a.upperBound < b.upperBound { i += 1 } else { j += 1 }
    }
    return CharacterClass(low: low & other.low, high: high & other.high, beyond: shared)
  }

  /// Members of this class that are not members of the other.
  public func subtracting(_ other: CharacterClass) -> CharacterClass { intersection(other.inverted) }

  /// Every scalar that is not a member.
  public var inverted: CharacterClass {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 128
    for range in beyond {
      if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
    return CharacterClass(low: ~low, high: ~high, beyond: gaps.flatMap(Self.withoutSurrogates))
  }

  /// Whether every member of the other class is a member of this one.
  public func isSuperset(of other: CharacterClass) -> Bool {
    guard other.low & ~low == 0, other.high & ~high == 0 else { return false }
    return other.beyond.isEmpty || holdsAllBeyondASCII || other.subtracting(self).beyond.isEmpty
  }

  /// Whether no scalar is a member of both.
  public func isDisjoint(with other: CharacterClass) -> Bool { intersection(other).isEmpty }

  private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.flatMap(withoutSurrogates).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private static func withoutSurrogates(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
    beyondASCII.filter { $0.overlaps(range) }.map { range.clamped(to: $0) }
  }
}
