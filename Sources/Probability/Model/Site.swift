/// One recorded choice of an execution: where it was made, what was chosen, and the score until
/// then.
@usableFromInline
struct Site {
  /// The source location (and scope) of the `sample` call.
  @usableFromInline var location: UInt64
  /// The index of a discrete choice, or the bits of a real one.
  @usableFromInline var word: UInt64
  /// The number of values, or 0 for a real choice.
  @usableFromInline var count: Int
  /// The log mass or density of the choice itself.
  @usableFromInline var logChoice: Double
  /// Σ log p of the choices before this one.
  @usableFromInline var priorBefore: Double
  /// Σ of the factors before this choice.
  @usableFromInline var likelihoodBefore: Double
  /// Enumeration of an infinite support: the mass of the values tried so far.
  @usableFromInline var tried: Double

  @inlinable
  init(
    location: UInt64, word: UInt64, count: Int, logChoice: Double, priorBefore: Double,
    likelihoodBefore: Double, tried: Double = 0
  ) {
    self.location = location
    self.word = word
    self.count = count
    self.logChoice = logChoice
    self.priorBefore = priorBefore
    self.likelihoodBefore = likelihoodBefore
    self.tried = tried
  }
}

/// The choices of one execution, in order, in one block of memory.
///
/// An `UnsafeMutablePointer` and not an array: a model makes a choice every few nanoseconds, and an
/// array inside a class costs an exclusivity check and a uniqueness check each time.
@usableFromInline
struct Trace {
  @usableFromInline var sites: UnsafeMutablePointer<Site>
  @usableFromInline var count = 0
  @usableFromInline var capacity: Int

  @usableFromInline
  init(capacity: Int = 64) {
    sites = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  /// Frees the memory; the owning ``Sampler`` does, once.
  func deallocate() { sites.deallocate() }

  @inlinable
  mutating func append(_ site: Site) {
    if count == capacity { grow() }
    (sites + count).initialize(to: site)
    count += 1
  }

  @usableFromInline
  mutating func grow() {
    let larger = UnsafeMutablePointer<Site>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: sites, count: count)
    sites.deallocate()
    sites = larger
    capacity *= 2
  }

  /// Makes this trace the first `length` sites of another.
  @usableFromInline
  mutating func copyPrefix(of other: Trace, length: Int) {
    while capacity < length {
      count = 0
      grow()
    }
    sites.update(from: other.sites, count: length)
    count = length
  }
}
