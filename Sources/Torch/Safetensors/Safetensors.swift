public import Foundation

/// Named tensors on disk: one safetensors file, or a folder of shards with an index, as Hugging
/// Face lays them out.
///
/// ```swift
/// try Safetensors.write([("weight", w), ("bias", b)], to: folder.appending(path: "model.safetensors"))
/// let saved = try Safetensors(folder)          // or the file itself
/// let w2 = try saved.tensor("weight")
/// ```
///
/// A folder is read through `model.safetensors.index.json` if it has one, else from its
/// `model.safetensors`.
public struct Safetensors: Sendable {
  /// The file or folder.
  public let url: URL
  /// Every tensor, in the order of the files.
  public let names: [String]
  /// The free text of the first file's header.
  public let metadata: [String: String]
  private let files: [String: SafetensorsFile]

  /// The name of a single file in a folder.
  public static let fileName = "model.safetensors"
  /// The name of a sharded folder's table of contents.
  public static let indexName = "model.safetensors.index.json"

  /// Opens a file or a folder and checks all headers; data is read when it is used.
  ///
  /// - Throws: ``SafetensorsError`` for a missing or broken file, a shard that the index names and
  ///   the folder lacks, or a tensor that the index puts where it is not.
  public init(_ url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw SafetensorsError(file: url.path, message: "does not exist")
    }
    guard isFolder.boolValue else {
      self.init(url: url, files: [try SafetensorsFile(url)])
      return
    }
    let index = url.appendingPathComponent(Self.indexName)
    let single = url.appendingPathComponent(Self.fileName)
    if FileManager.default.fileExists(atPath: index.path) {
      self.init(url: url, files: try Self.shards(of: index, in: url))
    } else if FileManager.default.fileExists(atPath: single.path) {
      self.init(url: url, files: [try SafetensorsFile(single)])
    } else {
      throw SafetensorsError(
        file: url.path, message: "has neither \(Self.fileName) nor \(Self.indexName)" + Self.wayOut(of: url))
    }
  }

  private static func wayOut(of folder: URL) -> String {
    foreignWeights(in: folder).map { "; " + wayOut(from: $0, in: folder) } ?? ""
  }

  /// The first file of a folder that holds weights in another framework's format.
  package static func foreignWeights(in folder: URL) -> String? {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted().first(where: isForeign)
  }

  /// Whether a file of this name is PyTorch's own format, or another framework's.
  package static func isForeign(_ name: String) -> Bool {
    ["bin", "pt", "pth", "ckpt", "h5", "msgpack"].contains((name as NSString).pathExtension)
      && name.contains(/^(pytorch_model|consolidated|model|tf_model|flax_model|rust_model|ggml)/)
  }

  /// What to do about weights in such a file: pickles are programs, and reading them runs whatever their author wrote.
  package static func wayOut(from name: String, in folder: URL) -> String {
    let isPickle = ["bin", "pt", "pth", "ckpt"].contains((name as NSString).pathExtension)
    let reason =
      isPickle
      ? "\(name) is a pickle, which can run programs when it is read, and isn't read" : "\(name) is another framework's"
    return """
      the weights are '\(name)' and not safetensors; \(reason). Many models have a revision with safetensors; where you trust the \
      publisher, convert once with transformers:
        python3 -c 'import sys, transformers as t; p = sys.argv[1]; t.AutoModelForCausalLM.from_pretrained(p, \
      torch_dtype="auto").save_pretrained(p)' '\(folder.path)'
      """
  }

  private init(url: URL, files: [SafetensorsFile]) {
    self.url = url
    names = files.flatMap(\.names)
    metadata = files.first?.metadata ?? [:]
    self.files = files.reduce(into: [:]) { table, file in
      for name in file.names { table[name] = file }
    }
  }

  /// The type and shape of a tensor; nil if there is none of that name.
  public func entry(_ name: String) -> SafetensorsFile.Entry? { files[name]?.entry(name) }

  /// Whether there is a tensor of that name.
  public func contains(_ name: String) -> Bool { files[name] != nil }

  /// A tensor over the mapped file's memory; see ``SafetensorsFile/tensor(_:)``.
  public func tensor(_ name: String) throws -> Tensor {
    guard let file = files[name] else {
      throw SafetensorsError(
        file: url.path, tensor: name, message: "is not there; there are \(names.count) tensors")
    }
    return try file.tensor(name)
  }

  /// Gives the memory of a tensor's data back; see ``SafetensorsFile/release(_:)``.
  public func release(_ name: String) { files[name]?.release(name) }

  /// Every tensor by name.
  public func tensors() throws -> [String: Tensor] {
    try Dictionary(uniqueKeysWithValues: names.map { ($0, try tensor($0)) })
  }

  // MARK: Shards

  private struct Index: Decodable {
    var weight_map: [String: String]
  }

  private static func shards(of index: URL, in folder: URL) throws -> [SafetensorsFile] {
    let map: [String: String]
    do {
      map = try JSONDecoder().decode(Index.self, from: Data(contentsOf: index)).weight_map
    } catch {
      throw SafetensorsError(
        file: index.path,
        message: "is no index: it needs a weight_map from names to files (\(error))")
    }
    let shardNames = Set(map.values).sorted()
    // The index may come from anywhere: it may name files beside it and nothing else.
    for name in shardNames where name.isEmpty || name.contains("/") || name.hasPrefix(".") {
      throw SafetensorsError(
        file: index.path, message: "names '\(name)', which is no file of its folder")
    }
    let missing = shardNames.filter {
      !FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
    guard missing.isEmpty else {
      throw SafetensorsError(
        file: folder.path,
        message: "lacks \(missing.count) of \(shardNames.count) shards: "
          + missing.prefix(5).joined(separator: ", ") + (missing.count > 5 ? ", …" : ""))
    }
    var files: [SafetensorsFile] = []
    for name in shardNames {
      let file = try SafetensorsFile(folder.appendingPathComponent(name))
      for tensor in file.names where map[tensor] != name {
        throw SafetensorsError(
          file: file.url.path, tensor: tensor,
          message: map[tensor].map { "the index puts it into \($0)" }
            ?? "the index does not list it")
      }
      files.append(file)
    }
    let found = Set(files.flatMap(\.names))
    for (tensor, shard) in map.sorted(by: { $0.key < $1.key }) where !found.contains(tensor) {
      throw SafetensorsError(
        file: folder.appendingPathComponent(shard).path, tensor: tensor,
        message: "the index puts it here and it is not")
    }
    return files
  }
}
