import Documents
public import LanguageModels
public import Tokenization

/// A piece of a conversation in one of the model's senses, as tokens see it.
public enum OmniBlock: Sendable, Equatable {
  /// Words.
  case text(String)
  /// A picture's codes.
  case image([Int])
  /// A sound's codes, one list a level, all of one length.
  case audio([[Int]])
  /// The codes of a video's pictures, in their order.
  case video([[Int]])

  /// The sense that it is for.
  public var modality: OmniModality {
    switch self {
    case .text: .text
    case .image: .image
    case .audio: .audio
    case .video: .video
    }
  }
}

/// A sense of the model.
public enum OmniModality: String, Sendable, CaseIterable, Codable {
  case text, image, audio, video
}

/// One vocabulary for words, pictures, sounds and videos, with tokens where a block of each begins and ends.
///
/// Words are tokens of their own, every code of a picture is one, and every code of each level of a sound. A sound's levels go by a delay
/// pattern (Copet 2023, MusicGen): level l of frame t stands with level 0 of frame t + l, so that a code is written when the first level
/// of the next frame is known already. All tokens have a spelling (codes one character each of Unicode's private use), so that what may
/// be written is a regular expression for the engine that draws texts, and only whole blocks can come out.
///
/// ```swift
/// let vocabulary = try OmniVocabulary(words: ["one", "red", "circle"])
/// let ids = try vocabulary.tokens(of: .text("one red circle"))     // begin, three words, end
/// ```
public struct OmniVocabulary: Sendable {
  /// The sizes that a vocabulary is made for.
  public struct Sizes: Sendable, Equatable {
    /// The most letters of a text.
    public var textLetters = 120
    /// Codes of pictures.
    public var imageCodes = 256
    /// Codes of a picture.
    public var imageLength = ImageCodec.length
    /// Codes of a level of sound.
    public var audioCodes = 256
    /// Levels of sound.
    public var audioLevels = 2
    /// The most frames of a sound.
    public var audioFrames = 100
    /// The most pictures of a video.
    public var videoFrames = 8
    /// The sizes of the codecs as they come.
    public init() {}
  }

  /// The sizes.
  public let sizes: Sizes
  /// The words.
  public let words: [String]
  /// Words and codes as `tokenizers` reads them too.
  public let tokenizer: Tokenizer
  /// Ends a text, and begins one.
  public let end: Int
  private let opening: [OmniModality: Int]
  private let closing: [OmniModality: Int]
  private let wordIDs: [String: Int]
  private let firstImage: Int
  private let firstAudio: Int

  private static let endName = "<|endoftext|>"

  /// A vocabulary of these words and of codes.
  ///
  /// - Throws: ``OmniError`` for a word that isn't of letters a to z, or twice there.
  public init(words: [String], sizes: Sizes = Sizes()) throws {
    self.sizes = sizes
    self.words = words
    var vocabulary: [(key: String, value: JSONValue)] = []
    func add(_ spelling: String) -> Int {
      vocabulary.append((spelling, .int(vocabulary.count)))
      return vocabulary.count - 1
    }
    end = add(Self.endName)
    var opening: [OmniModality: Int] = [:], closing: [OmniModality: Int] = [:]
    for modality in OmniModality.allCases {
      opening[modality] = add("<\(modality.rawValue)>")
      closing[modality] = add("</\(modality.rawValue)>")
    }
    var wordIDs: [String: Int] = [:]
    for word in words {
      guard !word.isEmpty, word.allSatisfy({ $0.isASCII && $0.isLowercase }), wordIDs[word] == nil else {
        throw OmniError("'\(word)' can't be a word: words are of letters a to z, each once")
      }
      wordIDs[word] = add(word)
    }
    firstImage = vocabulary.count
    for code in 0..<sizes.imageCodes { _ = add(Self.spelling(level: 0, code: code)) }
    firstAudio = vocabulary.count
    for level in 0..<sizes.audioLevels {
      for code in 0..<sizes.audioCodes { _ = add(Self.spelling(level: level + 1, code: code)) }
    }
    (self.opening, self.closing, self.wordIDs) = (opening, closing, wordIDs)
    let document: JSONValue = [
      "version": "1.0",
      "added_tokens": [
        [
          "id": .int(end), "content": .string(Self.endName), "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true,
        ]
      ],
      "pre_tokenizer": ["type": "WhitespaceSplit"],
      "model": ["type": "WordLevel", "vocab": .object(JSONObject(vocabulary)), "unk_token": .string(Self.endName)],
    ]
    tokenizer = try Tokenizer(document: document, configuration: ["eos_token": .string(Self.endName)])
  }

