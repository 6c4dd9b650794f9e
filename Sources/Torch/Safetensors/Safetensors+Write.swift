import Documents
public import Foundation

extension Safetensors {
  /// The metadata that Hugging Face's readers ask for: the tensors are in PyTorch's layout.
  public static let pyTorchMetadata = ["format": "pt"]

  /// Writes one file, complete or not at all.
  ///
  /// The data goes out in the given order, wider types first so that every tensor is aligned; the
  /// same input gives the same bytes. Tensors on a GPU and strided ones are copied one at a time.
  /// - Throws: ``SafetensorsError`` for a name that is given twice or reserved,
  ///   ``FileReplacementError`` where the disk is full or the folder can't be written to. An older
  ///   file of the name is then unchanged.
  public static func write(
    _ tensors: [(String, Tensor)], metadata: [String: String] = pyTorchMetadata, to url: URL
  ) throws {
    try checkNames(tensors, file: url.path)
    let ordered = tensors.enumerated().sorted {
      ($1.element.1.dtype.size, $0.offset) < ($0.element.1.dtype.size, $1.offset)
    }.map(\.element)
    let file = try FileReplacement(url)
    try header(ordered, metadata: metadata).withUnsafeBytes { try file.append($0) }
    for (_, tensor) in ordered {
      let data = tensor.to(device: .cpu).detached().contiguous()
      try data.withUnsafeBytes { try file.append($0) }
    }
    try file.commit()
  }

  /// Writes a folder: one `model.safetensors`, or shards of at most `shardBytes` with an index.
  ///
  /// A tensor larger than `shardBytes` gets a shard of its own. Shards of an earlier, differently
  /// divided model are removed after the index is in place.
  public static func write(
    _ tensors: [(String, Tensor)], metadata: [String: String] = pyTorchMetadata,
    toFolder folder: URL, shardBytes: Int = 5_000_000_000
  ) throws {
    try checkNames(tensors, file: folder.path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var shards: [[(String, Tensor)]] = []
    var room = 0
    for (name, tensor) in tensors {
      let size = tensor.count * tensor.dtype.size
      if shards.isEmpty || size > room {
        shards.append([])
        room = shardBytes
      }
      shards[shards.count - 1].append((name, tensor))
      room -= size
    }
    if shards.count <= 1 {
      try write(tensors, metadata: metadata, to: folder.appendingPathComponent(fileName))
      try removeStale(in: folder, keeping: [fileName])
      return
    }
    var map: [String: String] = [:]
    var kept: Set<String> = [indexName]
    for (number, shard) in shards.enumerated() {
      let name = "model-\(padded(number + 1))-of-\(padded(shards.count)).safetensors"
      try write(shard, metadata: metadata, to: folder.appendingPathComponent(name))
      kept.insert(name)
      for (tensor, _) in shard { map[tensor] = name }
    }
    let total = tensors.reduce(0) { $0 + $1.1.count * $1.1.dtype.size }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let index = try encoder.encode(IndexFile(metadata: ["total_size": total], weight_map: map))
    let file = try FileReplacement(folder.appendingPathComponent(indexName))
    try index.withUnsafeBytes { try file.append($0) }
    try file.commit()
    try removeStale(in: folder, keeping: kept)
  }

  private struct IndexFile: Encodable {
    var metadata: [String: Int]
    var weight_map: [String: String]
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  private static func checkNames(_ tensors: [(String, Tensor)], file: String) throws {
    var seen: Set<String> = []
    for (name, tensor) in tensors {
      guard name != "__metadata__" else {
        throw SafetensorsError(file: file, tensor: name, message: "the format reserves this name")
      }
      guard seen.insert(name).inserted else {
        throw SafetensorsError(file: file, tensor: name, message: "is given twice")
      }
      guard tensor.isDefined else {
        throw SafetensorsError(file: file, tensor: name, message: "is undefined")
      }
    }
  }

  private static func removeStale(in folder: URL, keeping kept: Set<String>) throws {
    let stale = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
      !kept.contains(name)
        && (name == fileName || name == indexName
          || name.wholeMatch(of: /model-\d{5}-of-\d{5}\.safetensors/) != nil)
    }
    // The index goes first: a reader must never follow it to a shard that is gone.
    for name in stale.sorted(by: { ($0 != indexName ? 1 : 0, $0) < ($1 != indexName ? 1 : 0, $1) }) {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
  }

  private static func header(_ tensors: [(String, Tensor)], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(quoted($0.key)):\(quoted($0.value))"
      }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * tensor.dtype.size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(name)):{\"dtype\":\"\(tensor.dtype.safetensorsName)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    // Spaces bring the data to a multiple of eight, so that readers can map it.
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
