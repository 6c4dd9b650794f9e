import Alignment
import ArgumentParser
import LanguageModels
import Tokenization
import Torch
import Settings

/// Options of how a model is kept and drawn from, the same in `sample` and `serve`.
struct InferenceOptions: ParsableArguments {
  @Option(
    help: .init(
      "A small model with the same tokenizer that proposes tokens: faster, and the same distribution.",
      valueName: "folder"))
  var draftModel: String?

  @Option(in: .count(), help: .init("Tokens that the draft model proposes at a time.", valueName: "count"))
  var draftTokens = 4

  @OptionGroup var memory: SettingsOptions<InferenceSettings>

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  /// The draft model, if one is named, checked against the model that it drafts for.
  func loadDraft(for model: LanguageModels.Decoder, _ tokenizer: Tokenizer) throws -> LanguageModels.Decoder? {
    try draftModel.map {
      try ModelFolder.loadDraft(
        $0, for: model, tokenizer, device: model.device, weights: memory.settings.weights)
    }
  }
}

extension SettingsOptions<InferenceSettings> {
  /// A model that text is drawn from, with its tokenizer; says on stderr how its weights are kept.
  func model(
    _ path: String, device: Device, chatTemplate: String? = nil
  ) throws -> (LanguageModels.Decoder, Tokenizer) {
    let asked = settings.weights
    let (model, tokenizer, format) = try ModelFolder.load(
      path, device: device, weights: asked, chatTemplate: chatTemplate)
    if asked == .auto { Log.info("weights: \(format.kept)") }
    return (model, tokenizer)
  }

  /// A model that is measured, with its tokenizer.
  func measured(_ path: String, device: Device) throws -> (LanguageModels.Decoder, Tokenizer) {
    let (model, tokenizer, _) = try ModelFolder.load(
      path, device: device, weights: settings.weights, isExact: true)
    return (model, tokenizer)
  }
}
