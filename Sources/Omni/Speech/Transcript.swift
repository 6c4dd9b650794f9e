public import Documents
import Foundation

/// The text of a recording in segments with their times.
public struct Transcript: Sendable, Equatable {
  /// Some words and when they were spoken.
  public struct Segment: Sendable, Equatable {
    /// Seconds from the recording's begin.
    public var start: Double
    /// Seconds from the recording's begin.
    public var end: Double
    /// The words, with the space before them.
    public var text: String
    /// The model's tokens, those of times included.
    public var tokens: [Int]
    /// The temperature at which they were drawn.
    public var temperature: Double
    /// The mean of ln p over the window's tokens.
    public var meanLogProbability: Double
    /// Bytes of the window's text over those that zlib makes of it.
    public var compressionRatio: Double
    /// The probability of silence in the window.
    public var silence: Double

    /// A segment of all its parts.
    package init(
      start: Double, end: Double, text: String, tokens: [Int], temperature: Double, meanLogProbability: Double,
      compressionRatio: Double, silence: Double
    ) {
      (self.start, self.end, self.text, self.tokens, self.temperature) = (start, end, text, tokens, temperature)
      (self.meanLogProbability, self.compressionRatio, self.silence) = (meanLogProbability, compressionRatio, silence)
    }
  }

  /// The language's code.
  public var language: String
  /// The probability of the language, 1 where it was given.
  public var languageProbability: Double
  /// The recording's length.
  public var seconds: Double
  /// The segments in their order.
  public var segments: [Segment]

  /// A transcript of all its parts.
  package init(language: String, languageProbability: Double, seconds: Double, segments: [Segment]) {
    (self.language, self.languageProbability) = (language, languageProbability)
    (self.seconds, self.segments) = (seconds, segments)
  }

  /// All words.
  public var text: String { segments.map(\.text).joined().trimmingCharacters(in: .whitespaces) }

  /// The document in the shape of OpenAI's `verbose_json`.
  public var json: JSONValue {
    [
      "task": "transcribe", "language": .string(language), "language_probability": .double(languageProbability),
      "duration": .double(seconds), "text": .string(text),
      "segments": .array(
        segments.enumerated().map { i, segment in
          [
            "id": .int(i), "start": .double(segment.start), "end": .double(segment.end), "text": .string(segment.text),
            "tokens": .array(segment.tokens.map { .int($0) }), "temperature": .double(segment.temperature),
            "avg_logprob": .double(segment.meanLogProbability),
            "compression_ratio": .double(segment.compressionRatio), "no_speech_prob": .double(segment.silence),
          ]
        }),
    ]
  }

  /// A form of subtitles, or plain text.
  public enum Form: String, Sendable, CaseIterable {
    /// Words only, a line a segment.
    case text
    /// SubRip.
    case srt
    /// WebVTT.
    case vtt
  }

  /// The transcript in a form, with a line break at its end.
  public func formatted(_ form: Form) -> String {
    func time(_ seconds: Double, _ point: String) -> String {
      let all = Int((seconds * 1000).rounded())
      return String(
        format: "%02d:%02d:%02d%@%03d", all / 3_600_000, all / 60_000 % 60, all / 1000 % 60, point, all % 1000)
    }
    func words(_ segment: Segment) -> String { segment.text.trimmingCharacters(in: .whitespaces) }
    func line(_ segment: Segment, _ point: String) -> String {
      "\(time(segment.start, point)) --> \(time(segment.end, point))\n\(words(segment))\n"
    }
    switch form {
    case .text: return segments.map { words($0) + "\n" }.joined()
    case .srt: return segments.enumerated().map { "\($0 + 1)\n\(line($1, ","))\n" }.joined()
    case .vtt: return "WEBVTT\n\n" + segments.map { line($0, ".") + "\n" }.joined()
    }
  }
}
