import Alignment
public import ArgumentParser
public import LanguageModels
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

  @Option(
    help: .init(
      """
      Weights in memory: float32, bfloat16, int8 or int4 (the last two on the CPU only). auto keeps a GGUF file's own blocks and \
      is float32 otherwise.
      """, valueName: "format"))
  var weights = WeightFormat.auto

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  /// The draft model, if one is named, checked against the model that it drafts for.
  func loadDraft(for model: LanguageModels.Decoder, _ tokenizer: Tokenizer) throws -> LanguageModels.Decoder? {
    try draftModel.map { try ModelFolder.loadDraft($0, for: model, tokenizer, device: model.device) }
  }
}

extension WeightFormat: ExpressibleByArgument {}
