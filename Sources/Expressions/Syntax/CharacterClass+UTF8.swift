extension CharacterClass {
  /// The UTF-8 encodings of the members, as sequences of byte ranges (Thompson's construction as Go and RE2 use it).
  package var encodings: [[ClosedRange<UInt8>]] {
    var result: [[ClosedRange<UInt8>]] = []
    let lengths: [ClosedRange<UInt32>] = [0...0x7F, 0x80...0x7FF, 0x800...0xFFFF, 0x10000...0x10FFFF]
    for range in ranges {
      for length in lengths where length.overlaps(range) {
        let part = range.clamped(to: length)
        Self.split(part.lowerBound, part.upperBound, into: &result)
      }
    }
    return result
  }

  /// Cuts a range of scalars of one encoded length until each byte varies on its own.
  private static func split(_ low: UInt32, _ high: UInt32, into result: inout [[ClosedRange<UInt8>]]) {
    for i in 1..<4 as Range<UInt32> {
      let mask: UInt32 = (1 << (6 * i)) - 1
      guard low >= 0x80, low & ~mask != high & ~mask else { continue }
      if low & mask != 0 {
        split(low, low | mask, into: &result)
        return split((low | mask) + 1, high, into: &result)
      }
      if high & mask != mask {
        split(low, (high & ~mask) - 1, into: &result)
        return split(high & ~mask, high, into: &result)
      }
    }
    guard let first = Unicode.Scalar(low), let last = Unicode.Scalar(high) else { return }
    result.append(zip(UTF8.encode(first) ?? .init(), UTF8.encode(last) ?? .init()).map { $0...$1 })
  }
}
