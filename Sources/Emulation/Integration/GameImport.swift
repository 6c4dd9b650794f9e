import Documents
import Foundation

/// Finds people's own games by their checksums, and puts them where their integrations are.
public enum GameImport {
  /// A game that was recognised.
  public struct Found: Sendable, Equatable {
    /// The file.
    public var path: String
    /// The integration's name.
    public var game: String
  }

  /// Looks through files and folders, and copies what is recognised beside its integration.
  ///
  /// - Parameters:
  ///   - paths: files, and folders that are looked through.
  ///   - library: the folder of integrations, each a folder of its own.
  /// - Throws: `DataError` for a folder that can't be read or a copy that can't be written.
  public static func run(_ paths: [String], into library: String) throws -> [Found] {
    let manager = FileManager.default
    let names = try manager.contentsOfDirectory(atPath: library).sorted()
    var known: [String: (folder: String, name: String)] = [:]
    for name in names {
      let folder = "\(library)/\(name)"
      guard let sums = try? FileContents.text(of: "\(folder)/rom.sha") else { continue }
      for sum in sums.split(whereSeparator: \.isWhitespace) { known[sum.lowercased()] = (folder, name) }
    }
    guard !known.isEmpty else {
      throw EmulationError("\(library) has no integrations: folders with a rom.sha in them.", .noInput)
    }
    var found: [Found] = []
    for path in try files(paths) {
      guard let data = try? FileContents.data(of: path), data.count <= 64 << 20 else { continue }
      guard let match = known[SHA1Digest.hexadecimal(of: Array(data))] else { continue }
      let end = (path as NSString).pathExtension
      try DurableFile.write(data, to: "\(match.folder)/rom.\(end.isEmpty ? "bin" : end.lowercased())")
      found.append(Found(path: path, game: match.name))
    }
    return found
  }

  private static func files(_ paths: [String]) throws -> [String] {
    var files: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw EmulationError("\(path): there is no such file or folder.", .noInput)
      }
      guard isFolder.boolValue else {
        files.append(path)
        continue
      }
      let names = FileManager.default.enumerator(atPath: path)
      while let name = names?.nextObject() as? String {
        if names?.fileAttributes?[.type] as? FileAttributeType == .typeRegular { files.append("\(path)/\(name)") }
      }
    }
    return files.sorted()
  }
}

/// SHA-1 (FIPS 180-4), by which collections of games are told apart; no protection against anybody.
enum SHA1Digest {
  static func hexadecimal(of bytes: [UInt8]) -> String {
    var h: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    var message = bytes + [0x80]
    while message.count % 64 != 56 { message.append(0) }
    let bits = UInt64(bytes.count) * 8
    message += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
    var w = [UInt32](repeating: 0, count: 80)
    for start in stride(from: 0, to: message.count, by: 64) {
      for t in 0..<16 {
        w[t] = (0..<4).reduce(0) { $0 << 8 | UInt32(message[start + 4 * t + $1]) }
      }
      for t in 16..<80 { w[t] = rotated(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1) }
      var (a, b, c, d, e) = (h[0], h[1], h[2], h[3], h[4])
      for t in 0..<80 {
        let (f, k): (UInt32, UInt32) =
          switch t {
          case ..<20: (b & c | ~b & d, 0x5A82_7999)
          case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
          case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
          default: (b ^ c ^ d, 0xCA62_C1D6)
          }
        let next = rotated(a, 5) &+ f &+ e &+ k &+ w[t]
        (e, d, c, b, a) = (d, c, rotated(b, 30), a, next)
      }
      for (n, value) in [a, b, c, d, e].enumerated() { h[n] = h[n] &+ value }
    }
    return h.map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
  }

  private static func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x << n | x >> (32 - n) }
}
