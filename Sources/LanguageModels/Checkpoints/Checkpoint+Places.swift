public import Foundation
import Tokenization
import Torch

extension Checkpoint {
  /// The file or folder that a path means: a folder that holds a GGUF file and no Hugging Face model means the file, of split
  /// ones the first.
  ///
  /// - Throws: ``CheckpointError`` where a folder holds several models.
  public static func located(_ url: URL) throws -> URL {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      return url
    }
    let names = contents(of: url)
    let isModel = names.contains { [Safetensors.fileName, Safetensors.indexName].contains($0) }
    let files = names.filter { $0.lowercased().hasSuffix(".gguf") }.sorted()
    guard !isModel, !hasAdapters(url), !files.isEmpty else { return url }
    // Of a split model the first part names the others.
    let firsts = files.filter { name in
      name.firstMatch(of: /-(\d{5})-of-\d{5}\.gguf$/).map { $0.1 == "00001" } ?? true
    }
    guard firsts.count == 1 else {
      throw CheckpointError(
        path: url.path,
        message: firsts.isEmpty
          ? "it holds parts of a split model and not the first, -00001-of-…; there are \(files.prefix(8).joined(separator: ", "))"
          : "it holds several models: name one of \(firsts.prefix(8).joined(separator: ", "))")
    }
    return url.appendingPathComponent(firsts[0])
  }

  /// The name under which a model is known: its folder's or file's, without the ending and the number of a part.
  public static func name(of url: URL) -> String {
    let last = url.standardizedFileURL.lastPathComponent
    guard last.lowercased().hasSuffix(".gguf") else { return last }
    return String(last.dropLast(".gguf".count).replacing(/-\d{5}-of-\d{5}$/, with: ""))
  }

  /// Opens a folder's weights.
  ///
  /// - Throws: ``CheckpointError`` that says what to do where they are of another kind, or a `SafetensorsError`.
  static func weights(of folder: URL) throws -> any WeightFile {
    let names = contents(of: folder)
    let isThere = names.contains { [Safetensors.fileName, Safetensors.indexName].contains($0) }
    if !isThere, let other = names.sorted().first(where: isPickled) { throw pickled(other, in: folder) }
    let file = try Safetensors(folder)
    return MXFP4Weights(file) ?? file
  }

  /// The tokenizer in a folder or GGUF file; nil if there is none.
  static func optionalTokenizer(_ place: URL) throws -> Tokenizer? {
    if GGUFFile.isOne(place) { return try tokenizer(of: GGUFFile(place)) }
    let isThere = FileManager.default.fileExists(atPath: place.appendingPathComponent("tokenizer.json").path)
    return isThere ? try Tokenizer(contentsOf: place) : nil
  }

  /// Says what stands at a path where a model was to be.
  static func noModel(at url: URL) -> CheckpointError {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      return CheckpointError(path: url.path, message: "no such folder")
    }
    guard isFolder.boolValue else {
      if isPickled(url.lastPathComponent) {
        return pickled(url.lastPathComponent, in: url.deletingLastPathComponent())
      }
      return CheckpointError(
        path: url.path,
        message: url.pathExtension == "safetensors"
          ? "these are weights without their config.json: name the folder that holds both"
          : "this file is no model: name a Hugging Face folder or a .gguf file")
    }
    let names = contents(of: url).sorted()
    if let other = names.first(where: isPickled) { return pickled(other, in: url) }
    return CheckpointError(path: url.path, message: "no config.json in this folder: is it a Hugging Face checkpoint?")
  }

  private static func contents(of folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  }

  /// Whether a file is PyTorch's own format, or another framework's.
  private static func isPickled(_ name: String) -> Bool {
    ["bin", "pt", "pth", "ckpt", "h5", "msgpack"].contains((name as NSString).pathExtension)
      && name.contains(/^(pytorch_model|consolidated|model|tf_model|flax_model|rust_model|ggml)/)
  }

  /// Pickled weights are programs: reading them runs whatever their author wrote.
  private static func pickled(_ name: String, in folder: URL) -> CheckpointError {
    CheckpointError(
      path: folder.path,
      message: """
        its weights are '\(name)' and not safetensors. PyTorch's files can run programs when they are read, so this doesn't read them. \
        Where you trust the publisher, convert once with transformers:
          python3 -c 'import sys, transformers as t; p = sys.argv[1]; t.AutoModelForCausalLM.from_pretrained(p, \
        torch_dtype="auto").save_pretrained(p)' '\(folder.path)'
        """)
  }
}
