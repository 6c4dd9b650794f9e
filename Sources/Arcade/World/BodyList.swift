/// The bodies of a world in the order in which they came; the player is the first.
///
/// Memory is asked for when there are more bodies than ever before, not in every step.
final class BodyList {
  private(set) var base: UnsafeMutablePointer<Body>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// Adds a body and returns its place.
  @discardableResult
  func append(_ body: Body) -> Int {
    if count == capacity {
      let larger = UnsafeMutablePointer<Body>.allocate(capacity: capacity * 2)
      larger.moveInitialize(from: base, count: count)
      base.deallocate()
      base = larger
      capacity *= 2
    }
    (base + count).initialize(to: body)
    count += 1
    return count - 1
  }

  func removeAll() { count = 0 }

  /// Takes the last one away again.
  func removeLast() { count -= 1 }

  /// Takes away those for which `isGone` holds, except the first; the others keep their order.
  @inline(__always)
  func removeAll(where isGone: (UnsafeMutablePointer<Body>) -> Bool) {
    var kept = min(1, count)
    for i in kept..<max(kept, count) where !isGone(base + i) {
      if kept != i { base[kept] = base[i] }
      kept += 1
    }
    count = kept
  }

  func archive(_ archive: inout StateArchive) throws(ArcadeError) {
    var stored = count
    try archive.code(&stored, in: 1...StateArchive.mostElements)
    if archive.isReading {
      removeAll()
      for _ in 0..<stored { append(Body()) }
    }
    for i in 0..<count { try base[i].archive(&archive) }
  }
}
