/// The merges of a BPE model: pair of ids to rank and merged id, open addressing in one block.
///
/// Immutable after `freeze`; a class only so that the block is shared and freed once.
final class PairTable: @unchecked Sendable {
  // @unchecked: the block is written in `init` and only read afterwards.
  private let slots: UnsafeMutablePointer<(key: UInt64, value: UInt64)>
  private let mask: Int
  private let shift: UInt64

  /// No merge.
  static let none = UInt64.max

  /// The merges in rank order; a repeated pair takes the later rank, as `tokenizers` does.
  init(_ merges: [(left: Int32, right: Int32, merged: Int32)]) {
    var bits = 4
    while 1 << bits < merges.count * 2 { bits += 1 }
    mask = 1 << bits - 1
    shift = UInt64(64 - bits)
    slots = .allocate(capacity: 1 << bits)
    slots.initialize(repeating: (UInt64.max, Self.none), count: 1 << bits)
    for (rank, merge) in merges.enumerated() {
      let key = Self.key(merge.left, merge.right)
      var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
      while slots[slot].key != UInt64.max, slots[slot].key != key { slot = (slot + 1) & mask }
      slots[slot] = (key, UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merge.merged)))
    }
  }

  deinit { slots.deallocate() }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Rank in the upper half and merged id in the lower, or `none`.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> UInt64 {
    let key = Self.key(left, right)
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while true {
      let found = slots[slot]
      if found.key == key { return found.value }
      if found.key == UInt64.max { return Self.none }
      slot = (slot + 1) & mask
    }
  }
}
