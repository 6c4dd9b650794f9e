import Documents
import Foundation
import Media
import TestSupport
import Testing

/// Sound files as Python's and other programs' writers make them, and changes of rate against closed forms.
@Suite struct SoundTests {
  /// A file's bytes: a header of these fields, then samples.
  private func file(
    kind: Int = 1, channels: Int = 1, rate: Int = 8000, bits: Int = 16, samples: [UInt8], size: Int? = nil,
    before: [UInt8] = [], extensible: Bool = false
  ) -> Data {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var format = little(extensible ? 0xFFFE : kind, 2) + little(channels, 2) + little(rate, 4)
    format += little(rate * channels * bits / 8, 4) + little(channels * bits / 8, 2) + little(bits, 2)
    if extensible {
      format += little(22, 2) + little(bits, 2) + little(0, 4) + little(kind, 2) + [UInt8](repeating: 0, count: 14)
    }
    var data = Data("RIFF".utf8)
    data += little(0, 4)
    data += Array("WAVE".utf8) + before
    data += Array("fmt ".utf8) + little(format.count, 4)
    data += format
    data += Array("data".utf8) + little(size ?? samples.count, 4)
    return data + samples
  }

  @Test func whatIsWrittenIsRead() throws {
    let folder = try TemporaryFolder()
    let sound = Sound(rate: 22_050, channels: [[0, 0.5, -0.5, 1.5, -1], [0.25, -0.25, 0, 0, 0.125]])
    try WAVFile.write(sound, to: folder.path("a.wav"))
    let back = try SoundFile.read(folder.path("a.wav"))
    #expect(back.rate == 22_050)
    #expect(back.channels[0] == [0, 0.5, -0.5, 32_767 / 32_768, -1])
    #expect(back.channels[1] == sound.channels[1])
    #expect(back.mono().channels == [zip(back.channels[0], back.channels[1]).map { ($0 + $1) / 2 }])
  }

  /// Values that follow from the formats' definitions; the laws' from G.711's table (A-law 0x80 is 5504, µ-law 0x00 is −32124).
  @Test func allFormsOfSamples() throws {
    func first(_ kind: Int, _ bits: Int, _ bytes: [UInt8], extensible: Bool = false) throws -> Float {
      try WAVFile.read(file(kind: kind, bits: bits, samples: bytes, extensible: extensible), path: "a").channels[0][0]
    }
    #expect(try first(1, 8, [0]) == -1)
    #expect(try first(1, 8, [192]) == 0.5)
    #expect(try first(1, 16, [0, 0xC0]) == -0.5)
    #expect(try first(1, 24, [0, 0, 0xC0]) == -0.5)
    #expect(try first(1, 24, [0, 0, 0xC0], extensible: true) == -0.5)
    #expect(try first(1, 32, [0, 0, 0, 0x20]) == 0.25)
    #expect(try first(3, 32, [0, 0, 0xC0, 0x3F]) == 1.5)
    #expect(try first(3, 64, [0, 0, 0, 0, 0, 0, 0xE0, 0xBF]) == -0.5)
    #expect(try first(6, 8, [0x80]) == 5504 / 32_768)
    #expect(try first(7, 8, [0x00]) == -32_124 / 32_768)
    #expect(try first(7, 8, [0xFF]) == 0)
  }

  @Test func brokenHeaders() throws {
    let samples = [UInt8](repeating: 64, count: 200)
    // A stream's unknown length, a file that was cut off, a chunk before the format, a last frame that isn't whole.
    #expect(try WAVFile.read(file(samples: samples, size: 0), path: "a").count == 100)
    #expect(try WAVFile.read(file(samples: samples, size: 0xFFFF_FFFF), path: "a").count == 100)
    #expect(try WAVFile.read(file(samples: samples, size: 5000), path: "a").count == 100)
    #expect(
      try WAVFile.read(file(samples: samples, before: Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]), path: "a").count
        == 100)
    #expect(try WAVFile.read(file(channels: 11, samples: samples), path: "a").channels.count == 11)
    #expect(try WAVFile.read(file(channels: 11, samples: samples), path: "a").count == 9)
    #expect(try WAVFile.read(file(samples: []), path: "a").count == 0)
  }

  @Test(arguments: [
    ("", "empty"), ("RIFF", "no WAV file"), ("RIFF....WAVE", "no fmt chunk"), ("RIFX....WAVEfmt ", "RIFX"),
    ("RIFF....WAVEdata\u{2}\0\0\0ab", "before their format"),
  ])
  func whatIsNoFileSaysSo(_ content: String, _ message: String) {
    let error = #expect(throws: DataError.self) { try WAVFile.read(Data(content.utf8), path: "a.wav") }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("a.wav") == true)
  }

  @Test func whatCannotBeReadSaysWhy() throws {
    for (data, message) in [
      (file(kind: 2, bits: 4, samples: [1, 2, 3, 4]), "compressed (format 2)"),
      (file(channels: 0, samples: [1, 2]), "0 channels"), (file(rate: 0, samples: [1, 2]), "0 samples a second"),
      (file(bits: 12, samples: [1, 2]), "12 bits"),
      (file(kind: 3, bits: 32, samples: [0, 0, 0, 0, 0, 0, 0xC0, 0x7F]), "sample 2 is not a number"),
    ] {
      let error = #expect(throws: DataError.self) { try WAVFile.read(data, path: "a.wav") }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
  }

  /// No cut-off or bent file brings the reader down.
  @Test func mutatedFilesEndInSoundOrError() throws {
    let whole = [UInt8](file(kind: 3, channels: 2, bits: 32, samples: [UInt8](repeating: 0x3E, count: 64)))
    for cut in 0..<whole.count { _ = try? WAVFile.read(Data(whole.prefix(cut)), path: "a") }
    for place in 0..<48 {
      for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[place] = value
        _ = try? WAVFile.read(Data(bytes), path: "a")
      }
    }
  }

  private func tone(_ hertz: Double, rate: Int, count: Int) -> Sound {
    Sound(rate: rate, (0..<count).map { Float(sin(2 * .pi * hertz * Double($0) / Double(rate))) })
  }

  @Test(arguments: [(22_050, 16_000), (16_000, 48_000), (44_100, 16_000), (8000, 16_000), (16_000, 22_050)])
  func tonesStayTones(_ old: Int, _ new: Int) {
    let sound = tone(1000, rate: old, count: old / 2).resampled(to: new)
    let exact = tone(1000, rate: new, count: sound.count)
    #expect(sound.count == (old / 2 * new + old - 1) / old)
    let inside = 400..<sound.count - 400
    let worst = inside.map { abs(sound.channels[0][$0] - exact.channels[0][$0]) }.max() ?? 1
    #expect(worst < 1e-3, "\(worst)")
  }

  @Test func whatWouldFoldBackIsGone() {
    // 10 kHz has no place at 16 kHz: it would come back at 6.
    let sound = tone(10_000, rate: 44_100, count: 20_000).resampled(to: 16_000)
    let loud = sound.channels[0][300..<sound.count - 300].map { abs($0) }.max() ?? 1
    #expect(loud < 1e-3, "\(loud)")
    #expect(Sound(rate: 44_100, [Float](repeating: 0, count: 100)).resampled(to: 16_000).peak == 0)
    #expect(Sound(rate: 44_100, []).resampled(to: 16_000).count == 0)
  }
}
