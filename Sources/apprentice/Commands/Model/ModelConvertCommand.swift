import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Torch

/// `apprentice model convert`.
struct ModelConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a model as a GGUF file or as a Hugging Face folder.",
    discussion: """
      The name of what is written decides: NAME.gguf is one file for llama.cpp, Ollama and LM Studio, anything else a folder \
      of safetensors. Adapters, of a run or given by --adapter, are merged. Q4_K_M and its like give each tensor the \
      type that llama.cpp's quantiser gives it. A folder takes F32, F16 or BF16.

      EXAMPLE:
        apprentice model convert --model runs/sft --out sft.gguf --type Q4_K_M
        apprentice model convert --model model.gguf --out model-folder --type BF16
      """)

  @Option(help: .init("A checkpoint, a run, adapters or a GGUF file.", valueName: "path"))
  var model: String

  @Option(help: .init("The file, which ends in .gguf, or the folder to write.", valueName: "path"))
  var out: String

  @Option(
    help: .init(
      "The type of the matrices. Default: the model's own; a folder made of blocks is F32.", valueName: "type"))
  var type: QuantizationScheme?

  @Option(help: .init("Adapters to merge, one after the other.", valueName: "folder"))
  var adapter: [String] = []

  @Option(help: .init("The model's name inside a GGUF file; the folder's or file's unless given.", valueName: "name"))
  var name: String?

  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  private var isFile: Bool { out.lowercased().hasSuffix(".gguf") }

  func validate() throws {
    guard isFile || type?.isQuantized != true else {
      throw ValidationError(
        "--type \(type?.rawValue ?? ""): safetensors have no such type; name a .gguf file, or F32, F16 or BF16.")
    }
  }

  func run() throws {
    let conversion = try ModelConversion(
      of: ModelFolder.resolve(model), adapters: adapter.map { try ModelFolder.resolve($0) },
      chatTemplate: template.chatTemplate.map { try FileContents.text(of: $0) })
    let target = URL(fileURLWithPath: out)
    let report =
      isFile
      ? try conversion.writeGGUF(
        to: target, as: type, name: name ?? Checkpoint.name(of: URL(fileURLWithPath: model)), progress: Progress.show)
      : try conversion.writeFolder(to: target, dtype: try type.map { try DType(parsing: $0.elements) })
    for note in report.notes { Log.warning(note) }
    output.show(
      [
        "path": .string(out),
        "tensors": .object(JSONObject(report.tensors.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
        "bytes": .int(report.bytes), "notes": .array(report.notes.map { .string($0) }),
      ], text: "\(out): \(report.summary)")
  }

  /// A line on a terminal that says how far the writing is.
  private enum Progress {
    static func show(_ done: Int, of all: Int) {
      guard isatty(STDERR_FILENO) == 1 else { return }
      FileHandle.standardError.write(Data("\r\(done) of \(all) tensors\(done == all ? "\n" : "")".utf8))
    }
  }
}

extension QuantizationScheme {
  /// PyTorch's name of the type of a scheme without blocks.
  fileprivate var elements: String { self == .bf16 ? "bfloat16" : self == .f16 ? "float16" : "float32" }
}
