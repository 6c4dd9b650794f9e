public import Documents
public import Foundation
import PortableModels

/// A chatbot as a page for any static host: WebAssembly, a model in 8 bits and nothing from elsewhere.
///
/// ```swift
/// let site = try ChatbotSite(Chatbot(contentsOf: "runs/grizzle"))
/// try site.write(to: "site")
/// ```
/// The WebAssembly comes compiled with the package (`Scripts/build-wasm`), so that whoever has the tool needs no compiler; its source is
/// `PortableModels`, which the program itself talks with.
public struct ChatbotSite {
  /// The bytes of a page that loads quickly on a phone: what all files may take together.
  public static let largest = 2_000_000

  /// The files by name.
  public let files: [(name: String, bytes: Data)]

  /// The page of a chatbot.
  public init(_ chatbot: Chatbot) throws { try self.init(model: chatbot.compact()) }

  /// The page of a model in 8 bits.
  ///
  /// - Throws: `DataError` where the bytes are none or the page's files aren't there.
  public init(model: [UInt8]) throws(DataError) {
    _ = try Conversation(model)
    guard let folder = Bundle.module.url(forResource: "Web", withExtension: nil) else {
      throw DataError(
        .noInput, path: Bundle.module.bundlePath, problem: "the page isn't there", advice: "Build the program anew.")
    }
    var files: [(name: String, bytes: Data)] = []
    for name in Self.names { files.append((name, try FileContents.data(of: folder.appendingPathComponent(name).path))) }
    files.append(("model.bin", Data(model)))
    // A browser that kept an older page takes the new one as soon as this differs.
    let version = SHA256Digest(of: files.reduce(into: Data()) { $0 += $1.bytes }).hexadecimal.prefix(16)
    for place in files.indices where files[place].name == "service-worker.js" {
      let text = String(decoding: files[place].bytes, as: UTF8.self).replacingOccurrences(
        of: "{{version}}", with: version)
      files[place].bytes = Data(text.utf8)
    }
    self.files = files
  }

  private static let names = [
    "index.html", "chat.css", "chat.js", "service-worker.js", "manifest.webmanifest", "icon.svg", "models.wasm",
    "models-plain.wasm",
  ]

  /// The bytes of all files.
  public var size: Int { files.reduce(0) { $0 + $1.bytes.count } }

  /// Writes the files into a folder, which is made where it isn't there; files of other names are left.
  public func write(to folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError(.inputOutput, path: folder, problem: "this folder can't be made", advice: "Check the path.")
    }
    for (name, bytes) in files { try DurableFile.write(bytes, to: "\(folder)/\(name)") }
  }
}
