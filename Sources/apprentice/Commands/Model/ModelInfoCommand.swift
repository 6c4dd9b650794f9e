import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Settings

/// `apprentice model info`.
struct ModelInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "What a model holds, and what it needs in memory.",
    discussion: """
      Read from the headers alone. Serving counts the weights as 'serve' keeps them by default and a cache of --tokens tokens; \
      training adapters, the frozen weights and what a pass of as many tokens keeps.

      EXAMPLE:
        apprentice model info models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf
        apprentice model info runs/sft --tokens 32768 --json
      """)

  @Argument(help: .init("A checkpoint, a run, adapters or a GGUF file.", valueName: "path"))
  var model: String

  @Option(in: .count(), help: .init("Tokens in the cache, and in a pass of training.", valueName: "count"))
  var tokens = 4096

  @Option(in: .count(), help: .init("The rank of adapters.", valueName: "rank"))
  var rank = 8

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let found = try ModelSummary(of: ModelFolder.resolve(model))
    output.show(try document(found), text: text(found))
  }

  private func document(_ found: ModelSummary) throws -> JSONValue {
    let c = found.configuration
    return [
      "path": .string(found.place.path), "format": .string(found.format),
      "type": found.scheme.map { .string($0.rawValue) } ?? .null,
      "family": .string(c.family.rawValue), "parameters": .int(found.parameters), "layers": .int(c.layers),
      "hidden_size": .int(c.width), "heads": .int(c.heads), "key_value_heads": .int(c.keyValueHeads),
      "vocabulary": .int(c.vocabularySize), "context": .int(c.contextLength),
      "tensors": .array(
        found.groups.map {
          [
            "type": .string($0.type), "tensors": .int($0.tensors), "parameters": .int($0.parameters),
            "bytes": .int($0.bytes),
          ]
        }),
      "adapters": .array(found.adapters.map { .string($0.path) }), "adapter_parameters": .int(found.adapterParameters),
      "tokenizer": found.tokenizerKind.map { .string($0) } ?? .null, "tokens": .int(found.tokens),
      "bos": found.beginning.map { .string($0) } ?? .null, "ends": .array(found.ends.map { .string($0) }),
      "chat_template": .bool(found.hasChatTemplate),
      "memory": [
        "weights": .int(found.weightBytes), "cache_per_token": .int(found.cacheBytesPerToken),
        "serving": .int(found.servingBytes(tokens: tokens)),
        "adapters": .int(found.adapterBytes(rank: rank, tokens: tokens)),
        "tokens": .int(tokens), "rank": .int(rank),
      ],
    ]
  }

  private func text(_ found: ModelSummary) -> String {
    let c = found.configuration
    func size(_ bytes: Int) -> String { MachineMemory.text(Double(bytes)) }
    var lines = [
      "\(found.place.path): \(c.family.rawValue), \(found.format)\(found.scheme.map { " \($0.rawValue)" } ?? ""), "
        + "\(found.parameters) parameters, \(size(found.fileBytes))",
      "shape      \(c.layers) layers of \(c.width), \(c.heads) heads of \(c.headWidth) with \(c.keyValueHeads) of keys, "
        + "feed-forward \(c.feedForwardWidth)\(c.tiesEmbeddings ? ", tied table" : "")",
      "context    \(c.contextLength) tokens" + (c.slidingWindow.map { ", windows of \($0)" } ?? ""),
      "tensors    "
        + found.groups.map { "\($0.tensors) \($0.type) (\(size($0.bytes)))" }.joined(separator: ", "),
    ]
    if !found.adapters.isEmpty {
      lines.append(
        "adapters   \(found.adapters.map(\.path).joined(separator: ", ")): \(found.adapterParameters) parameters")
    }
    if let kind = found.tokenizerKind {
      lines.append(
        "tokenizer  \(kind), \(found.tokens) tokens; begins \(found.beginning ?? "without a token"), ends "
          + (found.ends.isEmpty ? "never" : found.ends.joined(separator: " or "))
          + (found.hasChatTemplate ? "; chat template" : "; no chat template"))
    } else {
      lines.append("tokenizer  none")
    }
    lines += [
      "serving    \(size(found.servingBytes(tokens: tokens))) with \(tokens) tokens in the cache "
        + "(weights \(size(found.weightBytes)), \(found.cacheBytesPerToken) bytes a token)",
      "adapters   \(size(found.adapterBytes(rank: rank, tokens: tokens))) to train some of rank \(rank) with "
        + "\(tokens) tokens in a pass",
    ]
    return lines.joined(separator: "\n")
  }
}
