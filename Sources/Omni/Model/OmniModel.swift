import Documents
public import Foundation
public import LanguageModels
public import Media
import NeuralNetworks
import Tokenization
import Torch

/// One decoder that takes and gives words, pictures, sounds and videos (in the manner of GPT-4o's system card, OpenAI 2024), with the
/// codecs that make tokens of them.
///
/// ```
/// let model = try OmniModel.load(URL(fileURLWithPath: "runs/omni/model"))
/// let question = [try model.block(of: picture), .text("how many")]
/// let answers = try model.answers(to: [question], in: .audio)
/// if case .audio(let codes) = answers[0] { try WAVFile.write(model.sound.sound(of: codes), to: "answer.wav") }
/// ```
/// Texts are drawn by ``GenerationEngine``, constrained so that only a whole block of the wanted kind can come.
public final class OmniModel {
  /// The decoder over the one vocabulary.
  public let decoder: Decoder
  /// Words and codes.
  public let vocabulary: OmniVocabulary
  /// Pictures to codes and back.
  public let image: ImageCodec
  /// Sounds to codes and back.
  public let sound: SoundCodec

  /// A model of its parts.
  public init(decoder: Decoder, vocabulary: OmniVocabulary, image: ImageCodec, sound: SoundCodec) {
    self.decoder = decoder
    self.vocabulary = vocabulary
    self.image = image
    self.sound = sound
  }

  // MARK: Senses

  /// A picture as a block.
  ///
  /// - Throws: ``OmniError`` for a picture of another size.
  public func block(of picture: RGBImage) throws -> OmniBlock { .image(try image.codes(of: picture)) }

  /// A sound as a block.
  ///
  /// - Throws: ``OmniError`` for one that is longer than the vocabulary has room for, and for silence.
  public func block(of sound: Sound) throws -> OmniBlock {
    let most = Double(vocabulary.sizes.audioFrames * SoundCodec.frame) / Double(SoundCodec.rate)
    guard sound.seconds <= most else {
      throw OmniError("the sound has \(Int(sound.seconds.rounded(.up))) seconds; \(Int(most)) are the most: cut it")
    }
    guard sound.peak > 1e-3 else { throw OmniError("the sound is silent: nothing can be heard in it") }
    return .audio(self.sound.codes(of: sound))
  }

  /// Pictures after each other as a block.
  ///
  /// - Throws: ``OmniError`` for pictures of another size or too many.
  public func block(ofVideo pictures: [RGBImage]) throws -> OmniBlock {
    guard (1...vocabulary.sizes.videoFrames).contains(pictures.count) else {
      throw OmniError("a video has 1 to \(vocabulary.sizes.videoFrames) pictures, not \(pictures.count)")
    }
    return .video(try image.codes(of: pictures))
  }

  // MARK: Tokens

  /// The tokens that a question begins with: an end of text and its blocks.
  public func tokens(_ blocks: [OmniBlock]) throws -> [Int] {
    try [vocabulary.end] + blocks.flatMap { try vocabulary.tokens(of: $0) }
  }

  /// A block for each question, each whole.
  ///
  /// - Parameters:
  ///   - parameters: how tokens are drawn; the likeliest unless given.
  /// - Throws: ``OmniError`` for a block that the vocabulary has no room for; `GenerationError` for a question that is too long.
  public func answers(
    to questions: [[OmniBlock]], in modality: OmniModality, parameters: SamplingParameters? = nil
  ) throws -> [OmniBlock] {
    let constraint = try vocabulary.constraint(on: modality)
    let engine = GenerationEngine(
      model: decoder, tokenizer: vocabulary.tokenizer, limits: .init(batch: 128))
    let prompts = try questions.map { try tokens($0) + [vocabulary.begin(of: modality)] }
    let requests = prompts.map { prompt in
      var own = parameters ?? SamplingParameters(temperature: 0)
      own.maxTokens = decoder.configuration.contextLength - prompt.count
      return GenerationRequest(prompt: prompt, parameters: own, constraint: constraint)
    }
    return try zip(prompts, engine.generate(requests)).map { prompt, completions in
      let written = [prompt[prompt.count - 1]] + (completions.first?.ids ?? [])
      guard let block = try vocabulary.blocks(of: written).first else { throw OmniError("nothing was written") }
      return block
    }
  }

  // MARK: Files

  private static let settingsName = "omni.json"

  /// Writes a folder: the decoder as Hugging Face's, the codecs, and `omni.json` with the words.
  public func write(to folder: URL) throws {
    try Checkpoint.save(decoder, tokenizer: vocabulary.tokenizer, to: folder)
    try image.write(to: folder)
    try sound.write(to: folder)
    let settings: JSONValue = [
      "words": .array(vocabulary.words.map { .string($0) }),
      "image_codec": try JSONValue(encoding: image.configuration),
      "sound_codec": try JSONValue(encoding: sound.configuration),
    ]
    try DurableFile.write(
      settings.serialized(indent: 2) + "\n", to: folder.appendingPathComponent(Self.settingsName).path)
  }

  /// Reads a folder that ``write(to:)`` wrote.
  ///
  /// - Throws: `CheckpointError` or a file's own error, each with its path; ``OmniError`` for words that can't be.
  public static func load(_ folder: URL) throws -> OmniModel {
    let path = folder.appendingPathComponent(settingsName).path
    guard FileManager.default.fileExists(atPath: path) else {
      throw CheckpointError(
        path: path, message: "is not there: is the folder one that the recipe omni wrote (RUN/model)?")
    }
    let settings = try JSONValue(contentsOf: path)
    let shapes = (
      try settings["image_codec"]?.decoded(as: ImageCodec.Configuration.self) ?? .init(),
      try settings["sound_codec"]?.decoded(as: SoundCodec.Configuration.self) ?? .init()
    )
    try TorchLibrary.load()
    let image = ImageCodec(shapes.0, generator: Generator(seed: 0))
    let sound = SoundCodec(shapes.1, generator: Generator(seed: 0))
    try image.read(from: folder)
    try sound.read(from: folder)
    let vocabulary = try OmniVocabulary(
      words: (settings["words"]?.array ?? []).compactMap(\.string), image: shapes.0, sound: shapes.1)
    let decoder = try Checkpoint.load(folder).model
    guard decoder.configuration.vocabularySize >= vocabulary.count else {
      throw CheckpointError(
        path: folder.path,
        message: "the decoder has \(decoder.configuration.vocabularySize) tokens and the vocabulary \(vocabulary.count)"
      )
    }
    return OmniModel(decoder: decoder, vocabulary: vocabulary, image: image, sound: sound)
  }
}

extension OmniVocabulary {
  /// The vocabulary of words and of these codecs' codes.
  ///
  /// - Throws: ``OmniError`` for a word that can't be.
  public init(words: [String], image: ImageCodec.Configuration, sound: SoundCodec.Configuration) throws {
    var sizes = Sizes()
    sizes.imageCodes = image.codes
    (sizes.audioCodes, sizes.audioLevels) = (sound.codes, sound.levels)
    try self.init(words: words, sizes: sizes)
  }
}
