/// A set of Unicode code points as sorted ranges with gaps between them; surrogates are never in it.
struct CodePoints: Sendable, Equatable {
  private(set) var ranges: [ClosedRange<UInt32>]

  init(_ ranges: [ClosedRange<UInt32>] = []) {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, UInt64(range.lowerBound) <= UInt64(last.upperBound) + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged.flatMap { range -> [ClosedRange<UInt32>] in
      var parts: [ClosedRange<UInt32>] = []
      if range.lowerBound < 0xD800 { parts.append(range.lowerBound...min(range.upperBound, 0xD7FF)) }
      if range.upperBound > 0xDFFF, range.lowerBound <= 0x10FFFF {
        parts.append(max(range.lowerBound, 0xE000)...min(range.upperBound, 0x10FFFF))
      }
      return parts
    }
  }

  init(_ scalars: String) {
    self.init(scalars.unicodeScalars.map { $0.value...$0.value })
  }

  static let all = CodePoints([0...0x10FFFF])
  static let digits = CodePoints([0x30...0x39])
  static let word = CodePoints([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// White space as ECMAScript has it.
  static let space = CodePoints([
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])
  static let lineEnds = CodePoints([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])

  var isEmpty: Bool { ranges.isEmpty }

  func union(_ other: CodePoints) -> CodePoints { CodePoints(ranges + other.ranges) }

  var inverted: CodePoints {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
    return CodePoints(gaps)
  }

  func subtracting(_ other: CodePoints) -> CodePoints {
    inverted.union(other).inverted
  }

  func intersection(_ other: CodePoints) -> CodePoints {
    var shared: [ClosedRange<UInt32>] = []
    var (i, j) = (0, 0)
    while i < ranges.count, j < other.ranges.count {
      let (a, b) = (ranges[i], other.ranges[j])
      if a.overlaps(b) { shared.append(a.clamped(to: b)) }
      if a.upperBound < b.upperBound { i += 1 } else { j += 1 }
    }
    return CodePoints(shared)
  }

  func contains(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } }

  /// The UTF-8 encodings, as sequences of byte ranges (Thompson's construction as Go and RE2 use it).
  var encodings: [[ClosedRange<UInt8>]] {
    var result: [[ClosedRange<UInt8>]] = []
    for range in ranges {
      var rest = range
      for limit: UInt32 in [0x7F, 0x7FF, 0xFFFF, 0x10FFFF] where rest.lowerBound <= limit {
        Self.split(rest.lowerBound, min(rest.upperBound, limit), into: &result)
        if rest.upperBound <= limit { break }
        rest = (limit + 1)...rest.upperBound
      }
    }
    return result
  }

  /// Cuts a range of code points of one encoded length until each byte varies on its own.
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
