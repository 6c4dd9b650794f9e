import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Settings
import Torch

/// `apprentice embed`.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Turn texts into vectors, or find the texts that are most like one.",
    discussion: """
      Texts are the lines of a plain file, or a field of JSON lines, JSON or CSV. Each becomes a line with an array of numbers; --json \
      makes one document of all, --out a safetensors file. A model is an encoder (BERT and its like) with the pooling that its \
      modules.json names, or any decoder.

      EXAMPLE:
        apprentice embed sentences.txt --model models/all-MiniLM-L6-v2 --json
        apprentice embed articles.jsonl --model models/all-MiniLM-L6-v2 --query "who eats fish?"
      """)

  @Argument(help: .init("A file with texts; - reads standard input.", valueName: "file"))
  var file: String

  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(help: .init("A text: the others are printed by how much they are like it.", valueName: "text"))
  var query: String?

  @Option(help: .init("The name of a text that the model wants before others, such as query.", valueName: "name"))
  var promptName: String?

  @Option(
    in: .count(), help: .init("How many features to keep, from the first on; all unless given.", valueName: "count"))
  var dimensions: Int?

  @Option(help: .init("A safetensors file to write the vectors to, as 'embeddings'.", valueName: "file"))
  var out: String?

  @Option(help: "The file's format, where its name doesn't tell: jsonl, json, csv, tsv or txt.")
  var format: DataFormat?

  @Option(help: .init("The field that holds the text.", valueName: "name"))
  var textColumn = "text"

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard query == nil || out == nil else { throw ValidationError("--query and --out can't be had together") }
  }

  func run() throws {
    let texts = try TextEmbedder.texts(of: file, format: format, column: textColumn)
    let embedder = try TextEmbedder(contentsOf: try ModelFolder.resolve(model), device: try Device(parsing: device))
    if let packing = memory.settings.weights.packing { try embedder.pack(packing) }
    if let query {
      let ranking = try embedder.ranking(of: texts, by: query, prompt: promptName, dimensions: dimensions)
      return output.show(
        [
          "query": .string(query),
          "results": .array(
            ranking.map { ["index": .int($0.index), "score": .double($0.score), "text": .string(texts[$0.index])] }),
        ],
        text: ranking.map { String(format: "%.4f", $0.score) + "  \(texts[$0.index])" }.joined(separator: "\n"))
    }
    let (tokens, cut) = try embedder.tokens(of: texts, prompt: promptName)
    if cut > 0 { Log.warning("\(cut) of \(texts.count) texts were cut to \(embedder.maximumTokens) tokens") }
    let vectors = try embedder.embeddings(ofTokens: tokens, dimensions: dimensions)
    let width = vectors.first?.count ?? dimensions ?? embedder.width
    if let out {
      let all = Tensor(vectors.flatMap { $0 }, shape: [vectors.count, width])
      try Safetensors.write([("embeddings", all)], to: URL(fileURLWithPath: out))
    }
    let arrays = vectors.map { JSONValue.array($0.map { .double(Double($0)) }) }
    output.show(
      [
        "model": .string(model), "dimensions": .int(width), "texts": .int(texts.count),
        "tokens": .int(tokens.reduce(0) { $0 + $1.count }), "cut": .int(cut),
        "embeddings": out == nil ? .array(arrays) : .null,
      ],
      text: out.map { "\(texts.count) vectors of \(width) features: \($0)" }
        ?? arrays.map { $0.serialized() }.joined(separator: "\n"))
  }
}
