/// A set of Unicode scalars, as a character class of a regular expression names it.
///
/// ASCII is a bitmap; what lies beyond ASCII is nothing, a few named scalars, or everything, which
/// is all that `.`, `[^x]` and literals need. As a generator of strings a class gives each
/// printable ASCII member the same probability and leaves 2 % to members outside printable ASCII
/// when it has both, so that `.` is not taken for a generator of control characters.
public struct CharacterClass: Hashable, Sendable {
  /// The members beyond ASCII.
  public enum Beyond: Hashable, Sendable {
    /// No scalar beyond ASCII.
    case none
    /// Exactly these scalars, ascending.
    case only([UInt32])
    /// Every scalar beyond ASCII.
    case all
  }

  /// The bits of scalars 0 to 63.
  public var low: UInt64
  /// The bits of scalars 64 to 127.
  public var high: UInt64
  /// The members beyond ASCII.
  public var beyond: Beyond

  /// Makes a class from its bitmaps.
  public init(low: UInt64, high: UInt64, beyond: Beyond = .none) {
    self.low = low
    self.high = high
    self.beyond = beyond
  }

  /// Makes the class of exactly these scalars.
  public init(_ scalars: some Sequence<UInt32>) {
    self.init(low: 0, high: 0)
    var rest: Set<UInt32> = []
    for scalar in scalars {
      if scalar < 64 {
        low |= 1 << UInt64(scalar)
      } else if scalar < 128 {
        high |= 1 << UInt64(scalar - 64)
      } else {
        rest.insert(scalar)
      }
    }
    if !rest.isEmpty { beyond = .only(rest.sorted()) }
  }

  /// Makes the class of the scalars of a string.
  public init(of string: String) {
    self.init(string.unicodeScalars.lazy.map(\.value))
  }

  static func range(_ first: Unicode.Scalar, _ last: Unicode.Scalar) -> CharacterClass {
    CharacterClass(first.value...last.value)
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
  /// Every scalar but the newline: what `.` means.
  public static let any = CharacterClass(of: "\n").inverted

  /// The classes that have a name of their own in the prior, narrow ones first.
  public static let named: [CharacterClass] = [
    digit, lower, upper, lowerHexadecimal, upperHexadecimal, hexadecimal, lowerAlphanumeric,
    upperAlphanumeric, letter, alphanumeric, word, blank, punctuation, any,
  ]

  /// The bits of the 95 printable characters, space to tilde.
  static let printable = CharacterClass(0x20...0x7E)

  /// Whether the scalar is a member.
  @inlinable
  public func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return low >> UInt64(scalar) & 1 == 1 }
    if scalar < 128 { return high >> UInt64(scalar - 64) & 1 == 1 }
    switch beyond {
    case .none: return false
    case .all: return true
    case .only(let scalars): return scalars.contains(scalar)
    }
  }

  /// Whether the class has no member.
  public var isEmpty: Bool { low == 0 && high == 0 && beyond == .none }

  /// The only member, when there is exactly one.
  public var onlyMember: UInt32? {
    switch (low.nonzeroBitCount, high.nonzeroBitCount, beyond) {
    case (1, 0, .none): return UInt32(low.trailingZeroBitCount)
    case (0, 1, .none): return UInt32(high.trailingZeroBitCount) + 64
    case (0, 0, .only(let scalars)) where scalars.count == 1: return scalars[0]
    default: return nil
    }
  }

  /// The members in ASCII, ascending.
  public var asciiMembers: [UInt32] { (0..<128).filter { contains($0) } }

  /// Members of either class.
  public func union(_ other: CharacterClass) -> CharacterClass {
    var beyond = Beyond.none
    switch (self.beyond, other.beyond) {
    case (.all, _), (_, .all): beyond = .all
    case (.none, let rest), (let rest, .none): beyond = rest
    case (.only(let a), .only(let b)): beyond = .only(Set(a).union(b).sorted())
    }
    return CharacterClass(low: low | other.low, high: high | other.high, beyond: beyond)
  }

  /// Members of this class that are not members of the other.
  ///
  /// Named scalars beyond ASCII are not taken out of "everything beyond ASCII": that set has no
  /// notation here, and the result is the wider class.
  public func subtracting(_ other: CharacterClass) -> CharacterClass {
    var rest = beyond
    switch (beyond, other.beyond) {
    case (_, .all): rest = .none
    case (.only(let a), .only(let b)):
      let kept = a.filter { !b.contains($0) }
      rest = kept.isEmpty ? .none : .only(kept)
    default: break
    }
    return CharacterClass(low: low & ~other.low, high: high & ~other.high, beyond: rest)
  }

  /// Every scalar that is not a member; named scalars beyond ASCII stay out of reach, as in
  /// ``subtracting(_:)``.
  public var inverted: CharacterClass {
    CharacterClass(low: ~low, high: ~high, beyond: beyond == .all ? .none : .all)
  }

  /// Whether every member of the other class is a member of this one.
  public func isSuperset(of other: CharacterClass) -> Bool {
    guard other.low & ~low == 0, other.high & ~high == 0 else { return false }
    switch (beyond, other.beyond) {
    case (_, .none), (.all, _): return true
    case (.only(let a), .only(let b)): return b.allSatisfy(a.contains)
    default: return false
    }
  }
}
