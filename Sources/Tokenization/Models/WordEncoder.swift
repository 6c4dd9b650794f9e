internal import Expressions

/// The ids of words, as fast as can be: nothing is allocated per word; short words come from a cache
/// keyed by their bytes, others are merged in reused buffers.
final class WordEncoder: @unchecked Sendable {
  // @unchecked: `EncoderPool` lends each encoder to one caller at a time.

  /// The symbols of a word before merging.
  enum Symbols: Sendable {
    /// Raw bytes in GPT-2's alphabet.
    case bytes
    /// Characters as the vocabulary spells them.
    case characters
  }

  private let model: BytePairModel
  private let kind: Symbols
  private let cache = WordCache()
  private var merger = SymbolMerger()
  private var symbols: [Int32] = []
  /// The matchers of a splitter's expressions.
  let matchers: [PCREPattern.Matcher?]

  init(model: BytePairModel, symbols kind: Symbols, matchers: [PCREPattern.Matcher?] = []) {
    self.model = model
    self.kind = kind
    self.matchers = matchers
  }

  /// Appends the ids of the word from `start` to `end`, from the cache if it is there.
  @inline(__always)
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, into output: inout [Int]
  ) {
    guard end - start <= WordCache.longestWord else {
      encodeWord(UnsafeBufferPointer(rebasing: text[start..<end]), into: &output)
      return
    }
    let key = WordCache.key(text, start, end)
    let slot = WordCache.slot(key)
    let entry = cache.entries[slot]
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
      cache.entries[slot] = WordCache.Entry(low: key.low, high: key.high, ids: ids)
    }
  }

  @inline(never)
  private func encodeWord(_ word: UnsafeBufferPointer<UInt8>, into output: inout [Int]) {
    symbols.removeAll(keepingCapacity: true)
    switch kind {
    case .bytes:
      if model.ignoresMerges, let id = model.wholeWords[word] {
        output.append(id)
        return
      }
      for byte in word {
        let id = model.byteIDs[Int(byte)]
        if id >= 0 { symbols.append(id) }
      }
    case .characters:
      model.forEachSymbol(of: word) { id, _ in symbols.append(id) }
    }
    let count = symbols.withUnsafeMutableBufferPointer {
      merger.merge($0, starts: nil, with: model.pairs)
    }
    for index in 0..<count { output.append(Int(symbols[index])) }
  }
}
