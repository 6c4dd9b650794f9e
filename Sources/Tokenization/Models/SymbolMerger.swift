/// Merges a word's symbols in rank order, leftmost first among equal ranks.
///
/// Short words use a linear search for the best pair, which beats a heap below some dozens of
/// symbols; longer ones use a binary heap of (rank, position) over a linked list, so that a run of n
/// symbols costs O(n log n).
struct SymbolMerger {
  /// Reused between words; position numbers fit 32 bits because a word is at most 4 GB.
  private var values: [UInt64] = []
  private var heap: [UInt64] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []

  static let longestLinear = 48

  /// Merges `ids` in place and returns how many remain; `starts`, when given, is compacted alike.
  mutating func merge(
    _ ids: UnsafeMutableBufferPointer<Int32>, starts: UnsafeMutableBufferPointer<Int32>?,
    with pairs: PairTable
  ) -> Int {
    if ids.count < 2 { return ids.count }
    return ids.count <= Self.longestLinear
      ? mergeShort(ids, starts, pairs) : mergeLong(ids, starts, pairs)
  }

  @inline(__always)
  private func mergeShort(
    _ ids: UnsafeMutableBufferPointer<Int32>, _ starts: UnsafeMutableBufferPointer<Int32>?,
    _ pairs: PairTable
  ) -> Int {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.longestLinear) { values in
      var count = ids.count
      for index in 0..<count - 1 { values[index] = pairs.merge(ids[index], ids[index + 1]) }
      while count > 1 {
        var best = values[0]
        var place = 0
        for index in 1..<max(count - 1, 1) where values[index] < best {
          best = values[index]
          place = index
        }
        if best == PairTable.none { break }
        ids[place] = Int32(truncatingIfNeeded: best)
        count -= 1
        for index in place + 1..<max(count, place + 1) {
          ids[index] = ids[index + 1]
          values[index - 1] = values[index]
        }
        if let starts {
          for index in place + 1..<max(count, place + 1) { starts[index] = starts[index + 1] }
        }
        if place + 1 < count { values[place] = pairs.merge(ids[place], ids[place + 1]) }
        if place > 0 { values[place - 1] = pairs.merge(ids[place - 1], ids[place]) }
      }
      return count
    }
  }

  private mutating func mergeLong(
    _ ids: UnsafeMutableBufferPointer<Int32>, _ starts: UnsafeMutableBufferPointer<Int32>?,
    _ pairs: PairTable
  ) -> Int {
    let count = ids.count
    values.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    next = (1...count).map { Int32($0 < count ? $0 : -1) }
    previous = (0..<count).map { Int32($0) - 1 }
    for index in 0..<count {
      let value = index + 1 < count ? pairs.merge(ids[index], ids[index + 1]) : PairTable.none
      values.append(value)
      if value != PairTable.none { heap.append((value & ~0xFFFF_FFFF) | UInt64(index)) }
    }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    while let top = heap.first {
      popFirst()
      let place = Int(top & 0xFFFF_FFFF)
      let value = values[place]
      // A symbol that was merged away or changed since leaves stale heap entries behind.
      if value == PairTable.none || value >> 32 != top >> 32 { continue }
      let eaten = Int(next[place])
      ids[place] = Int32(truncatingIfNeeded: value)
      values[eaten] = PairTable.none
      next[place] = next[eaten]
      if next[eaten] >= 0 { previous[Int(next[eaten])] = Int32(place) }
      ids[eaten] = -1
      update(place, ids, pairs)
      if previous[place] >= 0 { update(Int(previous[place]), ids, pairs) }
    }
    var kept = 0
    var index = 0
    while index >= 0 {
      ids[kept] = ids[index]
      if let starts { starts[kept] = starts[index] }
      kept += 1
      index = Int(next[index])
    }
    return kept
  }

  private mutating func update(
    _ place: Int, _ ids: UnsafeMutableBufferPointer<Int32>, _ pairs: PairTable
  ) {
    let following = Int(next[place])
    values[place] =
      following >= 0 ? pairs.merge(ids[place], ids[following]) : PairTable.none
    if values[place] != PairTable.none {
      heap.append((values[place] & ~0xFFFF_FFFF) | UInt64(place))
      siftUp(heap.count - 1)
    }
  }

  private mutating func popFirst() {
    let last = heap.removeLast()
    if heap.isEmpty { return }
    heap[0] = last
    siftDown(0)
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent] <= heap[child] { return }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var child = parent * 2 + 1
      if child >= heap.count { return }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      if heap[parent] <= heap[child] { return }
      heap.swapAt(parent, child)
      parent = child
    }
  }
}
