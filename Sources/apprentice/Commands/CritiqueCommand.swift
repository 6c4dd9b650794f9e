import ArgumentParser
import Documents
import Settings
import Summarization

/// `apprentice critique`.
struct CritiqueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "critique",
    abstract: "Find flaws in a text, each with the words that show it.",
    discussion: """
      Several critiques of each passage are drawn; those whose quote isn't in the text are thrown away, and the ones that \
      the model itself finds most helpful are kept. --format github prints a review in the shape that GitHub's API takes.

      EXAMPLE:
        apprentice critique essay.txt --model models/small.gguf
        apprentice critique summary.md --source article.txt --model models/small.gguf --best-of 8 --json
        apprentice critique README.md --model http://localhost:8080 --format github > review.json
      """)

  /// The forms in which critiques are printed.
  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json, github }

  @Argument(help: .init("The text.", valueName: "file"))
  var file: String

  @Option(
    help: .init(
      "A checkpoint, a run, a GGUF file, or the address of a server with OpenAI's interface.", valueName: "model"))
  var model: String

  @Option(in: .count(), help: .init("Critiques that are drawn of each passage.", valueName: "count"))
  var bestOf = 4

  @Option(in: .count(), help: .init("Critiques of a passage that are kept, at most.", valueName: "count"))
  var keep = 1

  @Option(help: .init("A text that this one must agree with, such as what it summarizes.", valueName: "file"))
  var source: String?

  @Option(help: .init("What to look for.", valueName: "text"))
  var focus: String?

  @Option(help: .init("text, json or github.", valueName: "format"))
  var format = Format.text

  @OptionGroup(title: "The model") var asking: EvaluatedModelOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var job = CritiqueJob(file: file, model: model)
    (job.source, job.asking) = (source, asking.settings)
    (job.settings.samples, job.settings.kept, job.settings.focus) = (bestOf, keep, focus)
    let (result, text) = try job.run()
    if format == .github, !output.json {
      print(result.review(path: file, text: text).serialized(indent: 2))
    } else {
      var printing = output
      printing.json = output.json || format == .json
      printing.show(try result.document, text: result.text(path: file))
    }
  }
}
