import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The scripts and styles, read once: they come with the program and don't change while it runs.
struct StaticFiles: Sendable {
  private let contents: [String: (data: ByteBuffer, type: String)]
  /// Changes with the files, so that browsers may keep them for good.
  let version: String

  init() throws {
    let folder = try Self.folder.appendingPathComponent("static")
    var contents: [String: (data: ByteBuffer, type: String)] = [:]
    var all = Data()
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() {
      let type: String? =
        switch URL(fileURLWithPath: name).pathExtension {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        default: nil
        }
      guard let type else { continue }
      let data = try Data(contentsOf: folder.appendingPathComponent(name))
      all += Data(name.utf8) + data
      contents[name] = (ByteBuffer(bytes: data), type)
    }
    self.contents = contents
    version = String(SHA256Digest(of: all).hexadecimal.prefix(12))
  }

  /// The folder of what the studio brings along.
  static var folder: URL {
    get throws {
      guard let url = Bundle.module.url(forResource: "Web", withExtension: nil) else {
        throw ProjectError(.invalid, "the studio's pages are missing beside the program: build it anew")
      }
      return url
    }
  }

  /// The answer to a request for a file of this version.
  func response(_ name: String, version asked: String) -> Response? {
    guard let (data, type) = contents[name], asked == version else { return nil }
    return Response(
      status: .ok, headers: [.contentType: type, .cacheControl: "private, max-age=31536000, immutable"],
      body: .init(byteBuffer: data))
  }
}
