extension CharacterClass {
  /// The shares of the kinds of characters that people type, uniform within each kind: 26 lower-case letters, 10
  /// digits, 26 upper-case letters, 32 marks, the space, and the rest.
  ///
  /// A class, as a generator, is this distribution restricted to its members.
  ///
  /// Were all members equally likely, `.` would be taken for a generator of punctuation, and
  /// ordinary words would speak against it more than they should. The shares are round numbers set
  /// by hand.
  private static let each = (lower: 0.42 / 26, digit: 0.25 / 10, upper: 0.18 / 26, mark: 0.10 / 32, space: 0.03)

  /// The share of what is not printable ASCII, and how many scalars it is spread over when all of
  /// Unicode is in reach.
  package static let unusual = (share: 0.02, count: 133)

  private var unusualCount: Int {
    let ascii =
      (low & ~Self.printable.low).nonzeroBitCount + (high & ~Self.printable.high).nonzeroBitCount
    return ascii + min(countBeyondASCII, 100)
  }

  /// The weight of one character in the distribution over all.
  package static func typed(_ scalar: UInt32) -> Double {
    switch scalar {
    case 0x61...0x7A: each.lower
    case 0x30...0x39: each.digit
    case 0x41...0x5A: each.upper
    case 0x20: each.space
    case 0x21..<0x7F: each.mark
    default: unusual.share / Double(unusual.count)
    }
  }

  /// The share of the distribution that the class holds.
  package var typedShare: Double {
    let each = Self.each
    let marks =
      (low & Self.punctuation.low).nonzeroBitCount + (high & Self.punctuation.high).nonzeroBitCount
    return Double((low & Self.digit.low).nonzeroBitCount) * each.digit
      + Double((high & Self.lower.high).nonzeroBitCount) * each.lower
      + Double((high & Self.upper.high).nonzeroBitCount) * each.upper
      + Double(marks) * each.mark + (low >> 32 & 1 == 1 ? each.space : 0)
      + Double(min(unusualCount, Self.unusual.count)) * Self.typed(0)
  }

  /// The probability that the class, as a generator, gives this scalar.
  public func probability(of scalar: UInt32) -> Double {
    guard contains(scalar) else { return 0 }
    return Self.typed(scalar) / typedShare
  }

  /// Draws a member; printable ones only, when there are any.
  public func sample(using generator: inout some RandomNumberGenerator) -> UInt32? {
    let members = asciiMembers
    let usual = members.filter { Self.printable.contains($0) }
    if usual.isEmpty {
      var rest = members
      rest += holdsAllBeyondASCII ? [0xE9] : beyond.flatMap { Array($0.prefix(100)) }
      return rest.randomElement(using: &generator)
    }
    let total = usual.reduce(0) { $0 + Self.typed($1) }
    var left = Double.random(in: 0..<1, using: &generator) * total
    for scalar in usual {
      left -= Self.typed(scalar)
      if left < 0 { return scalar }
    }
    return usual[usual.count - 1]
  }
}
