import Documents
import Foundation
public import Media

/// A voice that reads words aloud: espeak-ng's.
///
/// ```swift
/// let sound = try Speaker(voice: "en-gb", speed: 150).say("three red circles")     // 16 kHz, trimmed
/// ```
public struct Speaker: Sendable, Hashable, Codable {
  /// The voice's name, with a variant after a plus.
  public var voice: String
  /// Words a minute.
  public var speed: Int

  /// A voice at a speed; espeak-ng itself takes its first voice for a name that it doesn't know.
  public init(voice: String, speed: Int) {
    self.voice = voice
    self.speed = speed
  }

  /// Whether espeak-ng is installed.
  public static var isInstalled: Bool { program != nil }

  private static var program: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/espeak-ng" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The words as sound at 16 kHz, silence at both ends cut to a few hundredths of a second.
  ///
  /// - Throws: `DataError` where espeak-ng isn't there, fails, or says nothing.
  public func say(_ text: String) throws -> Sound {
    guard let program = Self.program else {
      throw DataError(
        .inputOutput, path: "espeak-ng", problem: "the voices of the small world need espeak-ng, which isn't installed",
        advice: "Install it (apt-get install espeak-ng, brew install espeak-ng).")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["-v", voice, "-s", "\(speed)", "--stdout", "--", text]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0, !data.isEmpty else {
      throw DataError(
        .badData, path: voice,
        problem: "espeak-ng said nothing, or failed with status \(process.terminationStatus)",
        advice: "espeak-ng --voices lists them.")
    }
    let sound = try WAVFile.read(data, path: voice).mono().resampled(to: SoundCodec.rate)
    return Self.trimmed(sound)
  }

  /// The sound from 20 ms before the first sample that is heard to 40 ms after the last.
  static func trimmed(_ sound: Sound) -> Sound {
    let samples = sound.channels[0]
    guard let first = samples.firstIndex(where: { abs($0) > 0.01 }),
      let last = samples.lastIndex(where: { abs($0) > 0.01 })
    else { return sound }
    let from = max(0, first - sound.rate / 50), to = min(samples.count, last + sound.rate / 25)
    return Sound(rate: sound.rate, Array(samples[from..<to]))
  }
}
