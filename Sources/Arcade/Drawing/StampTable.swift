/// The stamps that have been drawn, by picture, size and turn.
final class StampTable {
  private var keys: [UInt64]
  private var stamps: [Stamp?]
  private var count = 0
  private var mask: Int
  /// More would mean sizes that never come back; then all are dropped and drawn anew.
  private static let most = 1 << 15

  deinit { for stamp in stamps { stamp?.deallocate() } }

  init() {
    keys = Array(repeating: 0, count: 1024)
    stamps = Array(repeating: nil, count: 1024)
    mask = 1023
  }

  /// The stamp of a key that isn't 0; drawn by `make` when it is first asked for.
  @inline(__always)
  func stamp(_ key: UInt64, _ make: () -> Stamp) -> Stamp {
    var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40) & mask
    while true {
      if keys[place] == key, let stamp = stamps[place] { return stamp }
      if keys[place] == 0 { break }
      place = (place + 1) & mask
    }
    let stamp = make()
    insert(key, stamp)
    return stamp
  }

  private func insert(_ key: UInt64, _ stamp: Stamp) {
    if count >= Self.most {
      for stamp in stamps { stamp?.deallocate() }
      reset(1024)
    }
    if count * 2 >= keys.count {
      let old = zip(keys, stamps).filter { $0.0 != 0 }
      reset(keys.count * 2)
      for (key, stamp) in old { if let stamp { put(key, stamp) } }
    }
    put(key, stamp)
  }

  private func put(_ key: UInt64, _ stamp: Stamp) {
    var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40) & mask
    while keys[place] != 0 { place = (place + 1) & mask }
    keys[place] = key
    stamps[place] = stamp
    count += 1
  }

  private func reset(_ capacity: Int) {
    keys = Array(repeating: 0, count: capacity)
    stamps = Array(repeating: nil, count: capacity)
    mask = capacity - 1
    count = 0
  }
}
