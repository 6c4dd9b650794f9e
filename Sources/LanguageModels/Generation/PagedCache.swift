public import Torch

/// Keys and values of many sequences in blocks of a fixed number of tokens (Kwon 2023).
///
/// Sequences that begin alike share blocks: ``fork(_:)`` copies only the table of blocks, and a shared block is copied when
/// one of its sequences writes to it.
public final class PagedCache {
  /// Tokens per block.
  public static let page = 16

  /// One sequence's blocks.
  public struct Sequence: Sendable {
    var blocks: [Int32] = []
    /// Tokens held.
    public internal(set) var length = 0
  }

  fileprivate var keys: [Tensor] = []
  fileprivate var values: [Tensor] = []
  private var pool: BlockPool
  /// Blocks in all.
  public let capacity: Int
  /// Blocks in no sequence.
  public var freeBlocks: Int { pool.freeCount }

  /// Room for `blocks` blocks of the model's keys and values.
  public init(_ configuration: DecoderConfiguration, blocks: Int, dtype: DType, device: Device) {
    capacity = blocks
    pool = BlockPool(blocks)
    let (heads, width) = configuration.cached
    for _ in 0..<configuration.layers {
      keys.append(Tensor.empty([blocks, heads, width, Self.page], dtype: dtype, device: device))
      values.append(Tensor.empty([blocks, heads, Self.page, width], dtype: dtype, device: device))
    }
  }

  /// The memory of one token's keys and values, in bytes.
  public static func bytesPerToken(_ configuration: DecoderConfiguration, dtype: DType) -> Int {
    2 * configuration.layers * configuration.cached.heads * configuration.cached.width * dtype.size
  }

  /// The number of blocks that `tokens` tokens need.
  public static func blocks(for tokens: Int) -> Int { (tokens + page - 1) / page }

  /// The free blocks that appending `count` tokens would take, a copied shared block included.
  public func blocksNeeded(_ sequence: Sequence, appending count: Int) -> Int {
    let fresh = Self.blocks(for: sequence.length + count) - sequence.blocks.count
    return fresh + (isTailShared(sequence) ? 1 : 0)
  }

  private func isTailShared(_ sequence: Sequence) -> Bool {
    guard sequence.length % Self.page != 0, let tail = sequence.blocks.last else { return false }
    return pool.isShared(tail)
  }

  /// Makes room for `count` more tokens and returns the slot of each; nil where no block is free (nothing changes then).
  func reserve(_ sequence: inout Sequence, count: Int) -> [Int]? {
    guard blocksNeeded(sequence, appending: count) <= pool.freeCount else { return nil }
    if isTailShared(sequence), let tail = sequence.blocks.last, let copy = pool.allocate() {
      for layer in keys.indices {
        keys[layer].select(Int(copy), axis: 0).copyInPlace(keys[layer].select(Int(tail), axis: 0))
        values[layer].select(Int(copy), axis: 0)
          .copyInPlace(values[layer].select(Int(tail), axis: 0))
      }
      pool.release(tail)
      sequence.blocks[sequence.blocks.count - 1] = copy
    }
    while sequence.blocks.count * Self.page < sequence.length + count {
      guard let block = pool.allocate() else { return nil }
      sequence.blocks.append(block)
    }
    let slots = (sequence.length..<sequence.length + count).map {
      Int(sequence.blocks[$0 / Self.page]) * Self.page + $0 % Self.page
    }
    sequence.length += count
    return slots
  }

  /// Another sequence with the same tokens so far, sharing their blocks.
  public func fork(_ sequence: Sequence) -> Sequence {
    for block in sequence.blocks { pool.retain(block) }
    return sequence
  }

  /// A sequence that holds the beginning of `tokens` as far as recorded blocks have it, the last token excepted: some
  /// token must be read for there to be logits.
  ///
  /// - Parameter weights: which of several models over one base reads it.
  func matching(_ tokens: [Int], weights: Int) -> Sequence {
    let blocks = pool.matching(tokens.dropLast(), page: Self.page, root: UInt64(weights))
    return Sequence(blocks: blocks, length: blocks.count * Self.page)
  }

  /// Notes that the sequence holds `tokens`, so that later ones that begin alike share its full blocks.
  func record(_ sequence: Sequence, tokens: [Int], weights: Int) {
    pool.record(
      sequence.blocks.prefix(sequence.length / Self.page), tokens: tokens, page: Self.page,
      root: UInt64(weights))
  }

  /// Forgets what free blocks hold: to be called when the weights have changed.
  func forgetContents() { pool.forgetContents() }

  /// Takes back all tokens beyond the first `length`.
  func truncate(_ sequence: inout Sequence, to length: Int) {
    sequence.length = length
    while sequence.blocks.count > Self.blocks(for: length), let last = sequence.blocks.popLast() {
      pool.release(last)
    }
  }

