/// Text to token ids and back, exactly as the `tokenizer.json` it was read from says.
///
/// ```swift
/// let tokenizer = try Tokenizer(contentsOf: URL(fileURLWithPath: "model"))
/// let ids = tokenizer.encode("Once upon a time")
/// print(tokenizer.decode(ids))
/// ```
///
/// Immutable and safe to share between threads. Control tokens such as `<|endoftext|>` are never
/// made from plain text unless `allowSpecial` is true, so that text from strangers can't end a turn
/// or open another.
public final class Tokenizer: Sendable {
  /// The whole `tokenizer.json`.
  public let document: JSONValue
  /// The `tokenizer_config.json` beside it, or what stands for it.
  public let configuration: JSONValue
  /// Tokens matched before the model sees the text, in the order of their ids.
  public let addedTokens: [AddedToken]
  /// Which ids begin, end and pad sequences.
  public let specialTokens: SpecialTokens

  let model: BytePairModel
  let pattern: SplitPattern
  let composes: Bool
  let postProcessor: PostProcessor?
  let matcher: AddedTokenMatcher
  let addedIDs: ByteTable
  let addedByID: [Int: AddedToken]
  let pieces: TokenBytes
  let encoders: EncoderPool

  /// Begins a sequence, if the model has such a token.
  public var bos: Int? { specialTokens.bos }
  /// Ends a sequence.
  public var eos: Int? { specialTokens.eos }
  /// Fills up short rows of a batch.
  public var pad: Int? { specialTokens.pad }

  /// One more than the largest id: the number of rows that an embedding needs.
  public let vocabularySize: Int

  /// Builds a tokenizer from the parsed files.
  ///
  /// - Parameters:
  ///   - document: `tokenizer.json`.
  ///   - configuration: `tokenizer_config.json`, whose names for control tokens come first.
  ///   - specialTokensMap: `special_tokens_map.json`.
  ///   - generation: `generation_config.json` and `config.json`, for ids that the others lack.
  public init(
    document: JSONValue, configuration: JSONValue = [:], specialTokensMap: JSONValue = [:],
    generation: [JSONValue] = []
  ) throws {
    self.document = document
    self.configuration = configuration
    guard document.object != nil, let modelValue = document["model"] else {
      throw TokenizationError("not a tokenizer file: no `model` object")
    }
    let added = try (document["added_tokens"]?.array ?? []).enumerated().map {
      try AddedToken($1, at: $0)
    }
    addedTokens = added.sorted { $0.id < $1.id }
    let reserved = Set(addedTokens.lazy.filter(\.isSpecial).map(\.id))
    guard modelValue["type"]?.string ?? "BPE" == "BPE" else {
      throw TokenizationError("model.type: \(modelValue["type"]?.string ?? "") is not supported")
    }
    model = try BytePairModel(modelValue, reserved: reserved)
    guard let pattern = SplitPattern(preTokenizer: document["pre_tokenizer"]) else {
      throw TokenizationError("pre_tokenizer: not a byte-level one that is supported")
    }
    self.pattern = pattern
    switch document["normalizer"]?["type"]?.string {
    case nil: composes = false
    case "NFC": composes = true
    case let type?: throw TokenizationError("normalizer: \(type) is not supported")
    }
    if let value = document["post_processor"], !value.isNull {
      postProcessor = try PostProcessor(value)
    } else {
      postProcessor = nil
    }
    let limit = max(model.vocabulary.idLimit, (addedTokens.last?.id ?? -1) + 1)
    guard limit <= model.vocabulary.idLimit + added.count * 4 + 65_536 else {
      throw TokenizationError(
        "added_tokens: id \(limit - 1) is far beyond the vocabulary's \(model.vocabulary.idLimit)")
    }
    vocabularySize = limit
    var table = ByteTable(minimumCapacity: added.count)
    var byID: [Int: AddedToken] = [:]
    for token in added {
      table.set(token.content, to: token.id)
      byID[token.id] = token
    }
    addedIDs = table
    addedByID = byID
    matcher = AddedTokenMatcher(added)
    pieces = TokenBytes(vocabulary: model.vocabulary, added: addedTokens, limit: limit)
    encoders = EncoderPool(model: model)
    specialTokens = SpecialTokens(
      configurations: [configuration, specialTokensMap], generation: generation, added: addedTokens,
      id: { [model] in table[$0] ?? model.vocabulary.id(of: $0) })
  }

  /// The id of a token spelled as in the vocabulary, or of an added token's content.
  public func tokenToID(_ token: String) -> Int? {
    addedIDs[token] ?? model.vocabulary.id(of: token)
  }

  /// The token of an id, spelled as in the vocabulary.
  public func idToToken(_ id: Int) -> String? {
    addedByID[id]?.content ?? model.vocabulary.token(of: id)
  }

  /// Whether the id is a control token, which `decode` leaves out on request.
  public func isSpecial(_ id: Int) -> Bool {
    addedByID[id]?.isSpecial ?? false
  }
}
