import Documents
public import Foundation
public import Torch

extension LowRankAdapters {
  /// The settings' name in a folder of PEFT's.
  public static let configurationFile = "adapter_config.json"
  /// The name of the file that says which weights the base had.
  public static let baseFile = "base_model.json"
  /// The tensors' name.
  public static let weightsFile = "adapter_model.safetensors"

  /// Reads the settings of a folder that PEFT or ``save(to:extra:)`` wrote.
  ///
  /// - Throws: ``AdapterError`` that names the file and, where it holds a setting that is not supported, the key.
  public static func configuration(of folder: URL) throws -> LowRankConfiguration {
    let file = folder.appendingPathComponent(configurationFile)
    do {
      var read = try JSONDecoder().decode(LowRankConfiguration.self, from: Data(contentsOf: file))
      let note = folder.appendingPathComponent(baseFile)
      if let data = try? Data(contentsOf: note) {
        read.baseFingerprint = try? JSONDecoder().decode(BaseNote.self, from: data).fingerprint
      }
      return read
    } catch DecodingError.dataCorrupted(let context) {
      throw AdapterError(description: "\(file.path): \(context.debugDescription)")
    } catch DecodingError.keyNotFound(let key, _) {
      throw AdapterError(description: "\(file.path) has no key \(key.stringValue)")
    } catch DecodingError.typeMismatch(_, let context) {
      let key = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw AdapterError(description: "\(file.path): \(key): \(context.debugDescription)")
    } catch let error as CocoaError {
      throw AdapterError(description: "\(file.path) can't be read: \(error.localizedDescription)")
    }
  }

  /// Writes `adapter_config.json` and `adapter_model.safetensors`, which PEFT loads.
  ///
  /// - Parameter extra: tensors that are trained whole beside the adapters, such as a reward model's head, by their path
  ///   in the network.
  public func save(to folder: URL, extra: [(String, Tensor)] = []) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let tensors = state.map { ($0.name, $0.tensor.detached()) }
    try Safetensors.write(
      tensors + extra.map { ("\(Self.prefix)\($0.0)", $0.1) },
      to: folder.appendingPathComponent(Self.weightsFile))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var written = configuration
    if !extra.isEmpty { written.task = "SEQ_CLS" }
    written.savedModules =
      extra.isEmpty
      ? nil : extra.map { String($0.0.prefix { $0 != "." }) }
    try DurableFile.write(
      encoder.encode(written), to: folder.appendingPathComponent(Self.configurationFile).path)
    guard let base = configuration.base, let fingerprint = configuration.baseFingerprint else { return }
    try DurableFile.write(
      encoder.encode(BaseNote(base: base, fingerprint: fingerprint)),
      to: folder.appendingPathComponent(Self.baseFile).path)
  }

  /// The contents of ``baseFile``.
  private struct BaseNote: Codable {
    var base: String
    var fingerprint: String
    enum CodingKeys: String, CodingKey {
      case base = "base_model_name_or_path"
      case fingerprint
    }
  }

  /// Reads the tensors of a folder into these adapters.
  ///
  /// - Returns: the tensors that are no adapters' (a head that was trained whole), by their path in the network.
  /// - Throws: ``AdapterError`` that names the folder and lists what is missing, unexpected or of another shape; nothing
  ///   is changed then.
  @discardableResult
  public func load(from folder: URL) throws -> [String: Tensor] {
    let file = folder.appendingPathComponent(Self.weightsFile)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw AdapterError(description: "\(folder.path) has no \(Self.weightsFile)")
    }
    let own = try Safetensors(file).tensors().filter { Self.isAdapter($0.key) }
    let extra = try Self.extraTensors(of: folder)
    do { try load(own) } catch let error as StateDictError {
      throw AdapterError(description: "\(file.path): \(error)")
    }
    return extra
  }

  /// The tensors of a folder that are no adapters' (a head that was trained whole), by their path in the network.
  public static func extraTensors(of folder: URL) throws -> [String: Tensor] {
    let all = try Safetensors(folder.appendingPathComponent(weightsFile)).tensors()
    return Dictionary(
      uniqueKeysWithValues: all.filter { !isAdapter($0.key) }.map { name, tensor in
        (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name, tensor)
      })
  }

  /// Reads the adapters of a folder without a network that they belong to, by the path of their layer in it.
  ///
  /// - Throws: ``AdapterError`` that names the file and the layer whose tensors don't make an adapter.
  package static func adapters(of folder: URL) throws -> [String: LowRankAdapter] {
    let configuration = try configuration(of: folder)
    let file = folder.appendingPathComponent(weightsFile)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw AdapterError(description: "\(folder.path) has no \(weightsFile)")
    }
    let tensors = try Safetensors(file)
    var made: [String: LowRankAdapter] = [:]
    for name in tensors.names where name.hasSuffix(".lora_A.weight") && name.hasPrefix(prefix) {
      let path = String(name.dropFirst(prefix.count).dropLast(".lora_A.weight".count))
      func tensor(_ part: String) throws -> Tensor? {
        let name = "\(prefix)\(path).\(part)"
        return tensors.contains(name) ? try tensors.tensor(name).to(.float32) : nil
      }
      guard let down = try tensor("lora_A.weight"), let up = try tensor("lora_B.weight"), down.rank == 2, up.rank == 2,
        up.size(1) == down.size(0), down.size(0) == configuration.rank
      else {
        throw AdapterError(
          description: "\(file.path): the tensors of \(path) are no adapter of rank \(configuration.rank)")
      }
      let adapter = LowRankAdapter(
        inputs: down.size(1), outputs: up.size(0), rank: configuration.rank, scale: configuration.scale, dropout: nil,
        generator: Generator(seed: 0))
      (adapter.down, adapter.up) = (down, up)
      if configuration.isWeightDecomposed {
        guard let magnitude = try tensor("lora_magnitude_vector"), magnitude.shape == [up.size(0)] else {
          throw AdapterError(description: "\(file.path): \(path) has no lora_magnitude_vector of \(up.size(0)) numbers")
        }
        adapter.magnitude = magnitude
      }
      made[path] = adapter
    }
    guard !made.isEmpty else { throw AdapterError(description: "\(file.path) holds no adapters") }
    return made
  }

  private static func isAdapter(_ name: String) -> Bool { name.contains(".lora_") }
  private static let prefix = "base_model.model."
}
