// One network for several senses (GPT-4o's system card, OpenAI 2024): one decoder over one vocabulary of words, pictures' and sounds'
// codes takes text, speech, pictures and short videos, and gives text, speech and pictures.
//
// Covered: a sound codec and a picture codec trained here; one decoder; accuracy for eight pairs of senses against chance, on scenes and
// with a voice that training never has. Not covered: people's voices and pictures, separate networks of the same size, a text-only twin,
// answers while the question is still being spoken.

import Alignment
public import Documents
import Evaluation
import Foundation
import LanguageModels
import Media
import NeuralNetworks
import Omni
import Statistics
import Torch
import Training

/// One decoder for text, speech, pictures and videos.
public struct OmniRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "omni", title: "One network for several senses",
    paper: "OpenAI 2024, GPT-4o System Card",
    summary:
      "Codecs of sounds and pictures are trained, then one decoder over words and their codes on a small world of things that are "
      + "written, spoken, drawn and moved: accuracy for each pair of senses against chance, on scenes and with a voice that it never met."
  )

  private let options: RecipeOptions
  let world: OmniWorld
  private let soundSteps: Int
  private let imageSteps: Int
  private let steps: Int
  private let items: Int
  private let shape: (layers: Int, width: Int, heads: Int)

  /// The sizes that belong to the scale.
  ///
  /// - Throws: `RecipeError` where espeak-ng isn't installed.
  public init(_ options: RecipeOptions) throws {
    guard Speaker.isInstalled else {
      throw RecipeError(
        description: "the voices of the recipe omni are espeak-ng's, which isn't installed: apt-get install espeak-ng")
    }
    self.options = options
    world = OmniWorld(seed: options.seed, isQuick: options.isQuick)
    func count(_ full: Int, quick: Int) -> Int { options.isQuick ? quick : max(10, Int(Double(full) * options.scale)) }
    soundSteps = count(3000, quick: 3)
    imageSteps = count(1500, quick: 3)
    steps = count(3000, quick: 3)
    items = options.isQuick ? 2 : 60
    shape = options.isQuick ? (1, 32, 2) : (4, 160, 5)
  }

  /// The sizes and steps.
  public var configuration: [String: JSONValue] {
    [
      "sound_steps": .int(soundSteps), "image_steps": .int(imageSteps), "steps": .int(steps), "items": .int(items),
      "layers": .int(shape.layers), "width": .int(shape.width), "heads": .int(shape.heads),
    ]
  }

  /// Seconds on two cores of an EPYC.
  public var plan: [PlannedStage] {
    [
      .init("sound-codec", seconds: 400), .init("image-codec", seconds: 90), .init("codecs", seconds: 40),
      .init("decoder", seconds: 900), .init("answers", seconds: 120),
    ]
  }

  /// How well the codecs give back what they took.
  struct Codecs: Codable {
    /// In decibels, by picture.
    var peakSignalToNoise: [Double]
    /// Codes of pictures in use, as if evenly.
    var imagePerplexity: Double
    /// The same by level of sound.
    var soundPerplexity: [Double]
    /// Whether a sentence is still read rightly after coding, by a judge that learnt nothing.
    var isIntelligible: [Bool]
    /// Whether the same judge reads it before coding.
    var isReadable: [Bool]
  }

  /// Whether each answer is right.
  struct Outcome: Codable {
    /// By pair: scenes, and where one speaks a voice, that training never has.
    var new: [String: [Bool]]
    /// By pair: scenes of training in new pictures, said by a voice of training.
    var known: [String: [Bool]]
    var parameters: Int
  }

  /// Codecs, decoder, questions.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let utterances = try utterances()
    let sound = SoundCodec(generator: Generator(seed: seed(for: "sound codec")))
    let image = ImageCodec(generator: Generator(seed: seed(for: "image codec")))
    // What is held out isn't heard by the codec either.
    let learnt = world.knownVoices.flatMap { voice in world.scenes.compactMap { utterances[voice][$0.caption] } }
    try run.stage("sound-codec") {
      let training = settings(soundSteps, batch: options.isQuick ? 2 : 12, rate: 2e-3, for: "sound codec")
      let learner = try SoundCodecLearner(sound, sounds: learnt.map { $0.channels[0] }, settings: training)
      try run.train("sound-codec", learner, training)
    }
    try run.stage("image-codec") {
      let training = settings(imageSteps, batch: options.isQuick ? 4 : 48, rate: 2e-3, for: "image codec")
      let world = world
      let learner = ImageCodecLearner(image, settings: training) { random in
        guard random.uniform() < 0.25 else {
          return world.scenes[random.index(below: world.scenes.count)].picture(&random)
        }
        let video = world.motions[random.index(below: world.motions.count)].pictures(OmniWorld.videoFrames, &random)
        return video[random.index(below: video.count)]
      }
      try run.train("image-codec", learner, training)
    }
    let reader = UtteranceReader(spoken(world.newScenes + world.scenes, voice: 0, utterances))
    let codecs = try await run.stored("codecs") { try measure(sound, image, utterances) }
    let vocabulary = try OmniVocabulary(words: Scene.words, image: image.configuration, sound: sound.configuration)
    let encoder = OmniEncoder(
      world: world, vocabulary: vocabulary, image: image,
      spoken: utterances.map { $0.mapValues { sound.codes(of: $0) } })
    let outcome = try await run.stored("answers") {
      let decoder = try train(encoder, run)
      let model = OmniModel(decoder: decoder, vocabulary: vocabulary, image: image, sound: sound)
      try model.write(to: URL(fileURLWithPath: run.path(of: "model")))
      return Outcome(
        new: try marks(model, encoder, reader, isNew: true), known: try marks(model, encoder, reader, isNew: false),
        parameters: decoder.parameterCount)
    }
    return findings(codecs, outcome, run)
  }

  private func seed(for purpose: String) -> UInt64 { DerivedSeed(run: options.seed, for: purpose).value }

  private func settings(_ steps: Int, batch: Int, rate: Double, for purpose: String) -> TrainingSettings {
    var training = TrainingSettings()
    (training.maxSteps, training.batchSize, training.seed) = (steps, batch, seed(for: purpose))
    (training.learningRate, training.weightDecay, training.warmupSteps) = (rate, 0, min(50, steps / 4))
    training.beta2 = 0.98
    return training
  }

  // MARK: 1. Voices

  /// By voice, every caption spoken.
  private func utterances() throws -> [[String: Sound]] {
    try world.speakers.map { speaker in
      try Dictionary(
        uniqueKeysWithValues: (world.scenes + world.newScenes).map { ($0.caption, try speaker.say($0.caption)) })
    }
  }

  private func spoken(
    _ scenes: [Scene], voice: Int, _ utterances: [[String: Sound]]
  ) -> [(text: String, sound: Sound)] {
    scenes.compactMap { scene in utterances[voice][scene.caption].map { (scene.caption, $0) } }
  }

  // MARK: 2. Codecs

  private func measure(_ sound: SoundCodec, _ image: ImageCodec, _ utterances: [[String: Sound]]) throws -> Codecs {
    var random = SeededGenerator(seed: seed(for: "pictures of the test"))
    let pictures = (0..<items).map { world.newScenes[$0 % world.newScenes.count].picture(&random) }
    let codes = try image.codes(of: pictures)
    // Each voice is read by examples of its own: what is asked is what coding changes.
    var (before, after): ([Bool], [Bool]) = ([], [])
    var used = [[[Int]]](repeating: [], count: sound.configuration.levels)
    for voice in [0, world.newVoice] {
      let all = spoken(world.newScenes + world.scenes, voice: voice, utterances)
      let faster = Speaker(voice: world.speakers[voice].voice, speed: world.speakers[voice].speed - 15)
      let reader = UtteranceReader(all)
      for scene in world.newScenes {
        // At another speed, so that the example itself isn't what is read.
        let said = try faster.say(scene.caption)
        let coded = sound.codes(of: said)
        for (level, row) in coded.enumerated() { used[level].append(row) }
        before.append(reader.text(of: said) == scene.caption)
        after.append(reader.text(of: sound.sound(of: coded)) == scene.caption)
      }
    }
    return Codecs(
      peakSignalToNoise: zip(pictures, codes).map { ImageCodec.peakSignalToNoise($0, image.picture(of: $1)) },
      imagePerplexity: ResidualQuantizer.perplexity(codes, size: image.configuration.codes),
      soundPerplexity: used.map { ResidualQuantizer.perplexity($0, size: sound.configuration.codes) },
      isIntelligible: after, isReadable: before)
  }

  // MARK: 3. One decoder

  private func train(_ encoder: OmniEncoder, _ run: RecipeRun) throws -> Decoder {
    let batch = options.isQuick ? 8 : 32
    var training = settings(steps, batch: batch, rate: 0.02, for: "items")
    training.optimizer = .muon
    let configuration = DecoderConfiguration.small(
      vocabularySize: encoder.vocabulary.count, width: shape.width, layers: shape.layers, heads: shape.heads,
      feedForwardWidth: shape.width * 8 / 3 / 16 * 16, contextLength: 512,
      endOfText: encoder.vocabulary.end)
    let decoder = try Decoder(configuration, generator: Generator(seed: seed(for: "weights")))
    let source = OmniSource(
      encoder: encoder, pairs: OmniPair.allCases, batchSize: batch, seed: training.seed, count: steps * batch)
    try run.stage("decoder") {
      try run.train(
        "decoder",
        NextTokenLearner(decoder, tokenizer: encoder.vocabulary.tokenizer, source: source, settings: training), training
      )
    }
    decoder.train(false)
    return decoder
  }

  // MARK: 4. Questions

  private func marks(
    _ model: OmniModel, _ encoder: OmniEncoder, _ reader: UtteranceReader, isNew: Bool
  ) throws -> [String: [Bool]] {
    var marks: [String: [Bool]] = [:]
    for pair in OmniPair.allCases {
      var random = SeededGenerator(seed: seed(for: "tests of \(pair.rawValue), \(isNew)"))
      let tests = (0..<items).map { _ in
        world.item(
          pair, isNew: isNew, voice: isNew ? world.newVoice : random.index(below: world.knownVoices.count), &random)
      }
      let answers = try model.answers(to: encoder.blocks(tests).map(\.given), in: pair.output)
      marks[pair.rawValue] = zip(tests, answers).map { test, answer in
        switch answer {
        case .text(let text): text == test.answer
        case .image(let codes): SceneReader.scene(in: model.image.picture(of: codes)) == test.scene
        case .audio(let codes): reader.text(of: model.sound.sound(of: codes)) == test.answer
        case .video: false
        }
      }
    }
    return marks
  }
}
