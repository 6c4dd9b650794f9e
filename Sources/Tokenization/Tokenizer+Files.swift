import Documents
public import Foundation

extension Tokenizer {
  /// Reads a model folder, or a `tokenizer.json` alone.
  ///
  /// From a folder, control tokens are found in `tokenizer_config.json`, `special_tokens_map.json`,
  /// `generation_config.json` and `config.json`, in that order, and the chat template in
  /// `chat_template.jinja` or the configuration.
  public convenience init(contentsOf url: URL) throws {
    var isFolder: ObjCBool = false
    let isInput = FileContents.path(of: url) == FileContents.standardInput
    guard isInput || FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw TokenizationError("\(url.path): no such file or folder")
    }
    guard isFolder.boolValue else {
      let document = try Self.read(url)
      do {
        try self.init(document: document)
      } catch let error as TokenizationError {
        throw error.located(in: url.path)
      }
      return
    }
    let file = url.appendingPathComponent("tokenizer.json")
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw TokenizationError(
        "\(url.path): no tokenizer.json in this folder; `apprentice tokenizer train` writes one")
    }
    func optional(_ name: String) throws -> JSONValue? {
      let other = url.appendingPathComponent(name)
      return FileManager.default.fileExists(atPath: other.path) ? try Self.read(other) : nil
    }
    let document = try Self.read(file)
    var configuration = try optional("tokenizer_config.json") ?? [:]
    let template = url.appendingPathComponent("chat_template.jinja")
    if let text = try? String(contentsOf: template, encoding: .utf8),
      var object = configuration.object
    {
      object["chat_template"] = .string(text)
      configuration = .object(object)
    }
    let map = try optional("special_tokens_map.json") ?? [:]
    let generation = try [optional("generation_config.json"), optional("config.json")]
      .compactMap { $0 }
    do {
      try self.init(
        document: document, configuration: configuration, specialTokensMap: map,
        generation: generation)
    } catch let error as TokenizationError {
      throw error.located(in: file.path)
    }
  }

  /// Writes `tokenizer.json` and `tokenizer_config.json` into a folder, which is made if missing;
  /// `tokenizers` and `transformers` read both.
  public func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ value: JSONValue, _ name: String) throws {
      let text = value.serialized(indent: 2) + "\n"
      try DurableFile.write(text, to: folder.appendingPathComponent(name).path)
    }
    try write(document, "tokenizer.json")
    try write(.object(writtenConfiguration), "tokenizer_config.json")
  }

  private var writtenConfiguration: JSONObject {
    var object = configuration.object ?? JSONObject()
    if object["tokenizer_class"] == nil { object["tokenizer_class"] = "PreTrainedTokenizerFast" }
    // Rewriting " ." to "." would break decode(encode(text)) == text.
    if object["clean_up_tokenization_spaces"] == nil {
      object["clean_up_tokenization_spaces"] = false
    }
    let names: [(String, Int?)] = [
      ("bos_token", specialTokens.bos), ("eos_token", specialTokens.eos),
      ("pad_token", specialTokens.pad), ("unk_token", specialTokens.unknown),
    ]
    for (key, id) in names where object[key] == nil {
      if let token = id.flatMap(idToToken) { object[key] = .string(token) }
    }
    return object
  }

  private static func read(_ url: URL) throws -> JSONValue {
    let data = try FileContents.data(of: FileContents.path(of: url))
    do {
      return try JSONValue(parsing: [UInt8](data))
    } catch let error as JSONSyntaxError {
      throw TokenizationError(error.description).located(in: url.path)
    }
  }
}
