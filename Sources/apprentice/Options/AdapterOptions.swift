import Alignment
import LanguageModels
import NeuralNetworks
import Tokenization
import Torch

extension SettingsOptions<AdapterSettings> {
  /// The model that training starts from, in the form in which it is kept under these adapters.
  func base(at path: String, device: Device, _ template: ChatTemplateOptions) throws -> (
    model: LanguageModels.Decoder, tokenizer: Tokenizer
  ) {
    try ModelFolder.load(
      path, device: device, keepingBlocks: settings.keepsBlocks, chatTemplate: template.chatTemplate)
  }

  /// A policy that leaves its reference as it is: adapters over it, or a copy.
  func policy(over reference: Decoder, at path: String, seed: UInt64) throws -> Decoder {
    settings.rank > 0 ? try model(over: reference, at: path, seed: seed) : try reference.copy()
  }

  /// The model to train: the one given, or adapters over it.
  func model(over base: Decoder, at path: String, seed: UInt64) throws -> Decoder {
    guard let configuration = settings.configuration(base: try ModelFolder.resolve(path)) else { return base }
    if let format = settings.weights.packing, !base.isQuantized { try base.quantizeLayers(format) }
    return try base.adapted(configuration, generator: Generator(seed: seed, device: base.device))
  }
}
