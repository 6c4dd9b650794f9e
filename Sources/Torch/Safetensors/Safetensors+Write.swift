import Documents
public import Foundation

extension Safetensors {
  /// The metadata that Hugging Face's readers ask for: the tensors are in PyTorch's layout.
  public static let pyTorchMetadata = ["format": "pt"]

  /// A tensor that is made when its turn to be written comes, so that a model needn't be in memory as a whole.
  public struct Pending {
    /// Its name.
    public var name: String
    /// The length of each axis.
    public var shape: [Int]
    /// The type of its elements.
    public var dtype: DType
    /// Makes it, of that shape and type.
    public var make: () throws -> Tensor

    /// A tensor of a shape and type that will be made.
    public init(_ name: String, shape: [Int], dtype: DType, make: @escaping () throws -> Tensor) {
      (self.name, self.shape, self.dtype, self.make) = (name, shape, dtype, make)
    }

    fileprivate var byteCount: Int { shape.reduce(1, *) * dtype.size }
  }

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
    try write(pending(tensors, file: url.path), metadata: metadata, to: url)
  }

  /// Writes a folder: one `model.safetensors`, or shards of at most `shardBytes` with an index.
  ///
  /// A tensor larger than `shardBytes` gets a shard of its own. Shards of an earlier, differently
  /// divided model are removed after the index is in place.
  public static func write(
    _ tensors: [(String, Tensor)], metadata: [String: String] = pyTorchMetadata,
    toFolder folder: URL, shardBytes: Int = 5_000_000_000
  ) throws {
    try write(
      pending(tensors, file: folder.path), metadata: metadata, toFolder: folder, shardBytes: shardBytes)
  }

  private static func pending(_ tensors: [(String, Tensor)], file: String) throws -> [Pending] {
    try tensors.map { name, tensor in
      guard tensor.isDefined else { throw SafetensorsError(file: file, tensor: name, message: "is undefined") }
      return Pending(name, shape: tensor.shape, dtype: tensor.dtype) { tensor }
    }
  }

  /// Writes one file of tensors that are made one by one, with the same promises.
  public static func write(_ tensors: [Pending], metadata: [String: String] = pyTorchMetadata, to url: URL) throws {
    try checkNames(tensors, file: url.path)
    let ordered = tensors.enumerated().sorted {
      ($1.element.dtype.size, $0.offset) < ($0.element.dtype.size, $1.offset)
    }.map(\.element)
    let file = try FileReplacement(url)
    try header(ordered, metadata: metadata).withUnsafeBytes { try file.append($0) }
    for entry in ordered {
      let data = try entry.make().to(device: .cpu).detached().contiguous()
      precondition(
        data.shape == entry.shape && data.dtype == entry.dtype,
        "'\(entry.name)' was to be \(entry.shape) \(entry.dtype) and is \(data.shape) \(data.dtype)")
      try data.withUnsafeBytes { try file.append($0) }
    }
    try file.commit()
  }

  /// Writes a folder of tensors that are made one by one, with the same promises.
  public static func write(
    _ tensors: [Pending], metadata: [String: String] = pyTorchMetadata,
    toFolder folder: URL, shardBytes: Int = 5_000_000_000
  ) throws {
    try checkNames(tensors, file: folder.path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var shards: [[Pending]] = []
    var room = 0
    for tensor in tensors {
      if shards.isEmpty || tensor.byteCount > room {
        shards.append([])
        room = shardBytes
      }
      shards[shards.count - 1].append(tensor)
      room -= tensor.byteCount
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
      for tensor in shard { map[tensor.name] = name }
    }
    let total = tensors.reduce(0) { $0 + $1.byteCount }
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

  private static func checkNames(_ tensors: [Pending], file: String) throws {
    var seen: Set<String> = []
    for name in tensors.map(\.name) {
      guard name != "__metadata__" else {
        throw SafetensorsError(file: file, tensor: name, message: "the format reserves this name")
      }
      guard seen.insert(name).inserted else {
        throw SafetensorsError(file: file, tensor: name, message: "is given twice")
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

  private static func header(_ tensors: [Pending], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(quoted($0.key)):\(quoted($0.value))"
      }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.dtype.safetensorsName)\",\"shape\":[\(shape)],"
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
