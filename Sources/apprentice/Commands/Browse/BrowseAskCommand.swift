import ArgumentParser
import Browsing
import Documents
import Foundation

/// `apprentice browse ask`.
struct BrowseAskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask",
    abstract: "Let a model search, read and quote pages, and answer with references.",
    discussion: """
      Each action is shown on stderr as it comes. The answer cites the quotes; every reference names its page and the passage.

      EXAMPLE:
        apprentice browse ask "How do I decode JSON?" --model model.gguf --index python.index
      """)

  @Argument(help: .init("The question.", valueName: "question"))
  var question: String

  @OptionGroup var browsing: BrowsingOptions

  @Option(help: .init("A file to write the episode to, from which it goes through again exactly.", valueName: "file"))
  var record: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let index = try PageIndex(path: browsing.index)
    let episode = try browsing.browsingModel().episode(question, web: index, limits: browsing.limits) {
      action, isValid in
      Log.info(isValid ? action : "\(action) (can't be carried out)")
    }
    if let record { try DurableFile.write(try JSONEncoder().encode(episode), to: record) }
    let references = episode.references.map {
      "[\($0.number)] \($0.quote.title)\n    \($0.quote.url)\n    \($0.quote.text)"
    }
    output.show(
      episode.summary,
      text: ([episode.answer ?? "No answer: nothing was quoted, or the question was given up.", ""] + references)
        .joined(separator: "\n"))
  }
}
