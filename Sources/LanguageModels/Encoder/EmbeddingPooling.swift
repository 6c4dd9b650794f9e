import Documents
import Foundation
import NeuralNetworks
import Torch

/// The way from a text's hidden vectors to one, by the names of sentence-transformers' `pooling_mode_…`.
public enum EmbeddingPooling: String, Sendable, CaseIterable {
  /// The first token's vector.
  case first = "cls_token"
  /// The largest of each feature.
  case max = "max_tokens"
  /// The mean.
  case mean = "mean_tokens"
  /// The sum over the root of the length.
  case meanOverRoot = "mean_sqrt_len_tokens"
  /// The mean weighed by position, 1 for the first (Muennighoff 2022).
  case weightedMean = "weightedmean_tokens"
  /// The last token's vector.
  case last = "lasttoken"

  /// Of hidden vectors `[texts, length, width]` one each, `[texts, width]`.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let length = x.size(1)
    switch self {
    case .first: return x.select(0, axis: 1)
    case .last: return x.select(length - 1, axis: 1)
    case .max: return x.max(axis: 1)
    case .mean: return x.mean(axis: 1)
    case .meanOverRoot: return x.sum(axis: 1) / Double(length).squareRoot()
    case .weightedMean:
      let weights = Tensor((1...length).map(Float.init), shape: [1, length, 1]).to(device: x.device)
      return (x * weights).sum(axis: 1) / Double(length * (length + 1) / 2)
    }
  }
}

/// What sentence-transformers' files put after the transformer: pooling, projections, normalisation.
struct EmbeddingPipeline {
  enum Step {
    case pool([EmbeddingPooling])
    case project(Linear, Activation)
    case normalize
  }

  var steps: [Step]
  /// The most tokens of a text, where the files say.
  var maximumTokens: Int?
  /// Texts that are put before others, by their names, such as `query`.
  var prompts: [String: String] = [:]
  /// The name of the one that is put before all texts unless another is asked for.
  var defaultPrompt: String?
  /// Whether a prompt's own tokens are pooled too.
  var poolsPrompts = true

  /// What is done where no file says: the mean, scaled to length 1.
  static var usual: EmbeddingPipeline { EmbeddingPipeline(steps: [.pool([.mean]), .normalize]) }

  init(steps: [Step]) { self.steps = steps }

  /// Reads `modules.json` and what it names; nil where there is none.
  ///
  /// - Throws: ``CheckpointError`` that names the file and the module that isn't known.
  init?(_ folder: URL, device: Device) throws {
    let list = folder.appendingPathComponent("modules.json")
    guard FileManager.default.fileExists(atPath: list.path) else { return nil }
    steps = []
    for module in try Self.read(list).array ?? [] {
      guard let type = module["type"]?.string?.split(separator: ".").last, let path = module["path"]?.string,
        !path.contains(".."), !path.hasPrefix("/")
      else {
        throw CheckpointError(path: list.path, message: "has an entry without type, or a path outside the folder")
      }
      let place = path.isEmpty ? folder : folder.appendingPathComponent(path)
      switch type {
      case "Transformer":
        // What comes before the first step is the transformer, which must lie in the folder itself.
        guard steps.isEmpty, path.isEmpty || path == "0_Transformer" else {
          throw CheckpointError(path: list.path, message: "has a transformer at '\(path)' after others")
        }
      case "Pooling": steps.append(.pool(try pooling(place)))
      case "Dense": steps.append(try Self.projection(place, device: device))
      case "Normalize": steps.append(.normalize)
      case "Dropout": break
      default: throw CheckpointError(path: list.path, message: "the module '\(type)' is not supported")
      }
    }
    guard case .pool = steps.first else {
      throw CheckpointError(path: list.path, message: "has no pooling after the transformer")
    }
    for name in ["sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json"] {
      let file = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      maximumTokens = try Self.read(file)["max_seq_length"]?.int
    }
    let settings = folder.appendingPathComponent("config_sentence_transformers.json")
    if FileManager.default.fileExists(atPath: settings.path) {
      let json = try Self.read(settings)
      for (name, value) in json["prompts"]?.object?.members ?? [] { prompts[name] = value.string }
      defaultPrompt = json["default_prompt_name"]?.string
    }
  }

