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
  /// - Throws: `SafetensorsError`, which says what to do where they are of another kind.
  static func weights(of folder: URL) throws -> any WeightFile {
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
      if Safetensors.isForeign(url.lastPathComponent) {
        return foreign(url.lastPathComponent, in: url.deletingLastPathComponent())
      }
      return CheckpointError(
        path: url.path,
        message: url.pathExtension == "safetensors"
          ? "these are weights without their config.json: name the folder that holds both"
          : "this file is no model: name a Hugging Face folder or a .gguf file")
    }
    if let other = Safetensors.foreignWeights(in: url) { return foreign(other, in: url) }
    return CheckpointError(path: url.path, message: "no config.json in this folder: is it a Hugging Face checkpoint?")
  }

  private static func contents(of folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  }

  private static func foreign(_ name: String, in folder: URL) -> CheckpointError {
    CheckpointError(path: folder.path, message: Safetensors.wayOut(from: name, in: folder))
  }
}