  /// A code's character; the blocks of 1,024 private characters are one a level.
  private static func spelling(level: Int, code: Int) -> String {
    precondition(code < 1024 && level < 6, "codes are below 1,024 and levels below 6")
    return Unicode.Scalar(UInt32(0xE000 + level * 1024 + code)).map { String(Character($0)) } ?? ""
  }

  /// The number of tokens.
  public var count: Int { tokenizer.vocabularySize }

  /// The token that begins a block.
  public func begin(of modality: OmniModality) -> Int { opening[modality] ?? end }

  // MARK: Blocks to tokens

  /// The tokens of a block, its begin and end included.
  ///
  /// - Throws: ``OmniError`` for a word that the vocabulary lacks and for codes that it has no room for.
  public func tokens(of block: OmniBlock) throws -> [Int] {
    let inner: [Int]
    switch block {
    case .text(let text):
      let letters = text.count { $0 != " " }
      guard letters <= sizes.textLetters else {
        throw OmniError("a text has at most \(sizes.textLetters) letters, not \(letters)")
      }
      inner = try text.split(separator: " ").map { word in
        guard let id = wordIDs[String(word)] else {
          throw OmniError(
            "the model knows no word '\(word)'; it knows \(words.prefix(40).joined(separator: ", "))"
              + (words.count > 40 ? ", …" : ""))
        }
        return id
      }
    case .image(let codes): inner = try picture(codes)
    case .video(let pictures):
      guard (1...sizes.videoFrames).contains(pictures.count) else {
        throw OmniError("a video has 1 to \(sizes.videoFrames) pictures, not \(pictures.count)")
      }
      inner = try pictures.flatMap(picture)
    case .audio(let levels): inner = try delayed(levels)
    }
    return [begin(of: block.modality)] + inner + [closing[block.modality] ?? end]
  }

  private func picture(_ codes: [Int]) throws -> [Int] {
    guard codes.count == sizes.imageLength, codes.allSatisfy({ (0..<sizes.imageCodes).contains($0) }) else {
      throw OmniError("a picture has \(sizes.imageLength) codes below \(sizes.imageCodes)")
    }
    return codes.map { firstImage + $0 }
  }

  private func audio(_ level: Int, _ code: Int) -> Int { firstAudio + level * sizes.audioCodes + code }

  private func delayed(_ levels: [[Int]]) throws -> [Int] {
    let frames = levels.first?.count ?? 0
    guard levels.count == sizes.audioLevels, levels.allSatisfy({ $0.count == frames }),
      (sizes.audioLevels...sizes.audioFrames).contains(frames),
      levels.allSatisfy({ $0.allSatisfy { (0..<sizes.audioCodes).contains($0) } })
    else {
      throw OmniError(
        "a sound has \(sizes.audioLevels) levels of \(sizes.audioLevels) to \(sizes.audioFrames) codes below "
          + "\(sizes.audioCodes), not \(levels.map(\.count))")
    }
    return (0..<frames + levels.count - 1).flatMap { step in
      levels.indices.compactMap { level in
        levels[level].indices.contains(step - level) ? audio(level, levels[level][step - level]) : nil
      }
    }
  }

  // MARK: Tokens to blocks