  private mutating func pooling(_ folder: URL) throws -> [EmbeddingPooling] {
    let file = folder.appendingPathComponent("config.json")
    let json = try Self.read(file)
    poolsPrompts = json["include_prompt"]?.bool ?? true
    let short = ["cls": EmbeddingPooling.first, "max": .max, "mean": .mean, "mean_sqrt_len": .meanOverRoot]
    let others = ["weightedmean": EmbeddingPooling.weightedMean, "lasttoken": .last]
    // Newer files name one mode, or several in a list.
    let names = json["pooling_mode"]?.string.map { [$0] } ?? json["pooling_mode"]?.array?.compactMap(\.string) ?? []
    var modes = names.compactMap { short[$0] ?? others[$0] }
    if names.isEmpty { modes = EmbeddingPooling.allCases.filter { json["pooling_mode_\($0.rawValue)"]?.bool == true } }
    guard !modes.isEmpty, modes.count == names.count || names.isEmpty else {
      throw CheckpointError(path: file.path, message: "names no way of pooling that is known")
    }
    return modes
  }

  private static func projection(_ folder: URL, device: Device) throws -> Step {
    let file = folder.appendingPathComponent("config.json")
    let json = try read(file)
    let name = json["activation_function"]?.string?.split(separator: ".").last.map(String.init) ?? "Identity"
    let known: [String: Activation] = [
      "Identity": .linear, "Tanh": .tanh, "ReLU": .relu, "GELU": .gelu, "SiLU": .silu, "Sigmoid": .sigmoid,
    ]
    guard let activation = known[name] else {
      throw CheckpointError(path: file.path, message: "the activation '\(name)' is not supported")
    }
    let weights = try Safetensors(folder)
    func tensor(_ name: String) throws -> Tensor {
      try withoutGradients { try weights.tensor(name).to(.float32).to(device: device).clone() }
    }
    let bias = weights.contains("linear.bias") ? try tensor("linear.bias") : nil
    return .project(Linear(weight: try tensor("linear.weight"), bias: bias), activation)
  }

  private static func read(_ file: URL) throws -> JSONValue {
    do { return try JSONValue(parsing: [UInt8](Data(contentsOf: file))) } catch {
      throw CheckpointError(path: file.path, message: "can't be read as JSON: \(error)")
    }
  }

  /// The vectors of texts whose hidden vectors lie in these runs, `[texts, width]`, in their order.
  func callAsFunction(_ hidden: Tensor, _ runs: [PackedTokens.Run]) -> Tensor {
    var x = hidden
    for step in steps {
      switch step {
      case .pool(let modes):
        let width = x.size(1)
        x = Tensor.concatenated(
          runs.map { run in
            let own = x.slice(run.rows).reshaped([run.count, run.length, width])
            return Tensor.concatenated(modes.map { $0(own) }, axis: -1)
          })
      case .project(let layer, let activation): x = activation(layer(x))
      case .normalize: x = Self.normalized(x)
      }
    }
    return x
  }

  /// Rows scaled to length 1.
  static func normalized(_ x: Tensor) -> Tensor {
    x / x.square().sum(axis: -1, keepAxes: true).sqrt().maximum(Tensor(1e-12, dtype: x.dtype, device: x.device))
  }

  /// Whether what comes out has length 1.
  var normalizes: Bool { steps.contains { if case .normalize = $0 { true } else { false } } }

  /// The features that come out of so many.
  func width(of hidden: Int) -> Int {
    steps.reduce(hidden) { width, step in
      switch step {
      case .pool(let modes): width * modes.count
      case .project(let layer, _): layer.weight.size(0)
      case .normalize: width
      }
    }
  }
}
