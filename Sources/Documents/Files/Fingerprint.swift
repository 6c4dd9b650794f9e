import Foundation

/// A line for the contents of a file or folder: their size and the beginning of a SHA-256.
///
/// A run notes it of its data and of the models that it starts from, so that it is not continued with others.
public enum Fingerprint {
  /// Of a file, every byte of it, or of a folder: what it holds, by name.
  ///
  /// - Returns: nil where there is nothing of that name, or it can't be read.
  public static func of(_ path: String) -> String? {
    of(path, file: { file, _ in try SHA256Digest(ofFile: file) }, where: { _ in true })
  }

  /// Of a model's folder or file: of weights only some parts are read, for training changes them all.
  ///
  /// What a checkpoint holds to go on from, such as moments, is no part of the model.
  public static func ofModel(_ path: String) -> String? {
    of(path, file: sampled) { !["optimizer.safetensors", "trainer_state.json"].contains($0) }
  }

  /// Of a model's weights and shape alone: what else lies in its folder may come and go.
  ///
  /// Adapters note it of the model that they stand over.
  public static func ofWeights(_ path: String) -> String? {
    of(path, file: sampled) { name in
      name != "optimizer.safetensors"
        && (name.hasSuffix(".safetensors") || name == "config.json" || name == "adapter_config.json")
    }
  }

  private static func of(
    _ path: String, file: (String, UInt64) throws -> SHA256Digest, where included: (_ name: String) -> Bool
  ) -> String? {
    let files = FileManager.default
    let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: root, isDirectory: &isFolder) else { return nil }
    // What was read from a pipe is gone.
    let kind = (try? files.attributesOfItem(atPath: root))?[.type] as? FileAttributeType
    guard kind == .typeRegular || kind == .typeDirectory else { return nil }
    var names = [""]
    if isFolder.boolValue {
      guard let below = try? files.subpathsOfDirectory(atPath: root) else { return nil }
      names = below.filter { name in
        let parts = name.split(separator: "/")
        return !parts.contains { $0.hasPrefix(".") } && included(parts.last.map(String.init) ?? "")
      }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    var (size, lines) = (UInt64(0), "")
    for name in names {
      let place = name.isEmpty ? root : "\(root)/\(name)"
      guard files.fileExists(atPath: place, isDirectory: &isFolder), !isFolder.boolValue else { continue }
      guard let length = (try? files.attributesOfItem(atPath: place))?[.size] as? UInt64,
        let digest = try? file(place, length)
      else { return nil }
      size += length
      lines += "\(name) \(length) \(digest.hexadecimal)\n"
    }
    return "\(size) bytes, sha256 \(SHA256Digest(of: Data(lines.utf8)).hexadecimal.prefix(16))"
  }

  /// A file of up to 16 MB whole; of a larger one its first mebibyte, which holds the names and shapes, and fifteen others.
  private static func sampled(_ path: String, _ length: UInt64) throws -> SHA256Digest {
    let (block, parts) = (UInt64(1 << 20), UInt64(16))
    guard length > block * parts else { return try SHA256Digest(ofFile: path) }
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    var read = Data()
    for part in 0..<parts {
      try handle.seek(toOffset: (length - block) / (parts - 1) * part)
      read += try handle.read(upToCount: Int(block)) ?? Data()
    }
    return SHA256Digest(of: read)
  }
}
