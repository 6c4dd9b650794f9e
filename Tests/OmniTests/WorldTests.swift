import Media
import NeuralNetworks
import Omni
import Statistics
import Testing
import Torch

/// The small world's judges, and the codecs' promises.
@Suite struct WorldTests {
  @Test func everySceneIsSeenForWhatItIs() {
    var random = SeededGenerator(seed: 3)
    var wrong: [String] = []
    for scene in Scene.all {
      for _ in 0..<2 {
        let seen = SceneReader.scene(in: scene.picture(&random))
        if seen != scene { wrong.append("\(scene.caption): \(seen?.caption ?? "nothing")") }
      }
    }
    #expect(wrong.isEmpty, "\(wrong)")
    #expect(SceneReader.scene(in: RGBImage(width: 32, height: 32, grey: 220)) == nil)
  }

  @Test func captionsNameScenes() {
    #expect(Scene.all.count == 48)
    #expect(Set(Scene.all.map(\.caption)).count == 48)
    #expect(Scene(caption: "three red circles") == Scene(count: 3, color: .red, shape: .circle))
    #expect(Scene(caption: "one red circles") == nil)
    #expect(Set(Motion.all.map(\.caption)).count == 48)
  }

  private static func tone(_ count: Int) -> [Float] { (0..<count).map { Float(($0 * 37) % 101) / 101 - 0.5 } }

  /// A codec's frames depend on what came before and not on what comes after.
  @Test func soundCodecIsCausal() {
    let codec = SoundCodec(generator: Generator(seed: 1))
    var samples = Self.tone(640 * 8)
    withoutGradients {
      let before = codec.encoded(Tensor(samples, shape: [1, samples.count]))
      for i in 640 * 5..<samples.count { samples[i] = -samples[i] }
      let after = codec.encoded(Tensor(samples, shape: [1, samples.count]))
      let apart = (before - after).abs().sum(axis: 2).reshaped([-1]).array() as [Float]
      #expect(apart[..<5].allSatisfy { $0 < 1e-4 })
      #expect(apart[5...].allSatisfy { $0 > 1e-4 })
      var vectors = Tensor.ones([1, 8, 16])
      let sound = codec.decoded(vectors)
      #expect(sound.shape == [1, 640 * 8])
      vectors = .concatenated([vectors.slice(0..<5, axis: 1), Tensor.zeros([1, 3, 16])], axis: 1)
      let other = (sound - codec.decoded(vectors)).abs().reshaped([8, 640]).sum(axis: 1).array() as [Float]
      #expect(other[..<5].allSatisfy { $0 < 1e-4 })
      #expect(other[5] > 1e-4)
    }
    let codes = codec.codes(of: Sound(rate: 16_000, Self.tone(1000)))
    #expect(codes.map(\.count) == [2, 2])
    #expect(codec.sound(of: codes).count == 1280)
    #expect(codec.sound(of: [[], []]).count == 0)
  }

  /// Against sums over all codes, one by one.
  @Test func quantiserTakesTheNearest() {
    let quantizer = ResidualQuantizer(width: 3, size: 7, levels: 2, generator: Generator(seed: 5))
    let x = Tensor.randn([20, 3], generator: Generator(seed: 6))
    let found = withoutGradients { quantizer(x) }
    var rest = (0..<20).map { i in (x.select(i, axis: 0).array() as [Float]).map(Double.init) }
    for (level, book) in quantizer.codebooks.enumerated() {
      let table = (0..<7).map { k in (book.weight.select(k, axis: 0).array() as [Float]).map(Double.init) }
      let codes = found.codes[level].array(of: Int64.self).map { Int($0) }
      for i in 0..<20 {
        let distances = table.map { zip($0, rest[i]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        #expect(codes[i] == distances.indices.min { distances[$0] < distances[$1] })
        rest[i] = zip(rest[i], table[codes[i]]).map { $0 - $1 }
      }
    }
    #expect((quantizer.vectors(found.codes) - found.quantized).abs().max().item() < 1e-5)
    #expect(abs(ResidualQuantizer.perplexity([[0, 1], [2, 3]], size: 8) - 4) < 1e-9)
  }

  @Test func picturesOfOtherSizesAndSilenceAreRefused() throws {
    let codec = ImageCodec(generator: Generator(seed: 1))
    let error = #expect(throws: OmniError.self) { try codec.codes(of: RGBImage(width: 64, height: 32)) }
    #expect(error?.description.contains("64 by 32") == true)
    var random = SeededGenerator(seed: 1)
    let picture = Scene(count: 2, color: .blue, shape: .square).picture(&random)
    let codes = try codec.codes(of: [picture, picture])
    #expect(codes[0].count == 16 && codes[0] == codes[1])
    #expect(codec.picture(of: codes[0]).width == 32)
    #expect(ImageCodec.peakSignalToNoise(picture, picture) == .infinity)
  }

  @Test(.enabled(if: Speaker.isInstalled, "espeak-ng isn't installed"))
  func spokenCaptionsAreUnderstood() throws {
    let captions = ["one red circle", "four red circles", "four blue squares", "two green triangles"]
    let reader = UtteranceReader(try captions.map { ($0, try Speaker(voice: "en-us", speed: 160).say($0)) })
    for caption in captions {
      let said = try Speaker(voice: "en-us", speed: 140).say(caption)
      #expect(said.rate == 16_000 && said.seconds > 0.5 && said.seconds < 3)
      #expect(reader.text(of: said) == caption)
    }
  }
}
