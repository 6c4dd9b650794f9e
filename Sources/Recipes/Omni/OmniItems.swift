import Alignment
import Foundation
import Media
import Omni
import Statistics

/// A pair of senses: what is given, and what is wanted.
enum OmniPair: String, Codable, CaseIterable {
  case textToImage = "text to image"
  case textToAudio = "text to speech"
  case imageToText = "image to text"
  case imageToAudio = "image to speech"
  case audioToText = "speech to text"
  case audioToImage = "speech to image"
  case videoToText = "video to text"
  case questionToText = "image and question to text"

  var output: OmniModality {
    switch self {
    case .textToImage, .audioToImage: .image
    case .textToAudio, .imageToAudio: .audio
    case .imageToText, .audioToText, .videoToText, .questionToText: .text
    }
  }

  /// The probability of being right by chance: of 48 captions, or of the answers that fit a question.
  var chance: Double { self == .questionToText ? (1 / 4.0 + 1 / 4.0 + 1 / 3.0) / 3 : 1 / 48.0 }
}

/// A question and its answer, before anything is made into codes.
struct OmniItem {
  var pair: OmniPair
  /// The caption that is meant, or the answer to a question.
  var answer: String
  var scene: Scene?
  /// The pictures that are shown: one, those of a video, or none.
  var pictures: [RGBImage] = []
  /// The question, where there is one.
  var question: String?
  /// The voice that speaks, where one does.
  var voice = 0
}

/// The small world as questions: which scenes and voices are for learning, and items drawn from them.
struct OmniWorld {
  /// The first one is the voice of all answers; the last one is never learnt from.
  let speakers: [Speaker]
  let scenes: [Scene]
  let newScenes: [Scene]
  let motions: [Motion]
  let newMotions: [Motion]
  static let videoFrames = 3

  init(seed: UInt64, isQuick: Bool) {
    let all = [
      Speaker(voice: "en-us", speed: 160), Speaker(voice: "en-us+f3", speed: 150),
      Speaker(voice: "en-gb+m4", speed: 160), Speaker(voice: "en-gb-scotland", speed: 150),
      Speaker(voice: "en-us+f2", speed: 170), Speaker(voice: "en-029", speed: 150),
    ]
    speakers = isQuick ? [all[0], all[5]] : all
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "scenes").value)
    let scenes = isQuick ? Array(Scene.all.shuffled(using: &random).prefix(6)) : Scene.all.shuffled(using: &random)
    let motions = Motion.all.shuffled(using: &random)
    let held = isQuick ? 2 : 8
    (newScenes, self.scenes) = (Array(scenes.prefix(held)), Array(scenes.dropFirst(held)))
    (newMotions, self.motions) = (Array(motions.prefix(8)), Array(motions.dropFirst(8)))
  }

  /// The voices of learning.
  var knownVoices: Range<Int> { 0..<speakers.count - 1 }
  /// The voice of tests alone.
  var newVoice: Int { speakers.count - 1 }

  /// An item of a pair.
  func item(_ pair: OmniPair, isNew: Bool, voice: Int, _ random: inout SeededGenerator) -> OmniItem {
    if pair == .videoToText {
      let motion = random.element(of: isNew ? newMotions : motions)
      return OmniItem(pair: pair, answer: motion.caption, pictures: motion.pictures(Self.videoFrames, &random))
    }
    let scene = random.element(of: isNew ? newScenes : scenes)
    var item = OmniItem(pair: pair, answer: scene.caption, scene: scene, voice: voice)
    // Pictures are inputs here and wanted there.
    if [.textToImage, .audioToImage, .imageToText, .imageToAudio, .questionToText].contains(pair) {
      item.pictures = [scene.picture(&random)]
    }
    if pair == .questionToText {
      let (question, answer) = random.element(of: [
        ("how many", Scene.numbers[scene.count - 1]), ("what color", scene.color.rawValue),
        ("what shape", scene.shape.rawValue),
      ])
      (item.question, item.answer) = (question, answer)
    }
    return item
  }
}

extension SeededGenerator {
  fileprivate mutating func element<Element>(of list: [Element]) -> Element { list[index(below: list.count)] }
}

/// Items as tokens, with every utterance's codes at hand.
struct OmniEncoder {
  let world: OmniWorld
  let vocabulary: OmniVocabulary
  let image: ImageCodec
  /// By voice and caption, the codes of a sound.
  let spoken: [[String: [[Int]]]]

  /// What is given, and what is wanted, as blocks.
  func blocks(_ items: [OmniItem]) throws -> [(given: [OmniBlock], wanted: OmniBlock)] {
    var codes = try image.codes(of: items.flatMap(\.pictures))[...]
    return try items.map { item in
      let own = Array(codes.prefix(item.pictures.count))
      codes = codes.dropFirst(item.pictures.count)
      func audio(_ voice: Int) throws -> OmniBlock {
        guard let found = spoken[voice][item.answer] else {
          throw RecipeError(description: "nobody has said '\(item.answer)'")
        }
        return .audio(found)
      }
      switch item.pair {
      case .textToImage: return ([.text(item.answer)], .image(own[0]))
      case .textToAudio: return ([.text(item.answer)], try audio(0))
      case .imageToText: return ([.image(own[0])], .text(item.answer))
      case .imageToAudio: return ([.image(own[0])], try audio(0))
      case .audioToText: return ([try audio(item.voice)], .text(item.answer))
      case .audioToImage: return ([try audio(item.voice)], .image(own[0]))
      case .videoToText: return ([.video(own)], .text(item.answer))
      case .questionToText: return ([.image(own[0]), .text(item.question ?? "")], .text(item.answer))
      }
    }
  }
}

/// Items without end; step n's follow from n and the seed.
struct OmniSource: BatchSource {
  let encoder: OmniEncoder
  let pairs: [OmniPair]
  let batchSize: Int
  let seed: UInt64
  let count: Int

  mutating func batch(step: Int) -> [TargetedTokens] {
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "items", step: step).value)
    let items = (0..<batchSize).map { place in
      encoder.world.item(
        pairs[place % pairs.count], isNew: false, voice: random.index(below: encoder.world.knownVoices.count), &random)
    }
    // What the world and its codecs make fits the vocabulary that was made for them.
    guard let blocks = try? encoder.blocks(items) else { return [] }
    return blocks.compactMap { given, wanted in
      guard let before = try? given.flatMap({ try encoder.vocabulary.tokens(of: $0) }),
        let after = try? encoder.vocabulary.tokens(of: wanted)
      else { return nil }
      return TargetedTokens(
        prompt: [encoder.vocabulary.end] + before, completion: after, endOfText: encoder.vocabulary.end)
    }
  }

  func name(step: Int) -> String { "the items of step \(step + 1)" }
  var bytesPerExample: Int { 16 * tokensPerExample }
  var tokensPerExample: Int { 90 }
}
