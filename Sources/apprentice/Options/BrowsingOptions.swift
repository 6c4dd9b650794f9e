import ArgumentParser
import Browsing
import Alignment
import Evaluation
import LanguageModels
import Settings
import Torch

/// Who browses, what and within which limits, the same in `browse ask` and `browse measure`.
struct BrowsingOptions: ParsableArguments {
  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String?

  @Option(help: .init("A server with OpenAI's interface instead.", valueName: "url"))
  var server: String?

  @Option(help: .init("The server's model; the first that it lists unless given.", valueName: "name"))
  var servedModel: String?

  @Option(help: .init("An index that 'apprentice browse index' made.", valueName: "file"))
  var index: String

  @Option(in: .count(), help: .init("The most actions of an episode.", valueName: "count"))
  var maxActions = 12

  @Option(in: .atLeast(200), help: .init("The bytes of a page that are seen at once.", valueName: "count"))
  var window = 1_600

  @Option(in: .count(), help: .init("How many results a search shows.", valueName: "count"))
  var results = 5

  @Option(in: .atLeast(0), help: .init("Divides the logits; 0 takes the most probable token.", valueName: "value"))
  var temperature = 0.0

  @Option(help: .init("Same seed, same actions.", valueName: "number"))
  var seed: UInt64 = 0

  @Flag(inversion: .prefixedNo, help: "Hold the model to actions that can be carried out.")
  var grammar = true

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>

  func validate() throws {
    guard (model == nil) != (server == nil) else { throw ValidationError("give either --model or --server") }
  }

  /// The limits.
  var limits: BrowsingLimits { BrowsingLimits(actions: maxActions, window: window, results: results) }

  /// The model that browses.
  func browsingModel() throws -> any BrowsingModel {
    if let server {
      return try ServerBrowsingModel(
        server: try CompletionsServer(url: server, model: servedModel, seed: seed), temperature: temperature)
    }
    let (decoder, tokenizer) = try memory.model(model ?? "", device: try Device(parsing: device))
    if !decoder.isPacked { try decoder.pack(.float32) }
    return EngineBrowsingModel(
      model: decoder, tokenizer: tokenizer, temperature: temperature, seed: seed, isConstrained: grammar)
  }
}
