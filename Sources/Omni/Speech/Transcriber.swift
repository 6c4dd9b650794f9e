import CZlib
import Documents
public import Foundation
public import Media
import NeuralNetworks
import Tokenization
import Torch

/// Speech to text with a Whisper model (Radford 2022), windows of 30 seconds after each other.
///
/// ```swift
/// let transcriber = try Transcriber(contentsOf: URL(fileURLWithPath: "models/whisper-base"))
/// let transcript = try transcriber.transcribe(SoundFile.read("speech.wav"))
/// for segment in transcript.segments { print(segment.start, segment.end, segment.text) }
/// ```
/// The rules are those of OpenAI's implementation as faster-whisper has them with `beam_size` 1: timestamps come in pairs and don't
/// decrease, a text that repeats itself or that the model doubts is drawn again at higher temperatures, silence is skipped, and each
/// window reads the text before it. Not covered: beams, times of single words, a detector of voices before the model.
public final class Transcriber {
  /// Settings of a transcription.
  public struct Options: Sendable, Equatable {
    /// The spoken language's code, such as en; nil finds it out from the first 30 seconds.
    public var language: String?
    /// Whether the text comes in English whatever is spoken.
    public var translates = false
    /// Whether a window reads the text of the one before.
    public var readsPrevious = true
    /// Temperatures that are tried in turn.
    public var temperatures = [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    /// The draws at temperatures above 0, of which the likeliest is kept.
    public var draws = 5
    /// The seed of draws.
    public var seed: UInt64 = 0
    /// Default settings.
    public init() {}
  }

  let model: WhisperModel
  let vocabulary: WhisperVocabulary
  private let features: WhisperFeatures

  /// Opens a folder of `transformers` or CTranslate2.
  ///
  /// - Throws: ``WhisperError``, or a file's own error.
  public convenience init(contentsOf folder: URL) throws {
    try self.init(WhisperModel.load(folder), WhisperModel.companions(of: folder), path: folder.path)
  }

  /// A transcriber over a model.
  ///
  /// - Parameter path: what errors call it.
  /// - Throws: ``WhisperError`` where the tokenizer has no tokens of Whisper's.
  public init(_ model: WhisperModel, _ companions: WhisperModel.Companions, path: String = "") throws {
    self.model = model
    vocabulary = try WhisperVocabulary(companions, size: model.configuration.vocabularySize, path: path)
    features = WhisperFeatures(bands: model.configuration.melBands)
    model.train(false)
  }

  /// The codes of the languages that the model knows.
  public var languages: [String] { vocabulary.languages.map(\.code) }

  /// Seconds of sound that a call takes at most.
  public static let longest = 6 * 3600.0

  /// The text of a recording.
  ///
  /// - Parameter onSegment: gets each segment as it comes.
  /// - Throws: ``WhisperError`` for a language that the model doesn't know or a recording of more than six hours.
  public func transcribe(
    _ sound: Sound, _ options: Options = Options(), onSegment: (Transcript.Segment) -> Void = { _ in }
  ) throws -> Transcript {
    guard sound.seconds <= Self.longest else {
      throw WhisperError(
        path: "", message: "the recording has \(Int(sound.seconds / 3600)) hours; six is the most: cut it")
    }
    let samples = sound.mono().resampled(to: WhisperFeatures.rate).channels[0]
    return try withoutGradients {
      try transcribe(features(samples), seconds: sound.seconds, options, onSegment: onSegment)
    }
  }

  private func transcribe(
    _ features: Tensor, seconds: Double, _ options: Options, onSegment: (Transcript.Segment) -> Void
  ) throws -> Transcript {
    let perFrame = Double(WhisperFeatures.hop) / Double(WhisperFeatures.rate)
    // faster-whisper's count, which leaves the last frame out.
    let frames = features.size(1) - 1
    var transcript = Transcript(language: "en", languageProbability: 1, seconds: seconds, segments: [])
    var pending: Tensor?
    if frames > 0 { pending = encoded(features, from: 0) }
    (transcript.language, transcript.languageProbability) = try language(options.language, of: pending)
    var history: [Int] = []
    var read = 0
    var place = 0
    while place < frames {
      let size = min(WhisperFeatures.windowFrames, frames - place)
      let seen = pending ?? encoded(features, from: place)
      pending = nil
      let prompt = vocabulary.prompt(
        language: transcript.language, translates: options.translates, previous: Array(history[read...]),
        context: model.configuration.targetPositions)
      let draft = best(seen, prompt, options)
      // Silence, unless the model is sure of the words.
      if draft.silence > 0.6, draft.meanLogProbability <= -1 {
        place += size
        continue
      }
      let cut = vocabulary.cut(draft.tokens, frames: size)
      for part in cut.parts {
        let text = vocabulary.text(part.tokens)
        guard part.start != part.end, text.contains(where: { !$0.isWhitespace }) else { continue }
        history += part.tokens
        let segment = Transcript.Segment(
          start: Double(place) * perFrame + part.start, end: Double(place) * perFrame + part.end, text: text,
          tokens: part.tokens, temperature: draft.temperature, meanLogProbability: draft.meanLogProbability,
          compressionRatio: draft.compressionRatio, silence: draft.silence)
        transcript.segments.append(segment)
        onSegment(segment)
      }
      place += cut.frames
      if !options.readsPrevious || draft.temperature > 0.5 { read = history.count }
    }
    return transcript
  }

  private func encoded(_ features: Tensor, from frame: Int) -> Tensor {
    model.encoder(WhisperFeatures.window(features, from: frame))
  }

