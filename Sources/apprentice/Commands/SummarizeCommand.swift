import ArgumentParser
import Documents
import Foundation
import Summarization

/// `apprentice summarize`.
struct SummarizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summarize",
    abstract: "Summarize books and other long texts by recursion, with every sentence's source.",
    discussion: """
      Text, Markdown, HTML, EPUB, PDF (with poppler's pdftotext) and Project Gutenberg's files, of any length, by a local \
      model or a server with OpenAI's interface. Passages are summarized, then their summaries, up to one. The folder holds \
      summary.md, summary.json with the whole tree and where each sentence came from, and summary.html to look into and \
      edit. Stopped at any moment, it goes on with the same command; --edits has only what depends on an edit written again.

      EXAMPLE:
        apprentice summarize alice.txt --model models/small.gguf --out alice
        apprentice summarize alice.txt --model models/small.gguf --out alice --ask "Who stole the tarts?"
        apprentice summarize manual.epub --model http://localhost:8080 --length 300 --focus "what an administrator must do"
        apprentice summarize alice.txt --model models/small.gguf --out alice --edits edits.json
      """)

  @Argument(help: .init("Files or addresses of pages; - is standard input.", valueName: "file"))
  var sources: [String]

  @Option(
    help: .init(
      "A checkpoint, a run, a GGUF file, or the address of a server with OpenAI's interface.", valueName: "model"))
  var model: String

  @Option(help: .init("The folder of results; runs/summary/NAME unless given.", valueName: "folder"))
  var out: String?

  @Option(help: .init("A question to answer over the tree, with references; may be repeated.", valueName: "question"))
  var ask: [String] = []

  @Option(
    help: .init(
      "What questions are answered from, for comparison: tree, beginning or nothing.", valueName: "reading"),
    transform: Self.reading)
  var askFrom = BookSummarizer.Reading.tree

  @Option(help: .init("A file that says how to write.", valueName: "file"))
  var instructions: String?

  @Option(help: .init("A file of edits that summary.html handed out.", valueName: "file"))
  var edits: String?

  @Flag(help: "Only say what it would take.")
  var plan = false

  @OptionGroup(title: "The summary") var summary: SettingsOptions<SummarySettings>
  @OptionGroup(title: "The model") var asking: EvaluatedModelOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !sources.isEmpty else { throw ValidationError("name a file to summarize") }
    guard edits == nil || sources.count == 1 else {
      throw ValidationError("--edits belong to one tree: name one file.")
    }
  }

  func run() throws {
    var job = SummaryJob(sources: sources, model: model, out: out ?? SummaryJob.folder(for: sources))
    job.asking = asking.settings
    job.settings = summary.settings
    (job.instructions, job.edits, job.questions, job.reading) = (instructions, edits, ask, askFrom)
    job.plansOnly = plan
    job.log = { Log.info($0) }
    do {
      let results = try job.run()
      let documents = try results.map { try $0.document }
      output.show(
        documents.count == 1 ? documents[0] : .array(documents), text: results.map(\.text).joined(separator: "\n\n"))
    } catch let error as SummaryInterrupted {
      Log.raw("summarize: stopped with \(error.answered) answers kept; the same command goes on from there")
      throw ExitCode(130)
    }
  }

  private static func reading(_ word: String) throws -> BookSummarizer.Reading {
    guard let reading = BookSummarizer.Reading(rawValue: word) else {
      throw ValidationError("'\(word)' is no way of reading: it must be tree, beginning or nothing")
    }
    return reading
  }
}
