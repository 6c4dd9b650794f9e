import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Torch

/// `apprentice model merge`.
struct ModelMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge adapters into their model and write it as a Hugging Face folder.",
    discussion: """
      A run's adapters, or a folder of PEFT's, know their base; --adapter gives others, merged one after the other. \
      A reward model's head is kept. For a GGUF file see 'model convert', which merges too.

      EXAMPLE:
        apprentice model merge --model runs/sft --out sft-merged
        apprentice model merge --model base --adapter tuned --out merged --dtype bfloat16
      """)

  @Option(help: .init("A run or a folder of adapters, or with --adapter any model.", valueName: "path"))
  var model: String

  @Option(help: .init("The folder to write.", valueName: "folder"))
  var out: String

  @Option(help: .init("Adapters to merge, one after the other.", valueName: "folder"))
  var adapter: [String] = []

  @Option(help: .init("The weights' type: float32, float16 or bfloat16. Default: the base's.", valueName: "type"))
  var dtype: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let conversion = try ModelConversion(
      of: ModelFolder.resolve(model), adapters: adapter.map { try ModelFolder.resolve($0) })
    guard conversion.mergesAdapters else {
      throw ValidationError("--model \(model): there are no adapters in it; give some with --adapter.")
    }
    let type = try dtype.map { try DType(parsing: $0) }
    guard type?.isFloatingPoint ?? true else {
      throw ValidationError("--dtype \(dtype ?? ""): weights are floating-point.")
    }
    let report = try conversion.writeFolder(to: URL(fileURLWithPath: out), dtype: type)
    output.show(
      [
        "path": .string(out),
        "tensors": .object(JSONObject(report.tensors.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
        "bytes": .int(report.bytes),
      ], text: "\(out): \(report.summary)")
  }
}
