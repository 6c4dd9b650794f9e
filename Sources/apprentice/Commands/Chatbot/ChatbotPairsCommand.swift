import ArgumentParser
import Chatbot
import Documents
import Settings

/// `apprentice chatbot pairs`.
struct ChatbotPairsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairs",
    abstract: "Combine a personality's parts to questions and answers, as JSON Lines.",
    discussion: """
      EXAMPLE:
        apprentice chatbot pairs --count 3000 --out pairs.jsonl
        apprentice chatbot pairs --personality mine.yaml --count 500 --out mine.jsonl
      """)

  @Option(help: .init("A personality's parts (YAML or JSON); Grizzle's unless given.", valueName: "file"))
  var personality: String?

  @Option(in: .count(), help: .init("Pairs.", valueName: "count"))
  var count = 3000

  @Option(help: .init("Seeds what is combined.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("The file.", valueName: "file"))
  var out: String

  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let parts = try personality.map { try Personality(path: $0) } ?? .grizzle
    let pairs = try parts.pairs(count, seed: seed)
    try DurableFile.write(try pairs.map { try JSONValue(encoding: $0).serialized() + "\n" }.joined(), to: out)
    print("\(out): \(pairs.count) pairs, \(Set(pairs.map(\.answer)).count) answers")
  }
}
