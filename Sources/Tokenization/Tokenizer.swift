public import Documents

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
  /// Which ids begin, end and pad sequences.
  public let specialTokens: SpecialTokens

  /// The cutting that `encoding(of:)` applies unless told otherwise, as the file says.
  public let truncation: Truncation?
  /// The filling that `encodings(of:)` applies unless told otherwise, as the file says.
  public let padding: Padding?

  let normalizer: Normalizer?
  let preTokenizer: PreTokenizer?
  let model: TokenModel
  let postProcessor: PostProcessor?
  let decoder: TokenDecoder?
  let added: AddedVocabulary
  /// The chat templates that were asked for, parsed.
  let chatFormats = ChatFormatStore()
  /// The way straight from bytes to ids, for tokenizers that it covers.
  let fastPath: FastPath?
  let pieces: TokenBytes

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
    func part<Part>(_ key: String, _ read: (JSONValue) throws -> Part) rethrows -> Part? {
      guard let value = document[key], !value.isNull else { return nil }
      return try read(value)
    }
    let reserved = Set(
      (document["added_tokens"]?.array ?? []).lazy
        .filter { $0["special"]?.bool == true }.compactMap { $0["id"]?.int })
    model = try TokenModel(modelValue, reserved: reserved)
    normalizer = try part("normalizer") { try Normalizer($0) }
    preTokenizer = try part("pre_tokenizer") { try PreTokenizer($0) }
    postProcessor = try part("post_processor") { try PostProcessor($0) }
    decoder = try part("decoder") { try TokenDecoder($0) }
    truncation = try Truncation(document["truncation"])
    padding = try Padding(document["padding"])
    let vocabulary = model.vocabulary
    let added = try AddedVocabulary(
      document["added_tokens"], normalizer: normalizer, limit: vocabulary.idLimit)
    self.added = added
    fastPath = FastPath(
      model: model, normalizer: normalizer, preTokenizer: preTokenizer)
    vocabularySize = max(vocabulary.idLimit, added.idLimit)
    pieces = TokenBytes(vocabulary: vocabulary, added: added, limit: vocabularySize)
    specialTokens = SpecialTokens(
      configurations: [configuration, specialTokensMap], generation: generation,
      added: added.tokens, id: { added.id(of: $0) ?? vocabulary.id(of: $0) })
  }

  /// The same tokenizer with another chat template.
  ///
  /// - Throws: ``TokenizationError`` for a template that can't be parsed.
  public init(_ other: Tokenizer, chatTemplate: String) throws {
    _ = try ChatTemplate(chatTemplate)
    var object = other.configuration.object ?? JSONObject()
    object["chat_template"] = .string(chatTemplate)
    configuration = .object(object)
    (document, specialTokens, truncation, padding) = (
      other.document, other.specialTokens, other.truncation, other.padding
    )
    (normalizer, preTokenizer, model) = (other.normalizer, other.preTokenizer, other.model)
    (postProcessor, decoder, added) = (other.postProcessor, other.decoder, other.added)
    (fastPath, pieces, vocabularySize) = (other.fastPath, other.pieces, other.vocabularySize)
  }

  /// Tokens matched before the model sees the text, in the order of their ids.
  public var addedTokens: [AddedToken] { added.tokens }

  /// The id of a token spelled as in the vocabulary, or of an added token's content.
  public func tokenToID(_ token: String) -> Int? {
    added.id(of: token) ?? model.vocabulary.id(of: token)
  }

  /// The token of an id, spelled as in the vocabulary.
  public func idToToken(_ id: Int) -> String? {
    added.spelling(of: id) ?? model.vocabulary.token(of: id)
  }

  /// Whether the id is a control token, which `decode` leaves out on request.
  public func isSpecial(_ id: Int) -> Bool {
    added[id]?.isSpecial ?? false
  }
}
