import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Serving
import Torch
import Settings

/// `apprentice serve`.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve a model to programs written for OpenAI's interface.",
    discussion: """
      Chat and text completions with streaming, tools and schemas, embeddings, tokenization, rewards, and Prometheus \
      metrics. What a request leaves open the model's generation_config.json says. It listens on this machine only unless --host says otherwise, which takes a key. SIGINT or SIGTERM \
      lets running answers end.

      EXAMPLE:
        apprentice serve --model runs/sft --port 8080
        curl localhost:8080/v1/completions -H 'Content-Type: application/json' \\
          -d '{"model": "sft", "prompt": "Once upon", "max_tokens": 16}'
      """)

  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(help: .init("What requests call it; the folder's or file's name unless given.", valueName: "name"))
  var name: String?

  @Option(help: .init("The address to listen on.", valueName: "address"))
  var host = "127.0.0.1"

  @Option(in: .from(0, to: 65_535), help: .init("The port to listen on; 0 takes a free one.", valueName: "number"))
  var port = 8080

  @Option(help: .init("A key that opens it; APPRENTICE_API_KEY does the same unseen.", valueName: "key"))
  var apiKey: String?

  @Option(
    help: .init("JSON lines of keys: name, sha256, requests_per_minute, concurrent_requests.", valueName: "file"))
  var apiKeys: String?

  @Option(
    help: .init(
      "An origin whose pages may use it in a browser, or '*'; pages of this machine may unless --host opens it to others.",
      valueName: "origin"))
  var corsOrigin: [String] = []

  @Option(help: .init("Adapters over the model, served under a name of their own.", valueName: "name=folder"))
  var adapter: [String] = []

  @Option(
    help: .init("A model that makes vectors for /v1/embeddings, under a name of its own.", valueName: "name=path"))
  var embedder: [String] = []

  @Option(help: .init("A reward model for /v1/score.", valueName: "folder"))
  var reward: String?

  @Option(
    in: .count(from: 16),
    help: .init(
      "How many tokens the key-value cache holds; 65536 unless given, or what fits into half of the free memory.",
      valueName: "count"))
  var cacheTokens: Int?

  @Option(in: .count(), help: .init("The most completions that are drawn at once.", valueName: "count"))
  var batch = 64

  @Option(
    in: .count(), help: .init("The most prompt tokens that are read between two tokens of others.", valueName: "count"))
  var prefillTokens = 512

  @Option(in: .count(), help: .init("How many completions may wait; more are answered with 429.", valueName: "count"))
  var maxWaiting = 256

  @Option(
    in: .from(0, to: 16), help: .init("Tokens that prompt look-up drafts at a time; 0 for none.", valueName: "count"))
  var lookupTokens = 0

  @OptionGroup var inference: InferenceOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    for (flag, entries) in [("adapter", adapter), ("embedder", embedder)] {
      for entry in entries where entry.split(separator: "=", maxSplits: 1).count != 2 {
        throw ValidationError("--\(flag) \(entry): write NAME=FOLDER")
      }
    }
  }

  func run() async throws {
    var settings = ModelServer.Settings()
    settings.address = host
    settings.port = port
    if let key = apiKey ?? ProcessInfo.processInfo.environment["APPRENTICE_API_KEY"], !key.isEmpty {
      settings.keys.append(APIKey(key: key))
    }
    if let apiKeys { settings.keys += try APIKey.read(URL(fileURLWithPath: apiKeys)) }
    if !corsOrigin.isEmpty { settings.origins = corsOrigin }
    try settings.validate()
    var limits = ModelHost.Settings()
    limits.limits = .init(
      batch: batch, prefillTokens: prefillTokens, reusesPrefixes: true, draftTokens: inference.draftTokens)
    limits.cacheTokens = cacheTokens
    limits.mostWaiting = maxWaiting
    limits.lookupTokens = lookupTokens
    limits.defaults = try ModelFolder.generationDefaults(model).parameters()
    var source = ServedModels.Source(model: model)
    source.name = name
    func named(_ entries: [String]) -> [(name: String, folder: String)] {
      entries.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }.map { ($0[0], $0[1].expandingHome) }
    }
    source.adapters = named(adapter)
    source.embedders = named(embedder)
    (source.draft, source.reward) = (inference.draftModel, reward)
    (source.chatTemplate, source.weights) = (template.chatTemplate, inference.memory.settings.weights)
    source.device = try Device(parsing: inference.device)
    let server = try await ModelServer(source: source, limits: limits, settings: settings)
    for line in server.summary { Log.info(line) }
    let address = host
    try await server.run { Log.info("listening on http://\(address):\($0)") }
  }
}
