import Documents
import Foundation
import Media
import Omni
import TestSupport
import Testing
import Torch

/// Whisper beside `transformers` on tiny random weights (`Fixtures/make_whisper_fixtures.py`).
@Suite struct WhisperTests {
  private static func golden() throws -> [String: Tensor] {
    try Safetensors(Bundle.module.fixtures.appendingPathComponent("whisper.safetensors")).tensors()
  }

  private static func distance(_ a: Tensor, _ b: Tensor) -> Double {
    guard a.shape == b.shape else { return .infinity }
    return ((a - b).abs() / (b.abs() + 1)).max().item()
  }

  @Test func modelEqualsTransformers() throws {
    let golden = try Self.golden()
    let model = try WhisperModel.load(Bundle.module.fixtures.appendingPathComponent("whisper-tiny"))
    let tokens = [[3, 7, 11, 1500, 9, 4]]
    try withoutGradients {
      let seen = model.encoder(try #require(golden["features"]))
      #expect(Self.distance(seen, try #require(golden["encoded"])) < 2e-5)
      let logits = try #require(golden["logits"])
      var state = model.decoder.state(attendingTo: seen)
      #expect(Self.distance(model.decoder(tokens, &state), logits) < 2e-5)
      // The same one token at a time.
      state = model.decoder.state(attendingTo: seen)
      _ = model.decoder([Array(tokens[0][..<3])], &state)
      for i in 3..<6 {
        let next = model.decoder([[tokens[0][i]]], &state)
        #expect(Self.distance(next.select(0, axis: 1), logits.select(i, axis: 1)) < 2e-5)
      }
    }
  }

  @Test func featuresEqualTransformers() throws {
    let golden = try Self.golden()
    #expect(Self.distance(MelFilters.bank(bands: 80, size: 400, rate: 16_000), try #require(golden["filters"])) < 1e-7)
    #expect(
      Self.distance(MelFilters.bank(bands: 128, size: 400, rate: 16_000), try #require(golden["filters128"])) < 1e-7)
    let features = WhisperFeatures(bands: 80)(try #require(golden["sound"]).array())
    let mel = try #require(golden["mel"])
    // The last frames of two seconds hear the end here, and thirty seconds' silence there.
    #expect(Self.distance(features.slice(0..<197, axis: 1), mel.slice(0..<197, axis: 1)) < 2e-5)
    #expect(WhisperFeatures(bands: 80)([Float](repeating: 0, count: 1600)).array().allSatisfy { $0 == -1.5 })
  }

  /// Silence and next to nothing are read too.
  @Test(arguments: [0, 1, 159, 161]) func shortSounds(_ count: Int) {
    let features = WhisperFeatures(bands: 80)([Float](repeating: 0.1, count: count))
    #expect(features.shape == [80, max(1, (count + 160) / 160)])
  }

  @Test func brokenModelsAreRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DataError.self) { try WhisperModel.load(folder.file("none")) }
    #expect(throws: WhisperError.self) { try WhisperModel.load(folder.url) }
    for content in ["", "abc", "\u{6}\0\0\0\u{0C}\0WhisperSpec\0\u{3}\0\0\0\u{5}\0\0\0"] {
      try folder.write("model.bin", Data(content.utf8))
      let error = #expect(throws: WhisperError.self) { try WhisperModel.load(folder.url) }
      #expect(error?.description.contains("model.bin") == true)
    }
    try FileManager.default.removeItem(at: folder.file("model.bin"))
    try folder.write("config.json", Data(#"{"model_type": "bert"}"#.utf8))
    let error = #expect(throws: WhisperError.self) { try WhisperModel.load(folder.url) }
    #expect(error?.description.contains("bert") == true)
  }

  @Test func transcriptsHaveTheUsualForms() {
    let segments = [(0.0, 1.5, " Hello."), (3661.25, 3662, " The end.")].map { start, end, text in
      Transcript.Segment(
        start: start, end: end, text: text, tokens: [], temperature: 0, meanLogProbability: 0, compressionRatio: 1,
        silence: 0)
    }
    let transcript = Transcript(language: "en", languageProbability: 1, seconds: 3662, segments: segments)
    #expect(transcript.text == "Hello. The end.")
    #expect(transcript.formatted(.text) == "Hello.\nThe end.\n")
    #expect(
      transcript.formatted(.srt)
        == "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n01:01:01,250 --> 01:01:02,000\nThe end.\n\n")
    #expect(transcript.formatted(.vtt).hasPrefix("WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello.\n\n"))
  }
}
