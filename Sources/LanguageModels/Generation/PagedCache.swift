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

  private var keys: [Tensor] = []
  private var values: [Tensor] = []
  private var free: [Int32]
  private var owners: [Int32]
  /// Blocks in all.
  public let capacity: Int
  /// Blocks in no sequence.
  public var freeBlocks: Int { free.count }

  /// Room for `blocks` blocks of the model's keys and values.
  public init(_ configuration: DecoderConfiguration, blocks: Int, dtype: DType, device: Device) {
    capacity = blocks
    free = (0..<Int32(blocks)).reversed()
    owners = [Int32](repeating: 0, count: blocks)
    let (heads, width) = (configuration.keyValueHeads, configuration.headWidth)
    for _ in 0..<configuration.layers {
      keys.append(Tensor.empty([blocks, heads, width, Self.page], dtype: dtype, device: device))
      values.append(Tensor.empty([blocks, heads, Self.page, width], dtype: dtype, device: device))
    }
  }

  /// How many blocks `tokens` tokens need.
  public static func blocks(for tokens: Int) -> Int { (tokens + page - 1) / page }

  /// How many free blocks appending `count` tokens would take, a copied shared block included.
  public func blocksNeeded(_ sequence: Sequence, appending count: Int) -> Int {
    let fresh = Self.blocks(for: sequence.length + count) - sequence.blocks.count
    return fresh + (isTailShared(sequence) ? 1 : 0)
  }

  private func isTailShared(_ sequence: Sequence) -> Bool {
    guard sequence.length % Self.page != 0, let tail = sequence.blocks.last else { return false }
    return owners[Int(tail)] > 1
  }

  /// Makes room for `count` more tokens and returns the slot of each; nil where no block is free (nothing changes then).
  func reserve(_ sequence: inout Sequence, count: Int) -> [Int]? {
    guard blocksNeeded(sequence, appending: count) <= free.count else { return nil }
    if isTailShared(sequence), let tail = sequence.blocks.last, let copy = free.popLast() {
      for layer in keys.indices {
        keys[layer].select(Int(copy), axis: 0).copyInPlace(keys[layer].select(Int(tail), axis: 0))
        values[layer].select(Int(copy), axis: 0)
          .copyInPlace(values[layer].select(Int(tail), axis: 0))
      }
      owners[Int(tail)] -= 1
      owners[Int(copy)] = 1
      sequence.blocks[sequence.blocks.count - 1] = copy
    }
    while sequence.blocks.count * Self.page < sequence.length + count {
      guard let block = free.popLast() else { return nil }
      owners[Int(block)] = 1
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
    for block in sequence.blocks { owners[Int(block)] += 1 }
    return sequence
  }

  /// Gives the blocks back; those shared with others stay theirs.
  public func release(_ sequence: inout Sequence) {
    for block in sequence.blocks {
      owners[Int(block)] -= 1
      if owners[Int(block)] == 0 { free.append(block) }
    }
    sequence = Sequence()
  }

  func append(layer: Int, keys k: Tensor, values v: Tensor, slots: [Int]) {
    Tensor.appendToCache(
      keys: keys[layer], values: values[layer], newKeys: k, newValues: v, slots: slots)
  }

  func attend(
    layer: Int, queries: Tensor, blocks: [Int32], lengths: [Int32], blocksPerRow: Int,
    _ scoring: AttentionScoring
  ) -> Tensor {
    Tensor.pagedAttention(
      queries, keys: keys[layer], values: values[layer], blocks: blocks, lengths: lengths,
      blocksPerRow: blocksPerRow, scale: scoring.scale, window: scoring.window,
      softCap: scoring.softCap)
  }
}

/// How one forward pass uses the cache: writes its tokens' keys and values, and when decoding reads everything back.
struct CachePass {
  let cache: PagedCache
  let slots: [Int]
  /// True where each row is one token of one sequence that attends to its whole past.
  let isDecoding: Bool
  var blocks: [Int32] = []
  var lengths: [Int32] = []
  var blocksPerRow = 0

  /// A pass over whole prompts.
  init(cache: PagedCache, slots: [Int]) {
    self.cache = cache
    self.slots = slots
    isDecoding = false
  }

  /// A pass over one new token of each sequence.
  init(cache: PagedCache, slots: [Int], sequences: [PagedCache.Sequence]) {
    self.cache = cache
    self.slots = slots
    isDecoding = true
    blocksPerRow = sequences.map(\.blocks.count).max() ?? 0
    lengths = sequences.map { Int32($0.length) }
    blocks.reserveCapacity(sequences.count * blocksPerRow)
    for sequence in sequences {
      blocks += sequence.blocks
      blocks += repeatElement(0, count: blocksPerRow - sequence.blocks.count)
    }
  }

  func append(layer: Int, keys: Tensor, values: Tensor) {
    cache.append(layer: layer, keys: keys, values: values, slots: slots)
  }

  func attend(layer: Int, queries: Tensor, _ scoring: AttentionScoring) -> Tensor {
    cache.attend(
      layer: layer, queries: queries, blocks: blocks, lengths: lengths, blocksPerRow: blocksPerRow,
      scoring)
  }
}
