import Documents

/// Learns a byte-level BPE vocabulary from text.
///
/// ```swift
/// let trainer = try BytePairTrainer(vocabularySize: 8_000, specialTokens: ["<|endoftext|>"])
/// let tokenizer = try trainer.train(texts: documents)
/// try tokenizer.write(to: folder)
/// ```
///
/// Repeatedly joins the most frequent pair of neighbouring symbols inside words (Sennrich et al.
/// 2016, arXiv:1508.07909, algorithm 1). Equal counts are decided by the smaller pair of ids, so that
/// the same text gives the same vocabulary, and the one that the `tokenizers` library learns. Ids:
/// special tokens first, then the 256 bytes, then merges in the order learnt.
public struct BytePairTrainer: Sendable {
  /// The number of tokens that the vocabulary gets at most, special tokens and bytes included.
  public let vocabularySize: Int
  /// Control tokens, which take the first ids.
  public let specialTokens: [String]
  /// Pairs seen less often than this are not merged.
  public let minimumFrequency: Int
  /// The pattern that cuts text into words, across which nothing merges.
  public let pattern: SplitPattern

  private var counter = WordCounter()

  /// A trainer that has seen no text.
  public init(
    vocabularySize: Int, specialTokens: [String] = ["<|endoftext|>"], minimumFrequency: Int = 2,
    pattern: SplitPattern = .gpt2
  ) throws {
    let least = 256 + specialTokens.count
    guard vocabularySize >= least, vocabularySize <= 1 << 24 else {
      throw TokenizationError(
        "a byte-level vocabulary needs at least \(least) tokens (256 bytes and "
          + "\(specialTokens.count) special tokens) and at most \(1 << 24), not \(vocabularySize)")
    }
    var seen = ByteTable()
    for token in specialTokens {
      guard !token.isEmpty, seen.set(token, to: 0) == nil else {
        throw TokenizationError("special token \(token.debugDescription) is empty or given twice")
      }
    }
    self.vocabularySize = vocabularySize
    self.specialTokens = specialTokens
    self.minimumFrequency = minimumFrequency
    self.pattern = pattern
  }

  /// Counts the words of one document.
  public mutating func count(_ text: String) {
    var text = text
    text.withUTF8 { counter.add($0, split: pattern) }
  }

  /// Counts the words of one document given as bytes, which need not be valid UTF-8.
  public mutating func count(bytes: UnsafeBufferPointer<UInt8>) {
    counter.add(bytes, split: pattern)
  }

  /// Learns from these documents, and those counted before.
  public func train(texts: some Sequence<String>) throws -> Tokenizer {
    var copy = self
    for text in texts { copy.count(text) }
    return try copy.train()
  }

  /// Learns from these documents given as bytes, and those counted before.
  public func train(bytes: some Sequence<[UInt8]>) throws -> Tokenizer {
    var copy = self
    for document in bytes { document.withUnsafeBufferPointer { copy.count(bytes: $0) } }
    return try copy.train()
  }

  /// Learns from the documents counted so far.
  public func train() throws -> Tokenizer {
    var tokens = specialTokens
    var taken = ByteTable(minimumCapacity: vocabularySize)
    for (id, token) in tokens.enumerated() { taken.set(token, to: id) }
    var byteIDs = [Int32](repeating: 0, count: 256)
    let alphabet = ByteAlphabet.scalars.enumerated().sorted { $0.element.value < $1.element.value }
    for (byte, scalar) in alphabet {
      let token = String(scalar)
      if let id = taken[token] {
        byteIDs[byte] = Int32(id)
      } else {
        taken.set(token, to: tokens.count)
        byteIDs[byte] = Int32(tokens.count)
        tokens.append(token)
      }
    }
    var merges: [(left: Int32, right: Int32)] = []
    var corpus = MergeCorpus(counter, byteIDs: byteIDs)
    while tokens.count < vocabularySize,
      let pair = corpus.mostFrequentPair(atLeast: max(minimumFrequency, 1))
    {
      let token = tokens[Int(pair.left)] + tokens[Int(pair.right)]
      let known = taken[token]
      // Text must never merge into a control token.
      if let known, known < specialTokens.count { continue }
      let id = known ?? tokens.count
      if known == nil {
        taken.set(token, to: id)
        tokens.append(token)
      }
      merges.append((pair.left, pair.right))
      corpus.merge(pair, into: Int32(id))
    }
    return try Tokenizer(document: document(tokens: tokens, merges: merges))
  }

  private func document(
    tokens: [String], merges: [(left: Int32, right: Int32)]
  ) -> JSONValue {
    // A pair learnt twice keeps its later rank, as a map from pairs to ranks would.
    var last: [UInt64: Int] = [:]
    func key(_ merge: (left: Int32, right: Int32)) -> UInt64 {
      UInt64(UInt32(merge.left)) << 32 | UInt64(UInt32(merge.right))
    }
    for (rank, merge) in merges.enumerated() { last[key(merge)] = rank }
    let kept = merges.enumerated().filter { last[key($1)] == $0 }.map(\.element)
    return [
      "version": "1.0",
      "truncation": nil,
      "padding": nil,
      "added_tokens": .array(
        specialTokens.enumerated().map { AddedToken($1, id: $0).json }),
      "normalizer": nil,
      "pre_tokenizer": pattern.preTokenizer,
      "post_processor": [
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
      ],
      "decoder": [
        "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true,
      ],
      "model": [
        "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
        "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false,
        "ignore_merges": false,
        "vocab": .object(JSONObject(tokens.enumerated().map { (key: $1, value: .int($0)) })),
        "merges": .array(
          kept.map { [.string(tokens[Int($0.left)]), .string(tokens[Int($0.right)])] }),
      ],
    ]
  }
}
