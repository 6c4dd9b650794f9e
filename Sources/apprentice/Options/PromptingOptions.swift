import Alignment
import ArgumentParser
import Documents
import Evaluation
import LanguageModels
import Settings

/// How the tasks of an evaluation are asked.
struct PromptingOptions: ParsableArguments {
  @Flag(help: "Write prompts as conversations by the model's chat template.")
  var applyChatTemplate = false

  @Flag(inversion: .prefixedNo, help: "With a chat template, make examples turns of their own.")
  var fewshotAsMultiturn = true

  @Option(help: .init("Text before everything else.", valueName: "text"))
  var systemInstruction: String?

  @Option(help: .init("Seeds the choice of examples.", valueName: "number"))
  var fewshotSeed = 1234

  @Option(
    in: .count(from: 0),
    help: .init("Resamples of standard errors that need a bootstrap; 0 for none.", valueName: "count"))
  var bootstrapIters = 100_000

  @Option(
    help: .init("Settings of generated answers, such as max_gen_toks=64,temperature=0.7.", valueName: "key=value,…"))
  var genKwargs: String?

  /// The settings of generated answers.
  var generation: JSONObject {
    get throws {
      var made = JSONObject()
      for part in genKwargs?.split(separator: ",") ?? [] {
        let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
        guard pair.count == 2 else { throw ValidationError("--gen-kwargs: '\(part)' is no key=value") }
        let value = (try? JSONValue(parsing: Array(pair[1].lowercased().utf8))) ?? .string(pair[1])
        made[pair[0]] = value
      }
      return made
    }
  }

  func options(for model: any EvaluatedModel) throws -> EvaluationOptions {
    var options = EvaluationOptions(fewShotSeed: fewshotSeed, systemInstruction: systemInstruction)
    options.bootstrapResamples = bootstrapIters
    if applyChatTemplate { options.chat = try model.chatPrompting(isMultiturn: fewshotAsMultiturn) }
    return options
  }
}

/// The model of an evaluation: in memory, or behind HTTP.
struct EvaluatedModelOptions: ParsableArguments {
  @Option(help: .init("The name of a server's model. Default: the first that it lists.", valueName: "name"))
  var servedModel: String?

  @Option(
    help: .init(
      "The tokenizer of a server's model, so that prompts are cut where they are for models in memory.",
      valueName: "folder"))
  var tokenizer: String?

  @Option(in: .count(), help: .init("The context of a server's model, with --tokenizer.", valueName: "tokens"))
  var maxLength = 2048

  @Option(in: .count(), help: .init("Requests to a server that are under way at once.", valueName: "count"))
  var concurrency = 4

  @Flag(inversion: .prefixedNo, help: "Put the token that begins a text before each. Default: as the tokenizer does.")
  var addBosToken: Bool?

  @Option(in: .count(), help: .init("Answers that are drawn at once.", valueName: "count"))
  var batchSize = 64

  @Option(in: .count(), help: .init("The most tokens in one forward pass.", valueName: "count"))
  var microBatchTokens = 8192

  @Option(help: .init("Seeds answers that are drawn at a temperature.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var memory: SettingsOptions<InferenceSettings>

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var chat: ChatTemplateOptions

  /// What decides about how the model is opened and asked.
  var settings: EvaluatedModels.Settings {
    .init(
      servedModel: servedModel, tokenizer: tokenizer, maxLength: maxLength, concurrency: concurrency,
      addsBeginning: addBosToken, limits: .init(passTokens: microBatchTokens, batch: batchSize), seed: seed,
      weights: memory.settings.weights, device: device, chatTemplate: chat.chatTemplate)
  }

  func open(_ model: String) throws -> any EvaluatedModel { try EvaluatedModels.open(model, settings) }
}
