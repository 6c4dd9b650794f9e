import ArgumentParser
import Documents
import ScalingLaws
import Settings

/// `apprentice scaling source`.
struct ScalingSourceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "source",
    abstract: "Write text whose entropy is known, to hold a law's constant against.",
    discussion: """
      Documents of a probabilistic grammar in which every text has one derivation, so that their entropy has a closed \
      form. A model that knows the grammar loses that many nats a document, and none less; divide by the tokens of a \
      document to compare with L_inf.

      EXAMPLE:
        apprentice scaling source --documents 20000 --out corpus.jsonl
      """)

  @Option(in: .count(), help: .init("How many documents.", valueName: "count"))
  var documents = 10_000

  @Option(in: .from(1, to: 1_000), help: .init("How many symbols the grammar has.", valueName: "count"))
  var symbols = 12

  @Option(in: .from(2, to: 200), help: .init("How many productions each symbol has.", valueName: "count"))
  var choices = 6

  @Option(help: .init("The seed of the grammar and the documents.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("The file to write, one {\"text\"} a line.", valueName: "file"))
  var out: String

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let source = GrammarSource(symbols: symbols, choices: choices, seed: seed)
    try DurableFile.write(source.jsonLines(documents, seed: seed), to: out)
    output.show(
      [
        "file": .string(out), "documents": .int(documents), "nats_per_document": .double(source.entropy),
        "words_per_document": .double(source.meanWords),
      ],
      text: "\(out): \(documents) documents, \(source.summary)")
  }
}