  /// Gives the blocks back; those shared with others stay theirs.
  public func release(_ sequence: inout Sequence) {
    // The end first: what begins a text is more likely to be wanted again than what ends it.
    for block in sequence.blocks.reversed() { pool.release(block) }
    sequence = Sequence()
  }

  /// The type of the keys and values.
  var dtype: DType { keys.first?.dtype ?? .float32 }
  /// The device of the memory.
  var device: Device { keys.first?.device ?? .cpu }

  func append(layer: Int, keys k: Tensor, values v: Tensor, slots: [Int], places: Tensor?) {
    Tensor.appendToCache(
      keys: keys[layer], values: values[layer], newKeys: k, newValues: v, slots: slots, places: places)
  }

  func attend(
    layer: Int, queries: Tensor, blocks: [Int32], lengths: [Int32], blocksPerRow: Int, tables: Tensor?,
    _ scoring: AttentionScoring, sinks: Tensor?
  ) -> Tensor {
    Tensor.pagedAttention(
      queries.to(keys[layer].dtype), keys: keys[layer], values: values[layer], blocks: blocks, lengths: lengths,
      blocksPerRow: blocksPerRow, tables: tables, scale: scoring.scale, window: scoring.window,
      softCap: scoring.softCap, sinks: sinks)
  }
}

/// One forward pass over the cache: it writes its tokens' keys and values, and reads everything back when decoding.
struct CachePass {
  let cache: PagedCache
  let slots: [Int]
  /// True where each row is one token of one sequence that attends to its whole past.
  let isDecoding: Bool
  var blocks: [Int32] = []
  var lengths: [Int32] = []
  var blocksPerRow = 0
  /// Slots, and slots with lengths and blocks, on a device: moved once for all layers.
  private let places: Tensor?
  private let tables: Tensor?

  /// A pass over whole prompts.
  init(cache: PagedCache, slots: [Int]) {
    self.cache = cache
    self.slots = slots
    isDecoding = false
    places = cache.device == .cpu ? nil : Tensor(ids: slots).to(device: cache.device)
    tables = nil
  }

  /// A pass over the newest tokens of sequences that hold others already: every row attends to what stands before it.
  ///
  /// - Parameters:
  ///   - counts: how many of each sequence's last tokens are in the pass, in order.
  ///   - blocksPerRow: the width of the table of blocks; nil means that of the longest sequence.
  ///   - laidOut: slots, lengths and blocks as `Tensor.pagedTables` makes them, on the cache's device already.
  init(
    cache: PagedCache, slots: [Int], sequences: [PagedCache.Sequence], counts: [Int], blocksPerRow width: Int? = nil,
    laidOut: Tensor? = nil
  ) {
    self.cache = cache
    self.slots = slots
    isDecoding = true
    let blocksPerRow = width ?? sequences.map(\.blocks.count).max() ?? 0
    self.blocksPerRow = blocksPerRow
    var (blocks, lengths): ([Int32], [Int32]) = ([], [])
    lengths.reserveCapacity(slots.count)
    blocks.reserveCapacity(slots.count * blocksPerRow)
    for (sequence, count) in zip(sequences, counts) {
      let row = sequence.blocks + repeatElement(0, count: blocksPerRow - sequence.blocks.count)
      for i in 0..<count {
        lengths.append(Int32(sequence.length - count + i + 1))
        blocks += row
      }
    }
    (self.blocks, self.lengths) = (blocks, lengths)
    guard cache.device != .cpu else {
      (places, tables) = (nil, nil)
      return
    }
    let all =
      laidOut
      ?? Tensor.pagedTables(slots: slots, blocks: blocks, lengths: lengths, blocksPerRow: blocksPerRow)
      .to(device: cache.device)
    (tables, places) = (all, all.select(0, axis: 1).to(.int64))
  }

  func append(layer: Int, keys: Tensor, values: Tensor) {
    cache.append(layer: layer, keys: keys, values: values, slots: slots, places: places)
  }

  func attend(layer: Int, queries: Tensor, _ scoring: AttentionScoring, sinks: Tensor? = nil) -> Tensor {
    cache.attend(
      layer: layer, queries: queries, blocks: blocks, lengths: lengths, blocksPerRow: blocksPerRow, tables: tables,
      scoring, sinks: sinks)
  }

  /// One step of a layer whose queries and keys are not normalised: see `Tensor.pagedStep`.
  func step(
    layer: Int, _ all: Tensor, _ configuration: DecoderConfiguration, angles: RotaryTables.Angles?, sinks: Tensor?
  ) -> Tensor {
    let scoring = configuration.scoring(ofLayer: layer)
    return Tensor.pagedStep(
      all, heads: configuration.heads, keyValueHeads: configuration.keyValueHeads,
      interleaved: configuration.interleavesHeads, angles: angles, keys: cache.keys[layer], values: cache.values[layer],
      slots: slots, blocks: blocks, lengths: lengths, blocksPerRow: blocksPerRow, tables: tables,
      scale: scoring.scale, window: scoring.window, softCap: scoring.softCap, sinks: sinks)
  }
}
