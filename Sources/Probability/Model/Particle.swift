/// The choices of one execution as bare words: what it takes to run it again, and no more.
@usableFromInline
struct Particle {
  @usableFromInline var words: UnsafeMutablePointer<UInt64>
  @usableFromInline var count = 0
  @usableFromInline var capacity = 32

  @usableFromInline
  init() { words = .allocate(capacity: 32) }

  func deallocate() { words.deallocate() }

  @inlinable
  mutating func append(_ word: UInt64) {
    if count == capacity { reserve(count * 2) }
    (words + count).initialize(to: word)
    count += 1
  }

  @usableFromInline
  mutating func reserve(_ newCapacity: Int) {
    guard newCapacity > capacity else { return }
    let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: newCapacity)
    larger.update(from: words, count: count)
    words.deallocate()
    words = larger
    capacity = newCapacity
  }

  /// Takes over another particle's choices.
  mutating func copy(_ other: Particle) {
    reserve(other.count)
    words.update(from: other.words, count: other.count)
    count = other.count
  }
}
