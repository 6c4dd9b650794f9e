import Documents

/// A piece of text as the model cut it: an id, the token's spelling, and the bytes of the piece.
struct ModelToken {
  var id: Int
  var text: String
  var bytes: Range<Int>
}

/// The part of a tokenizer that turns pieces of text into ids.
enum TokenModel: Sendable {
  case bytePair(BytePairModel)
  case unigram(UnigramModel)
  case wordPiece(WordPieceModel)
  case wordLevel(WordLevelModel)

  /// Reads the `model` object of a tokenizer file; text never becomes an id in `reserved`, except the
  /// unknown token.
  init(_ value: JSONValue, reserved: Set<Int>) throws {
    let type: String
    if let named = value["type"]?.string {
      type = named
    } else if value["merges"] != nil {
      // Files from before models carried a type.
      type = "BPE"
    } else {
      type = value["vocab"]?.array != nil ? "Unigram" : "WordPiece"
    }
    switch type {
    case "BPE": self = .bytePair(try BytePairModel(value, reserved: reserved))
    case "Unigram": self = .unigram(try UnigramModel(value, reserved: reserved))
    case "WordPiece": self = .wordPiece(try WordPieceModel(value, reserved: reserved))
    case "WordLevel": self = .wordLevel(try WordLevelModel(value, reserved: reserved))
    default:
      throw TokenizationError(
        "model.type: unknown model \(type.debugDescription); BPE, Unigram, WordPiece and WordLevel "
          + "are supported")
    }
  }

  /// The model's tokens and ids.
  var vocabulary: Vocabulary {
    switch self {
    case .bytePair(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    case .wordPiece(let model): model.vocabulary
    case .wordLevel(let model): model.vocabulary
    }
  }

  /// The tokens of one piece of text, which is valid UTF-8.
  func tokenize(_ piece: UnsafeBufferPointer<UInt8>) -> [ModelToken] {
    if piece.isEmpty { return [] }
    switch self {
    case .bytePair(let model): return model.tokenize(piece)
    case .unigram(let model): return model.tokenize(piece)
    case .wordPiece(let model): return model.tokenize(piece)
    case .wordLevel(let model): return model.tokenize(piece)
    }
  }
}
