import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Torch

/// Training low-rank adapters instead of the whole model; names are PEFT's.
struct AdapterOptions: ParsableArguments {
  @Option(help: .init("Train adapters of this rank beside the frozen model; 0 trains the model.", valueName: "rank"))
  var loraR = 0

  @Option(help: .init("The adapters' factor is this over the rank.", valueName: "alpha"))
  var loraAlpha = 16.0

  @Option(help: .init("Features of the adapters' inputs that are dropped in fine-tuning.", valueName: "probability"))
  var loraDropout = 0.0

  @Option(
    parsing: .upToNextOption,
    help: .init("The layers that get adapters, such as q_proj v_proj.", valueName: "name"))
  var loraTargetModules = [LowRankConfiguration.allLinear]

  @Option(
    help: .init(
      "How the frozen model's layers are kept under adapters: float32, bfloat16, int8 or int4 (the last three on the CPU).",
      valueName: "format"))
  var weights = WeightFormat.float32

  @Flag(help: "Train the lengths of the weights' rows apart from their directions (DoRA).")
  var useDora = false

  @Flag(help: "Divide alpha by the root of the rank (rsLoRA).")
  var useRslora = false

  func validate() throws {
    guard loraR >= 0, loraAlpha > 0, (0..<1).contains(loraDropout) else {
      throw ValidationError(
        "--lora-r must not be negative, --lora-alpha must be positive and --lora-dropout from 0 to below 1.")
    }
    guard weights == .float32 || loraR > 0 else {
      throw ValidationError("--weights \(weights.rawValue) freezes the model: give --lora-r too")
    }
    guard weights == .float32 || !useDora else {
      throw ValidationError("--weights \(weights.rawValue) can't be had with --use-dora")
    }
  }

  /// The settings; nil where the whole model is trained.
  ///
  /// - Parameter base: the base's folder, noted in what is written.
  func settings(base: URL) -> LowRankConfiguration? {
    guard loraR > 0 else { return nil }
    var made = LowRankConfiguration(
      rank: loraR, alpha: loraAlpha, targets: loraTargetModules, dropout: loraDropout,
      isRankStabilized: useRslora, isWeightDecomposed: useDora)
    made.base = base.standardizedFileURL.path
    return made
  }

  /// A run's manifest with the adapters' settings where there are some: a run does not go on with others.
  func noted(in manifest: [String: JSONValue]) throws -> [String: JSONValue] {
    guard loraR > 0 else { return manifest }
    var made = manifest
    made["adapters"] = [
      "r": .int(loraR), "lora_alpha": .double(loraAlpha), "lora_dropout": .double(loraDropout),
      "target_modules": .array(loraTargetModules.map { .string($0) }), "use_dora": .bool(useDora),
      "use_rslora": .bool(useRslora), "weights": .string(weights.rawValue),
    ]
    return made
  }

  /// A policy that leaves its reference as it is: adapters over it, or a copy.
  func policy(over reference: Decoder, at path: String, seed: UInt64) throws -> Decoder {
    loraR > 0 ? try model(over: reference, at: path, seed: seed) : try reference.copy()
  }

  /// The model to train: the one given, or adapters over it.
  func model(over base: Decoder, at path: String, seed: UInt64) throws -> Decoder {
    guard let settings = settings(base: try ModelFolder.resolve(path)) else { return base }
    if let format = weights.packing, !base.isQuantized { try base.quantizeLayers(format) }
    return try base.adapted(settings, generator: Generator(seed: seed, device: base.device))
  }
}