  /// The blocks of tokens; the token that ends a text ends them.
  ///
  /// - Throws: ``OmniError`` where a block isn't whole.
  public func blocks(of tokens: [Int]) throws -> [OmniBlock] {
    var blocks: [OmniBlock] = []
    var place = 0
    while place < tokens.count, tokens[place] != end {
      guard let modality = OmniModality.allCases.first(where: { opening[$0] == tokens[place] }) else {
        throw OmniError("token \(place + 1) begins no block")
      }
      guard let last = tokens[place...].firstIndex(where: { $0 == closing[modality] }) else {
        throw OmniError("the \(modality.rawValue) that begins with token \(place + 1) has no end")
      }
      blocks.append(try block(modality, Array(tokens[place + 1..<last])))
      place = last + 1
    }
    return blocks
  }

  private func block(_ modality: OmniModality, _ inner: [Int]) throws -> OmniBlock {
    func pictures() throws -> [[Int]] {
      let codes = inner.map { $0 - firstImage }
      guard !codes.isEmpty, codes.count % sizes.imageLength == 0,
        codes.allSatisfy({ (0..<sizes.imageCodes).contains($0) })
      else { throw OmniError("\(inner.count) tokens are no whole pictures") }
      return stride(from: 0, to: codes.count, by: sizes.imageLength).map {
        Array(codes[$0..<$0 + sizes.imageLength])
      }
    }
    switch modality {
    case .text:
      let spelled = try inner.map { id in
        guard id > 0, id < firstImage, let word = tokenizer.idToToken(id), wordIDs[word] != nil else {
          throw OmniError("token \(id) is no word")
        }
        return word
      }
      return .text(spelled.joined(separator: " "))
    case .image:
      let found = try pictures()
      guard found.count == 1 else { throw OmniError("\(inner.count) tokens are no picture") }
      return .image(found[0])
    case .video: return .video(try pictures())
    case .audio:
      var levels = [[Int]](repeating: [], count: sizes.audioLevels)
      let last = sizes.audioLevels - 1
      let frames = (inner.count) / sizes.audioLevels
      let order = (0..<frames + last).flatMap { step in (0...last).filter { (0..<frames).contains(step - $0) } }
      guard frames > last, order.count == inner.count else {
        throw OmniError("\(inner.count) tokens are no whole sound")
      }
      for (level, token) in zip(order, inner) {
        let code = token - audio(level, 0)
        guard (0..<sizes.audioCodes).contains(code) else { throw OmniError("a sound's levels are out of order") }
        levels[level].append(code)
      }
      return .audio(levels)
    }
  }

  // MARK: What may be written

  /// The condition on what follows the token that begins a block: the rest of a whole block, and nothing after it.
  ///
  /// - Throws: `ConstraintError`; with sizes in their bounds it doesn't.
  public func constraint(on modality: OmniModality) throws -> Constraint {
    try .regularExpression(rest(of: modality))
  }

  /// The condition of one block or more, of any kind in any order.
  public func constraintOnBlocks() throws -> Constraint {
    let blocks = OmniModality.allCases.map { "<\($0.rawValue)>\(rest(of: $0))" }
    return try .regularExpression("(\(blocks.joined(separator: "|")))+")
  }

  private func rest(of modality: OmniModality) -> String {
    func codes(_ level: Int, _ count: Int) -> String {
      "[\(Self.spelling(level: level, code: 0))-\(Self.spelling(level: level, code: count - 1))]"
    }
    let picture = "\(codes(0, sizes.imageCodes)){\(sizes.imageLength)}"
    let inner: String
    switch modality {
    case .text: inner = "[a-z]{0,\(sizes.textLetters)}"
    case .image: inner = picture
    case .video: inner = "(\(picture)){1,\(sizes.videoFrames)}"
    case .audio:
      let levels = (1...sizes.audioLevels).map { codes($0, sizes.audioCodes) }
      // The first frames lack the later levels, and the last steps the earlier ones.
      let begin = (1..<max(1, levels.count)).map { levels[..<$0].joined() }.joined()
      let close = (1..<max(1, levels.count)).map { levels[$0...].joined() }.joined()
      inner = "\(begin)(\(levels.joined())){1,\(sizes.audioFrames - levels.count + 1)}\(close)"
    }
    return "\(inner)</\(modality.rawValue)>"
  }
}
