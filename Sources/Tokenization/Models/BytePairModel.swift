import Documents

/// Byte-pair encoding: a vocabulary and ranked merges (Sennrich and others 2016, arXiv:1508.07909).
struct BytePairModel: Sendable {
  let vocabulary: Vocabulary
  let pairs: PairTable
  /// The id of each byte's symbol in the byte-level alphabet, -1 where the vocabulary lacks it.
  let byteIDs: [Int32]
  /// The id of `<0x00>` … `<0xFF>`, -1 where the vocabulary lacks it.
  let fallbackIDs: [Int32]
  let unknownID: Int?
  let fusesUnknown: Bool
  let byteFallback: Bool
  let ignoresMerges: Bool
  let continuingPrefix: String
  /// Ids that text never becomes.
  let reserved: Set<Int>
  let endOfWordSuffix: String

  /// With `ignore_merges`: the entries that a whole word may be, by the bytes they stand for.
  let wholeWords: ByteTable

  /// Whether no token holds `▁` after another character, so that nothing merges across the place
  /// before a run of them.
  let mergesStayBetweenMarks: Bool

  /// Whether every byte has a symbol, so that any text can be encoded byte by byte.
  var coversBytes: Bool { byteIDs.allSatisfy { $0 >= 0 } }

  /// Reads the `model` object of a tokenizer file; ids in `reserved` are never the result of a merge.
  init(_ model: JSONValue, reserved: Set<Int>) throws {
    guard let object = model["vocab"]?.object else {
      throw TokenizationError("model.vocab: missing or not an object of tokens and ids")
    }
    if let dropout = model["dropout"]?.double, dropout > 0 {
      throw TokenizationError(
        "model.dropout: \(dropout) makes encoding random; set it to null to use this tokenizer")
    }
    self.reserved = reserved
    vocabulary = try Vocabulary(object)
    continuingPrefix = model["continuing_subword_prefix"]?.string ?? ""
    endOfWordSuffix = model["end_of_word_suffix"]?.string ?? ""
    fusesUnknown = model["fuse_unk"]?.bool ?? false
    byteFallback = model["byte_fallback"]?.bool ?? false
    ignoresMerges = model["ignore_merges"]?.bool ?? false
    unknownID = try model["unk_token"]?.string.map { [vocabulary] token in
      guard let id = vocabulary.id(of: token) else {
        throw TokenizationError("model.unk_token: \(token.debugDescription) is not in model.vocab")
      }
      return id
    }
    byteIDs = ByteAlphabet.scalars.map { [vocabulary] in
      Int32(vocabulary.id(of: String($0)) ?? -1)
    }
    fallbackIDs = (0..<256).map { [vocabulary] byte in
      let digits = String(byte, radix: 16, uppercase: true)
      let name = "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
      return Int32(vocabulary.id(of: name) ?? -1)
    }
    mergesStayBetweenMarks =
      !ignoresMerges && vocabulary.id(of: "▁") != nil
      && object.members.allSatisfy { token, _ in
        let afterMarks = token.unicodeScalars.drop { $0 == "▁" }
        return !afterMarks.contains("▁")
      }
    var words = ByteTable(minimumCapacity: ignoresMerges ? object.members.count : 0)
    if ignoresMerges {
      for (token, value) in object.members {
        guard let id = value.int, !reserved.contains(id), let bytes = ByteAlphabet.decode(token)
        else { continue }
        bytes.withUnsafeBufferPointer { _ = words.set($0, to: id) }
      }
    }
    wholeWords = words
    pairs = PairTable(
      try Self.merges(
        model["merges"], vocabulary: vocabulary, prefix: continuingPrefix, reserved: reserved))
  }

  private static func merges(
    _ list: JSONValue?, vocabulary: Vocabulary, prefix: String, reserved: Set<Int>
  ) throws -> [(left: Int32, right: Int32, merged: Int32)] {
    guard let list = list?.array else {
      throw TokenizationError("model.merges: missing or not an array")
    }
    var result: [(left: Int32, right: Int32, merged: Int32)] = []
    result.reserveCapacity(list.count)
    var joined: [UInt8] = []
    for (index, entry) in list.enumerated() {
      let (left, right) = try parts(of: entry, at: index)
      joined.removeAll(keepingCapacity: true)
      joined.append(contentsOf: left.utf8)
      joined.append(contentsOf: right.utf8.dropFirst(prefix.utf8.count))
      guard let leftID = vocabulary.id(of: left), let rightID = vocabulary.id(of: right),
        let merged = joined.withUnsafeBufferPointer({ vocabulary.id(of: $0) })
      else {
        throw TokenizationError(
          "model.merges[\(index)]: \(left.debugDescription) + \(right.debugDescription) uses or "
            + "makes a token that is not in model.vocab")
      }
      // Text must never turn into a special token by merging; `-2` matches no symbol.
      let usable = !reserved.contains(merged)
      result.append((usable ? Int32(leftID) : -2, Int32(rightID), Int32(merged)))
    }
    return result
  }

  private static func parts(of entry: JSONValue, at index: Int) throws -> (String, String) {
    switch entry {
    case .array(let pair):
      if pair.count == 2, let left = pair[0].string, let right = pair[1].string {
        return (left, right)
      }
    case .string(let text):
      // By bytes: a combining mark after the space would hide it from `Character`.
      let pair = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      if pair.count == 2 { return (String(Substring(pair[0])), String(Substring(pair[1]))) }
    default: break
    }
    throw TokenizationError(
      "model.merges[\(index)]: expected two tokens, as \"a b\" or [\"a\", \"b\"]")
  }
}
