public import ArgumentParser
public import LanguageModels

/// `apprentice model`.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Look at models, convert them between formats, merge adapters into them.",
    discussion: """
      EXAMPLE:
        apprentice model info models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf
        apprentice model convert --model runs/sft --out sft.gguf --type Q4_K_M
        apprentice model merge --model runs/sft --out sft-merged
      """,
    subcommands: [ModelInfoCommand.self, ModelConvertCommand.self, ModelMergeCommand.self])
}

extension QuantizationScheme: ExpressibleByArgument {
  /// The scheme of a name in any case.
  public init?(argument: String) { self.init(name: argument) }

  /// The names that the help screen lists.
  public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}

extension ModelConversion.Report {
  /// The tensors by type, and how large they are, in words.
  var summary: String {
    let types = tensors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
    return "\(types.joined(separator: ", ")); \(bytes) bytes"
  }
}
