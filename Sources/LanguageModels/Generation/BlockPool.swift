/// Which blocks of a cache are owned, which are free, and what free blocks still hold.
///
/// A block that its last owner gives back keeps its contents. If it was recorded under its tokens and all that stood
/// before them, a later sequence that begins alike takes it up again; else it is the first to be overwritten. Recorded
/// blocks are given up in the order in which they were freed, the oldest first.
struct BlockPool {
  /// Identifies what a block holds: its tokens, and whatever came before them.
  private struct Contents: Hashable {
    /// The identity of the block before it, or of the root.
    var parent: UInt64
    var tokens: [Int]
  }

  private var owners: [Int32]
  /// Free blocks that hold nothing of use.
  private var blank: [Int32]
  /// The contents of each recorded block.
  private var contents: [Contents?]
  /// A number for each recorded block that no other contents ever had.
  private var identities: [UInt64]
  private var index: [Contents: Int32] = [:]
  /// Links of the list of free recorded blocks, oldest first; the last place is its head.
  private var next: [Int32]
  private var previous: [Int32]
  private var kept = 0
  /// Identities below this one are roots: one for each set of weights.
  private var nextIdentity: UInt64 = 1 << 32

  init(_ capacity: Int) {
    owners = [Int32](repeating: 0, count: capacity)
    blank = (0..<Int32(capacity)).reversed()
    contents = [Contents?](repeating: nil, count: capacity)
    identities = [UInt64](repeating: 0, count: capacity)
    next = [Int32](repeating: Int32(capacity), count: capacity + 1)
    previous = [Int32](repeating: Int32(capacity), count: capacity + 1)
  }

  private var head: Int { owners.count }

  /// Blocks that nobody owns, with or without recorded contents.
  var freeCount: Int { blank.count + kept }
  /// Free blocks whose contents can be taken up again.
  var recordedFreeCount: Int { kept }

  func isShared(_ block: Int32) -> Bool { owners[Int(block)] > 1 }

  /// A block for new contents; nil where all are owned.
  mutating func allocate() -> Int32? {
    if let block = blank.popLast() {
      owners[Int(block)] = 1
      return block
    }
    let oldest = next[head]
    guard Int(oldest) != head else { return nil }
    unlink(oldest)
    forget(oldest)
    owners[Int(oldest)] = 1
    return oldest
  }

  /// One more owner.
  mutating func retain(_ block: Int32) {
    if owners[Int(block)] == 0 { unlink(block) }
    owners[Int(block)] += 1
  }

  /// One owner less.
  mutating func release(_ block: Int32) {
    owners[Int(block)] -= 1
    guard owners[Int(block)] == 0 else { return }
    if contents[Int(block)] == nil {
      blank.append(block)
    } else {
      let last = previous[head]
      next[Int(last)] = block
      previous[Int(block)] = last
      next[Int(block)] = Int32(head)
      previous[head] = block
      kept += 1
    }
  }

  private mutating func unlink(_ block: Int32) {
    next[Int(previous[Int(block)])] = next[Int(block)]
    previous[Int(next[Int(block)])] = previous[Int(block)]
    kept -= 1
  }

  private mutating func forget(_ block: Int32) {
    if let held = contents[Int(block)] { index[held] = nil }
    contents[Int(block)] = nil
  }

  /// Notes what full blocks hold, so that later sequences can share them.
  ///
  /// - Parameter root: which weights made the contents.
  mutating func record(_ blocks: some Collection<Int32>, tokens: [Int], page: Int, root: UInt64) {
    var parent = root
    for (i, block) in blocks.enumerated() where (i + 1) * page <= tokens.count {
      let held = Contents(parent: parent, tokens: Array(tokens[i * page..<(i + 1) * page]))
      if let same = index[held] {
        parent = identities[Int(same)]
        continue
      }
      forget(block)
      index[held] = block
      contents[Int(block)] = held
      identities[Int(block)] = nextIdentity
      parent = nextIdentity
      nextIdentity += 1
    }
  }

  /// The recorded blocks that hold the beginning of `tokens`, with this owner added to each.
  mutating func matching(_ tokens: ArraySlice<Int>, page: Int, root: UInt64) -> [Int32] {
    var found: [Int32] = []
    var parent = root
    var from = tokens.startIndex
    while from + page <= tokens.endIndex,
      let block = index[Contents(parent: parent, tokens: Array(tokens[from..<from + page]))]
    {
      found.append(block)
      parent = identities[Int(block)]
      from += page
    }
    for block in found { retain(block) }
    return found
  }

  /// Forgets all contents: the weights that made them changed.
  mutating func forgetContents() {
    while Int(next[head]) != head {
      let block = next[head]
      unlink(block)
      blank.append(block)
    }
    index = [:]
    contents = contents.map { _ in nil }
  }
}
