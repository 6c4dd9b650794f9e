/// The fast path: bytes in, ids out, for byte-level BPE whose words a scanner finds.
///
/// Nothing is allocated per word: short words come from a cache keyed by their bytes, others are
/// merged in reused buffers.
final class ByteLevelEncoder: @unchecked Sendable {
  // @unchecked: `EncoderPool` lends each encoder to one caller at a time.
  private let model: BytePairModel
  private let cache = WordCache()
  private var merger = SymbolMerger()
  private var symbols: [Int32] = []

  init(model: BytePairModel) {
    self.model = model
  }

  /// Appends the ids of `text`, a stretch without added tokens.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, split pattern: SplitPattern, into output: inout [Int]
  ) {
    let cached = cache.entries
    pattern.forEachWord(of: text) { start, end in
      guard end - start <= WordCache.longestWord else {
        encodeWord(UnsafeBufferPointer(rebasing: text[start..<end]), into: &output)
        return
      }
      let key = WordCache.key(text, start, end)
      let slot = WordCache.slot(key)
      let entry = cached[slot]
      if entry.low == key.low, entry.high == key.high {
        output.append(Int(entry.ids[0]))
        if entry.ids[1] >= 0 {
          output.append(Int(entry.ids[1]))
          if entry.ids[2] >= 0 {
            output.append(Int(entry.ids[2]))
            if entry.ids[3] >= 0 { output.append(Int(entry.ids[3])) }
          }
        }
        return
      }
      let before = output.count
      encodeWord(UnsafeBufferPointer(rebasing: text[start..<end]), into: &output)
      let count = output.count - before
      if count >= 1, count <= WordCache.mostIDs {
        var ids = SIMD4<Int32>(repeating: -1)
        for index in 0..<count { ids[index] = Int32(truncatingIfNeeded: output[before + index]) }
        cached[slot] = WordCache.Entry(low: key.low, high: key.high, ids: ids)
      }
    }
  }

  /// Appends the ids of one word.
  @inline(never)
  func encodeWord(_ word: UnsafeBufferPointer<UInt8>, into output: inout [Int]) {
    if model.ignoresMerges, let id = model.wholeWords[word] {
      output.append(id)
      return
    }
    symbols.removeAll(keepingCapacity: true)
    for byte in word {
      let id = model.byteIDs[Int(byte)]
      if id >= 0 { symbols.append(id) }
    }
    let count = symbols.withUnsafeMutableBufferPointer {
      merger.merge($0, starts: nil, with: model.pairs)
    }
    for index in 0..<count { output.append(Int(symbols[index])) }
  }
}
