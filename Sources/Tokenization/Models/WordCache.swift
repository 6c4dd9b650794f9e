/// The encodings of recent short words, in a fixed block without allocation per word.
///
/// A word of up to 15 bytes is its own key: two registers, the length in the top byte. Each of the
/// slots holds one word and up to four ids; a newer word with the same hash replaces the older.
final class WordCache {
  struct Entry {
    var low: UInt64
    var high: UInt64
    var ids: SIMD4<Int32>
  }

  static let longestWord = 15
  static let mostIDs = 4
  private static let bits: UInt64 = 14
  let entries: UnsafeMutablePointer<Entry>

  init() {
    let count = 1 << Int(Self.bits)
    entries = .allocate(capacity: count)
    // No word has length 255, so an empty slot never matches.
    entries.initialize(
      repeating: Entry(low: .max, high: .max, ids: SIMD4(repeating: -1)), count: count)
  }

  deinit { entries.deallocate() }

  /// The key of the bytes from `start` to `end`, at most 15 of them.
  @inline(__always)
  static func key(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> (low: UInt64, high: UInt64) {
    let count = end - start
    var low: UInt64 = 0
    var high: UInt64 = 0
    if start + 16 <= text.count, let base = text.baseAddress {
      let raw = UnsafeRawPointer(base)
      low = raw.loadUnaligned(fromByteOffset: start, as: UInt64.self).littleEndian
      if count < 8 {
        low &= (1 &<< UInt64(count &* 8)) &- 1
      } else {
        high = raw.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self).littleEndian
        high &= (1 &<< UInt64((count &- 8) &* 8)) &- 1
      }
    } else {
      for index in 0..<min(count, 8) { low |= UInt64(text[start + index]) << UInt64(index * 8) }
      for index in 8..<max(count, 8) {
        high |= UInt64(text[start + index]) << UInt64((index - 8) * 8)
      }
    }
    return (low, high | UInt64(count) << 56)
  }

  /// The slot of a key.
  @inline(__always)
  static func slot(_ key: (low: UInt64, high: UInt64)) -> Int {
    let mixed = (key.low ^ (key.high &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> (64 - bits))
  }
}
