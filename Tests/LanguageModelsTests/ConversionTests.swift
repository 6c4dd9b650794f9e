import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import TestSupport
import Testing
import Tokenization
import Torch

/// Models from one format into another, and what is said where that can't be.
@Suite struct ConversionTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A fixture's folder with a tokenizer in it.
  private func model(_ name: String, tokenizer: Tokenizer? = nil) throws -> URL {
    let source = try #require(fixtures).appendingPathComponent(name), target = folder.file(name)
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    for file in ["config.json", "generation_config.json", "model.safetensors"] {
      try FileManager.default.copyItem(at: source.appendingPathComponent(file), to: target.appendingPathComponent(file))
    }
    let words = try tokenizer ?? #require(try Checkpoint.load(GGUFTests.file("llama.gguf")).tokenizer)
    try words.write(to: target)
    return target
  }

  private func logits(_ model: Decoder, _ ids: [Int]) -> [Float] {
    withoutGradients { model.logits(model(PackedTokens([ids]))).array() }
  }

  /// A folder, the GGUF file that is made of it, and a folder made of that: the same numbers to the bit, but for Gemma's norms, which
  /// GGUF keeps as 1 + w.
  @Test(
    arguments: [
      "llama", "llama3", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "olmo2", "smollm", "gpt2", "yarn",
    ])
  func thereAndBack(_ name: String) throws {
    var source: URL
    if name.hasPrefix("gemma") {
      // The checkpoint fixtures divide scores by another number than the head's width, which llama.cpp's Gemma can't.
      source = try model(name)
      #expect { try ModelConversion(of: source).writeGGUF(to: folder.file("x.gguf")) } throws: {
        "\($0)".contains("queryScalar")
      }
      source = folder.file("of-gguf")
      _ = try ModelConversion(of: GGUFTests.file("\(name).gguf")).writeFolder(to: source)
    } else {
      source = try model(name)
    }
    let (original, tokenizer) = try Checkpoint.load(source)
    let file = folder.file("\(name).gguf")
    let report = try ModelConversion(of: source).writeGGUF(to: file, as: .f32)
    #expect(report.tensors.keys.sorted() == ["F32"])
    let (read, words) = try Checkpoint.load(file)
    // A sliding window that llama.cpp doesn't have is said, and makes no difference before it slides.
    let slides = ["mistral", "qwen2"].contains(name)
    #expect(report.notes.contains { $0.contains("window") } == (slides || name == "phi3"))
    let ids = (0..<(slides ? 7 : 40)).map { $0 * 11 % 64 }
    let expected = logits(original, ids), found = logits(read, ids)
    if name.hasPrefix("gemma") {
      #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-4 })
    } else {
      #expect(expected == found)
    }
    #expect(words?.encode("and in the an") == tokenizer?.encode("and in the an"))
    #expect(words?.eos == tokenizer?.eos && words?.bos == tokenizer?.bos)

    let back = folder.file("back")
    _ = try ModelConversion(of: file).writeFolder(to: back)
    #expect(logits(try Checkpoint.load(back).model, ids) == found)
    // GGUF to GGUF of the same types is the same bytes of tensors.
    let again = folder.file("again.gguf")
    let same = try ModelConversion(of: file).writeGGUF(to: again)
    #expect(same.tensors == report.tensors && same.bytes == report.bytes)
    #expect(logits(try Checkpoint.load(again).model, ids) == found)
  }

  /// The gguf package's files hold blocks of several types: converting keeps them, or makes others.
  @Test func blocksStayOrAreMadeAnew() throws {
    let source = try GGUFTests.file("llama.gguf"), kept = folder.file("kept.gguf")
    let report = try ModelConversion(of: source).writeGGUF(to: kept)
    #expect(report.notes.isEmpty && Set(report.tensors.keys).isSuperset(of: ["Q8_0", "Q4_0", "F16", "BF16", "F32"]))
    let ids = [1, 5, 9, 30, 2, 8]
    #expect(logits(try Checkpoint.load(kept).model, ids) == logits(try Checkpoint.load(source).model, ids))
    let summary = try ModelSummary(of: kept)
    #expect(summary.groups.reduce(0) { $0 + $1.tensors } == report.tensors.values.reduce(0, +))
    let other = try ModelConversion(of: source).writeGGUF(to: folder.file("q5.gguf"), as: .q5_0)
    #expect(other.notes.contains { $0.contains("a second time") })
    #expect(try ModelSummary(of: folder.file("q5.gguf")).scheme == .q5_0)
    // The parts of a split model become one file.
    let split = try ModelConversion(of: GGUFTests.file("split-00001-of-00003.gguf")).writeGGUF(
      to: folder.file("one.gguf"))
    #expect(split.tensors == report.tensors)
    #expect(
      logits(try Checkpoint.load(folder.file("one.gguf")).model, ids) == logits(try Checkpoint.load(source).model, ids))
  }

  /// Adapters of peft's, merged on the way: the logits are peft's.
  @Test(arguments: ["gpt2", "llama"], ["lora", "dora"]) func adaptersAreMerged(_ name: String, _ kind: String) throws {
    let base = try model(name)
    let adapters = try #require(fixtures).appendingPathComponent("\(name)-\(kind)")
    let rows = try Safetensors(try #require(fixtures).appendingPathComponent("\(name)/expected.safetensors")).tensor(
      "ids")
    let expected = try Safetensors(adapters.appendingPathComponent("expected.safetensors")).tensor("logits")
    func error(_ model: Decoder) -> Double {
      let rows = (0..<rows.size(0)).map { rows[$0].array(of: Int.self) }
      let logits = withoutGradients { model.logits(model(PackedTokens(rows))) }
      return (logits - expected.reshaped(logits.shape)).abs().max().item()
    }
    let conversion = try ModelConversion(of: base, adapters: [adapters])
    #expect(conversion.mergesAdapters)
    _ = try conversion.writeGGUF(to: folder.file("m.gguf"), as: .f32)
    #expect(error(try Checkpoint.load(folder.file("m.gguf")).model) < 1e-4)
    _ = try conversion.writeFolder(to: folder.file("merged"))
    let merged = try Checkpoint.load(folder.file("merged")).model
    #expect(error(merged) < 1e-4)
    // To the bit what a model with its adapters merged is in memory.
    let (adapted, _) = try Checkpoint.loadAdapters(adapters, over: try Checkpoint.loadModel(base))
    let copy = try adapted.copy()
    for (a, b) in zip(copy.parameters, merged.parameters) { #expect(a.tensor.array() == b.tensor.array(), "\(a.name)") }
    #expect(error(try Checkpoint.loadModel(base)) > 0.1)
    // Over the base as a GGUF file, and only in a type that is named.
    _ = try ModelConversion(of: base).writeGGUF(to: folder.file("base.gguf"), as: .f32)
    let over = try ModelConversion(of: folder.file("base.gguf"), adapters: [adapters])
    #expect { try over.writeGGUF(to: folder.file("n.gguf")) } throws: { "\($0)".contains("which type") }
    _ = try over.writeGGUF(to: folder.file("n.gguf"), as: .f32)
    #expect(error(try Checkpoint.load(folder.file("n.gguf")).model) < 1e-4)
    // Those of another model are refused by the layers' names.
    let other = try model(name == "gpt2" ? "qwen2" : "gpt2")
    #expect { try ModelConversion(of: other, adapters: [adapters]) } throws: { "\($0)".contains("another model") }
  }

  /// Matrices packed as they are read are those of a model that was packed afterwards.
  @Test(arguments: [PackedLinear.Format.bfloat16, .int8, .int4]) func packedWhileReading(_ format: PackedLinear.Format)
    throws
  {
    for name in ["llama", "qwen2", "gpt2"] {
      let source = try model(name, tokenizer: nil)
      let whole = try Checkpoint.load(source).model
      if format == .bfloat16 {
        // The tokens' table is read rounded too.
        withoutGradients {
          let table = whole.tokenEmbedding.weight
          table.copyInPlace(table.to(.bfloat16).to(.float32))
        }
      }
      try whole.pack(format)
      let (read, tokenizer) = try Checkpoint.load(source, packing: format)
      #expect(tokenizer != nil && read.isPacked && read.isQuantized)
      let ids = (0..<24).map { $0 * 7 % 64 }
      let expected = logits(whole, ids), found = logits(read, ids)
      #expect(expected == found, "\(name)")
      #expect(found.contains { $0 != 0 })
    }
  }

  @Test func autoKeepsBlocksAndRoundsOnlyWhereNobodyMeasures() throws {
    let source = try model("llama")
    #expect(try Checkpoint.load(source, weights: .auto, isExact: true).format == .float32)
    let drawn = try Checkpoint.load(source, weights: .auto)
    #expect(drawn.format == (PackedLinear.multipliesBFloat16 ? .bfloat16 : .float32))
    #expect(try Checkpoint.load(GGUFTests.file("gemma3.gguf"), weights: .auto).format == .auto)
    #expect(try Checkpoint.load(GGUFTests.file("gemma3.gguf"), weights: .float32).format == .float32)
    let half = try Checkpoint.load(GGUFTests.file("qwen3.gguf"), weights: .auto)
    #expect(half.format == (PackedLinear.multipliesBFloat16 ? .bfloat16 : .float32))
  }

  @Test func summariesSayWhatIsThere() throws {
    let source = try model("llama")
    let found = try ModelSummary(of: source)
    let size = try #require(
      try FileManager.default.attributesOfItem(atPath: source.appendingPathComponent("model.safetensors").path)[.size]
        as? Int)
    #expect(found.format == "safetensors" && found.fileBytes < size && found.fileBytes > size - 8192)
    #expect(found.parameters == found.groups.reduce(0) { $0 + $1.parameters })
    #expect(
      found.tokens == 64 && found.ends == ["</s>", "<unk>"] && found.beginning == "<s>" && !found.hasChatTemplate)
    #expect(found.servingBytes(tokens: 100) - found.servingBytes(tokens: 0) == 100 * found.cacheBytesPerToken)
    let c = found.configuration
    #expect(found.cacheBytesPerToken == 8 * c.layers * c.keyValueHeads * c.headWidth)
    let adapters = try ModelSummary(of: try #require(fixtures).appendingPathComponent("llama-lora"))
    #expect(adapters.adapters.count == 1 && adapters.adapterParameters > 0)
    let blocks = try ModelSummary(of: GGUFTests.file("llama.gguf"))
    #expect(
      blocks.format == "GGUF" && blocks.groups.contains { $0.type == "Q4_0" && $0.bytes == $0.parameters / 32 * 18 })
  }

  // MARK: Refusals

  @Test func whatCanNotBeConvertedIsSaid() throws {
    let source = try model("llama"), file = folder.file("x.gguf")
    func refused(_ says: String..., by body: () throws -> Void) {
      #expect { try body() } throws: { error in says.allSatisfy { "\(error)".contains($0) } }
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
    let neox = try model("gpt_neox")
    refused("gpt_neox", "can't be written") { _ = try ModelConversion(of: neox).writeGGUF(to: file) }
    try FileManager.default.removeItem(at: source.appendingPathComponent("tokenizer.json"))
    refused("no tokenizer") { _ = try ModelConversion(of: source).writeGGUF(to: file) }
    // A tokenizer of a kind that GGUF has no name for, and one of more tokens than there are rows.
    let small = try Tokenizer(document: ["model": ["type": "WordLevel", "vocab": ["a": 0], "unk_token": "a"]])
    try small.write(to: source)
    refused("WordLevel") { _ = try ModelConversion(of: source).writeGGUF(to: file) }
    try #require(TinyModel.tokenizer).write(to: source)
    refused("284 tokens", "96 rows") { _ = try ModelConversion(of: source).writeGGUF(to: file) }
    refused("over itself") { _ = try ModelConversion(of: source).writeFolder(to: source) }
    // A reward model's head has no place in the file.
    let scorer = try model("qwen2")
    let (whole, words) = try Checkpoint.load(scorer)
    try Checkpoint.save(whole, tokenizer: words, to: folder.file("scorer"), extra: [("score.weight", .zeros([1, 32]))])
    refused("score.weight", "no place") { _ = try ModelConversion(of: folder.file("scorer")).writeGGUF(to: file) }
    _ = try ModelConversion(of: folder.file("scorer")).writeFolder(to: folder.file("scorer-copy"))
    #expect(try Safetensors(folder.file("scorer-copy")).contains("score.weight"))
  }

  @Test func weightsThatArePickledAreRefusedWithTheWayOut() throws {
    let source = try model("llama")
    let weights = source.appendingPathComponent("model.safetensors")
    try FileManager.default.removeItem(at: weights)
    for name in ["pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "consolidated.00.pth", "tf_model.h5"] {
      let file = source.appendingPathComponent(name)
      try Data([0x80, 2]).write(to: file)
      for place in [source, file] {
        #expect { try Checkpoint.load(place) } throws: { error in
          ["'\(name)'", "save_pretrained", "safetensors"].allSatisfy { "\(error)".contains($0) }
        }
      }
      try FileManager.default.removeItem(at: file)
    }
    #expect { try Checkpoint.load(source) } throws: { "\($0)".contains("model.safetensors") }
  }

  @Test func aFolderOfOneGGUFIsThatModel() throws {
    let place = folder.file("downloads")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    func put(_ name: String, as other: String) throws {
      try FileManager.default.copyItem(at: GGUFTests.file(name), to: place.appendingPathComponent(other))
    }
    try put("split-00002-of-00003.gguf", as: "m-00002-of-00003.gguf")
    #expect { try Checkpoint.load(place) } throws: { "\($0)".contains("not the first") }
    try put("split-00001-of-00003.gguf", as: "m-00001-of-00003.gguf")
    try put("split-00003-of-00003.gguf", as: "m-00003-of-00003.gguf")
    #expect(try Checkpoint.load(place).tokenizer?.encode("an the") == [1, 34, 32])
    #expect(try Checkpoint.loadConfiguration(place) == Checkpoint.loadConfiguration(GGUFTests.file("llama.gguf")))
    #expect(try Checkpoint.loadTokenizer(place).eos == 2)
    #expect(Checkpoint.name(of: try Checkpoint.located(place)) == "m")
    #expect(Checkpoint.name(of: folder.file("Model-Q4_K_M.gguf")) == "Model-Q4_K_M")
    try put("qwen2.gguf", as: "other.gguf")
    #expect { try Checkpoint.load(place) } throws: { error in
      ["several models", "m-00001-of-00003.gguf", "other.gguf"].allSatisfy { "\(error)".contains($0) }
    }
  }
}
