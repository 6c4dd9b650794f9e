import Alignment
public import Documents
public import LanguageModels
public import Tokenization
public import Torch

/// Programs from docstrings, judged by running them.
///
/// With a model it is measured on HumanEval; without one a small decoder is trained on the machine's own Python library and tuned on
/// generated functions.
public struct CodexRecipe: Recipe {
  /// Its models compute where they are told to.
  public static let usesDevice = true
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "codex", title: "Programs from docstrings, judged by running them",
    paper: "Chen et al. 2021, Evaluating Large Language Models Trained on Code",
    summary:
      "A small decoder learns Python from the machine's own standard library and writes functions from docstrings, a hundred tries each; "
      + "with --model a downloaded model writes HumanEval's, greedily and many times at two temperatures. Every sample is run with its tests "
      + "in a sandbox: pass@k by temperature, and the sample that is likeliest on average against chance and oracle.",
    data: ["HumanEval.jsonl.gz"])

  private let study: any CodexStudy

  /// The study that the options ask for.
  ///
  /// - Throws: `DataError` for files that aren't there.
  public init(_ options: RecipeOptions) throws {
    study = try options.model.map { try HumanEvalStudy(options, model: $0) } ?? ScratchStudy(options)
  }

  /// The sizes.
  public var configuration: [String: JSONValue] { get throws { try study.configuration } }
  /// The study's stages.
  public var plan: [PlannedStage] { study.plan }
  /// Runs the study.
  public func run(in run: RecipeRun) async throws -> RecipeFindings { try await study.run(in: run) }

  /// A model that programs are drawn from: a GGUF file's own blocks on a processor, bfloat16 on a GPU.
  public static func load(_ path: String, device: Device) throws -> (
    model: LanguageModels.Decoder, tokenizer: Tokenizer
  ) {
    let (model, tokenizer, _) = try ModelFolder.load(
      path, device: device, weights: device.kind == .cpu ? .auto : .bfloat16, isExact: true)
    return (model, tokenizer)
  }
}

/// One of the recipe's two studies.
protocol CodexStudy {
  /// Everything that decides the results.
  var configuration: [String: JSONValue] { get throws }
  /// All stages in their order.
  var plan: [PlannedStage] { get }
  /// Runs the stages.
  func run(in run: RecipeRun) async throws -> RecipeFindings
}
