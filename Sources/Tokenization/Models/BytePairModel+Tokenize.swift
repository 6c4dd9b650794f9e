extension BytePairModel {
  /// The tokens of one piece of text, character by character as the vocabulary spells them.
  func tokenize(_ piece: UnsafeBufferPointer<UInt8>) -> [ModelToken] {
    if ignoresMerges, let id = vocabulary.id(of: piece), !reserved.contains(id) {
      return [ModelToken(id: id, text: vocabulary.token(of: id) ?? "", bytes: 0..<piece.count)]
    }
    var ids: [Int32] = []
    var lengths: [Int32] = []
    ids.reserveCapacity(piece.count)
    lengths.reserveCapacity(piece.count)
    forEachSymbol(of: piece) { id, length in
      ids.append(id)
      lengths.append(length)
    }
    var starts = lengths.indices.map { Int32($0) }
    var merger = SymbolMerger()
    let count = ids.withUnsafeMutableBufferPointer { ids in
      starts.withUnsafeMutableBufferPointer { merger.merge(ids, starts: $0, with: pairs) }
    }
    var tokens: [ModelToken] = []
    tokens.reserveCapacity(count)
    var position = 0
    for index in 0..<count {
      let last = index + 1 < count ? Int(starts[index + 1]) : lengths.count
      var end = position
      for symbol in Int(starts[index])..<last { end += Int(lengths[symbol]) }
      let id = Int(ids[index])
      tokens.append(ModelToken(id: id, text: vocabulary.token(of: id) ?? "", bytes: position..<end))
      position = end
    }
    return tokens
  }

  /// Calls `body` with the symbols before merging: one a character, or its bytes, or the unknown
  /// token; and how many bytes each covers.
  func forEachSymbol(of piece: UnsafeBufferPointer<UInt8>, _ body: (Int32, Int32) -> Void) {
    var unknown: Int32 = 0
    func flushUnknown() {
      guard unknown > 0, let unknownID else { return }
      body(Int32(unknownID), unknown)
      unknown = 0
    }
    var start = 0
    while start < piece.count {
      var end = start + 1
      while end < piece.count, piece[end] & 0xC0 == 0x80 { end += 1 }
      let character = UnsafeBufferPointer(rebasing: piece[start..<end])
      let length = Int32(end - start)
      let known = symbol(character, isFirst: start == 0, isLast: end == piece.count)
      if let known {
        flushUnknown()
        body(Int32(known), length)
      } else if byteFallback, character.allSatisfy({ fallbackIDs[Int($0)] >= 0 }) {
        for byte in character {
          body(fallbackIDs[Int(byte)], 1)
        }
      } else if unknownID != nil {
        if !fusesUnknown { flushUnknown() }
        unknown += length
      }
      start = end
    }
    flushUnknown()
  }

  private func symbol(
    _ character: UnsafeBufferPointer<UInt8>, isFirst: Bool, isLast: Bool
  ) -> Int? {
    let prefix = isFirst ? "" : continuingPrefix
    let suffix = isLast ? endOfWordSuffix : ""
    if prefix.isEmpty && suffix.isEmpty { return vocabulary.id(of: character) }
    let bytes = Array(prefix.utf8) + character + Array(suffix.utf8)
    return bytes.withUnsafeBufferPointer { vocabulary.id(of: $0) }
  }
}