  /// The language that was asked for, or the likeliest after the first token.
  private func language(_ wanted: String?, of seen: Tensor?) throws -> (String, Double) {
    if let wanted {
      guard vocabulary.languages.isEmpty ? wanted == "en" : vocabulary.languages.contains(where: { $0.code == wanted })
      else {
        throw WhisperError(
          path: "", message: "the model knows no language '\(wanted)'; it knows \(languages.joined(separator: ", "))")
      }
      return (wanted, 1)
    }
    guard let seen, !vocabulary.languages.isEmpty else { return ("en", 1) }
    var state = model.decoder.state(attendingTo: seen)
    let logits = model.decoder([[vocabulary.begin]], &state).reshaped([-1])
    let shares = logits.indexSelect(Tensor(ids: vocabulary.languages.map(\.token))).softmax(axis: 0).array() as [Float]
    let best = shares.indices.max { shares[$0] < shares[$1] } ?? 0
    return (vocabulary.languages[best].code, Double(shares[best]))
  }

  // MARK: One window

  /// What was drawn for a window.
  struct Draft {
    var tokens: [Int]
    var meanLogProbability: Double
    var temperature: Double
    var compressionRatio: Double
    var silence: Double
  }

  /// The first draft that neither repeats itself nor is doubted; of those that do, the likeliest.
  private func best(_ seen: Tensor, _ prompt: [Int], _ options: Options) -> Draft {
    var drafts: [Draft] = []
    for temperature in options.temperatures {
      var draft = draw(seen, prompt, temperature: temperature, options)
      draft.compressionRatio = Self.compressionRatio(vocabulary.text(draft.tokens))
      drafts.append(draft)
      let isDoubted = draft.meanLogProbability < -1
      let isSilent = isDoubted && draft.silence > 0.6
      if isSilent || (!isDoubted && draft.compressionRatio <= 2.4) { return draft }
    }
    let varied = drafts.filter { $0.compressionRatio <= 2.4 }
    let pool = varied.isEmpty ? drafts : varied
    var draft = pool.max { $0.meanLogProbability < $1.meanLogProbability } ?? drafts[0]
    draft.temperature = options.temperatures.last ?? 0
    return draft
  }

  /// Bytes of a text over those that zlib makes of it: how much it repeats itself.
  static func compressionRatio(_ text: String) -> Double {
    let bytes = Array(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
    var length = compressBound(UInt(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(length))
    guard compress(&packed, &length, bytes, UInt(bytes.count)) == Z_OK, length > 0 else { return 0 }
    return Double(bytes.count) / Double(length)
  }

  private func draw(_ seen: Tensor, _ prompt: [Int], temperature: Double, _ options: Options) -> Draft {
    let rows = temperature > 0 ? options.draws : 1
    var state = model.decoder.state(attendingTo: seen)
    let first = model.decoder([prompt], &state)
    let begin = prompt.lastIndex(of: vocabulary.begin) ?? 0
    let silence = first.select(0, axis: 0).select(begin, axis: 0).softmax(axis: 0).array()[vocabulary.noSpeech] as Float
    if rows > 1 { state = state.repeated(rows) }
    let generator = Generator(seed: options.seed)
    var logits = first.slice(prompt.count - 1..<prompt.count, axis: 1).expanded([rows, 1, first.size(2)]).contiguous()
    var sequences = [WhisperSequence](repeating: WhisperSequence(), count: rows)
    let context = model.configuration.targetPositions
    let longest = min(context / 2, context - prompt.count)
    while true {
      var scores = logits.reshaped([rows, -1]).array() as [Float]
      let width = scores.count / rows
      scores.withUnsafeMutableBufferPointer { all in
        for (row, sequence) in sequences.enumerated() {
          vocabulary.restrict(
            UnsafeMutableBufferPointer(rebasing: all[row * width..<(row + 1) * width]), after: sequence.tokens)
        }
      }
      let table = Tensor(scores, shape: [rows, width])
      let logProbabilities = table.logSoftmax(axis: 1)
      let ids: [Int] =
        temperature > 0
        ? (table / temperature).softmax(axis: 1).multinomial(1, generator: generator).array(of: Int64.self).map {
          Int($0)
        }
        : table.argmax(axis: 1).array(of: Int64.self).map { Int($0) }
      let chosen =
        logProbabilities.gather(Tensor(ids: ids, shape: [rows, 1]), axis: 1).array() as [Float]
      for row in sequences.indices where !sequences[row].isDone {
        sequences[row].append(ids[row], Double(chosen[row]), end: vocabulary.end)
        if sequences[row].tokens.count >= longest { sequences[row].isDone = true }
      }
      if sequences.allSatisfy(\.isDone) { break }
      logits = model.decoder(ids.map { [$0] }, &state)
    }
    let kept = sequences.max { $0.score < $1.score } ?? sequences[0]
    return Draft(
      tokens: kept.tokens, meanLogProbability: kept.sum / Double(kept.tokens.count + 1), temperature: temperature,
      compressionRatio: 0, silence: Double(silence))
  }
}

/// One of the texts that are drawn for a window.
private struct WhisperSequence {
  var tokens: [Int] = []
  /// ln p of all tokens, the end's included.
  var sum = 0.0
  var isDone = false

  /// ln p for each token, by which draws are compared.
  var score: Double { sum / Double(max(1, tokens.count)) }

  mutating func append(_ token: Int, _ logProbability: Double, end: Int) {
    sum += logProbability
    if token == end { isDone = true } else { tokens.append(token) }
  }
}
