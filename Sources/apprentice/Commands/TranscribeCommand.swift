public import ArgumentParser
import Documents
import Foundation
import Media
public import Omni

/// `apprentice transcribe`.
struct TranscribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transcribe",
    abstract: "Write down what is said in a recording.",
    discussion: """
      The model is Whisper, as a folder of transformers (config.json, model.safetensors) or of CTranslate2 (model.bin); \
      Scripts/fetch-models whisper-base makes models/whisper-base. WAV files are read here, all others by ffmpeg where it is \
      installed. Recordings may be long: they are read in windows of 30 seconds.

      EXAMPLE:
        apprentice transcribe speech.wav
        apprentice transcribe talk.mp3 --language de --format srt > talk.srt
      """)

  @Argument(help: .init("A recording; - reads standard input.", valueName: "file"))
  var file: String

  @Option(help: .init("A folder with a Whisper model.", valueName: "folder"))
  var model = "models/whisper-base"

  @Option(
    help: .init("The code of the language that is spoken, such as en; found out unless given.", valueName: "code"))
  var language: String?

  @Flag(help: "Write English whatever is spoken.")
  var translate = false

  @Option(help: "The form of the text: text, srt or vtt.")
  var format = Transcript.Form.text

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let sound = try SoundFile.read(file)
    let transcriber = try Transcriber(contentsOf: URL(fileURLWithPath: model))
    var options = Transcriber.Options()
    options.language = language
    options.translates = translate
    // Lines come as they are known, so that a long recording can be followed.
    let isFollowed = !output.json && format == .text
    let transcript = try transcriber.transcribe(sound, options) { segment in
      if isFollowed { output.show(.null, text: segment.text.trimmingCharacters(in: .whitespaces)) }
    }
    if transcript.segments.isEmpty { Log.warning("\(file): nobody speaks in it") }
    if !isFollowed { output.show(transcript.json, text: String(transcript.formatted(format).dropLast())) }
  }
}

extension Transcript.Form: ExpressibleByArgument {}
