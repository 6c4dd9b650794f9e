import Alignment
import ArgumentParser
import Foundation
import LanguageModels
import NeuralNetworks
import Serving
import Tokenization
import Torch
import Training
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

  @Option(help: .init("What requests call it; the folder's name unless given.", valueName: "name"))
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
    let command = self
    let isEmbedder = TextEmbedder.isOne(try ModelFolder.resolve(model))
    let named =
      (isEmbedder ? [(name: name ?? Self.name(of: model), path: model)] : [])
      + embedder.map { entry in
        let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
        return (name: parts[0], path: parts[1])
      }
    let models = isEmbedder ? nil : try await ModelHost(settings: limits) { try command.load() }
    let embedders =
      named.isEmpty
      ? nil
      : try await EmbeddingHost {
        try named.map { name, path in
          let found = try TextEmbedder(
            contentsOf: try ModelFolder.resolve(path), device: try Device(parsing: command.inference.device))
          if let packing = command.inference.weights.packing { try found.pack(packing) }
          return (name, found)
        }
      }
    let server = try ModelServer(host: models, embedders: embedders, settings: settings)
    if let models {
      Log.info("\(models.names.joined(separator: ", ")): \(models.configuration.parameterCount) parameters")
      Log.info(models.cacheSummary)
    }
    for model in embedders?.models ?? [] {
      Log.info("\(model.name): vectors of \(model.width) features, of texts of up to \(model.maximumTokens) tokens")
    }
    let address = host
    try await server.run { Log.info("listening on http://\(address):\($0)") }
  }

  /// Runs on the models' own thread.
  private func load() throws -> ServedModels {
    let place = try Device(parsing: inference.device)
    let packing = inference.weights.packing ?? .float32
    let (base, tokenizer) = try ModelFolder.load(
      model, device: place, keepingBlocks: inference.weights.keepsBlocks, chatTemplate: template.chatTemplate)
    var served = ServedModels(name ?? Self.name(of: model), base, tokenizer: tokenizer)
    // Before the adapters, which share the base's layers as they are then.
    try base.pack(packing)
    for entry in adapter {
      let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
      served.add(parts[0], try Checkpoint.loadAdapters(try ModelFolder.resolve(parts[1]), over: base).model)
    }
    served.draft = try inference.loadDraft(for: base, tokenizer)
    try served.draft?.pack(packing)
    if let reward {
      let scorer = try ModelFolder.loadReward(reward, for: base, device: place)
      served.judge = RewardJudge(scorer, endOfText: base.configuration.endOfText, name: reward)
    }
    return served
  }

  /// The name of a model's folder; of a run's checkpoint, the run's.
  private static func name(of path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
  }
}
