import Documents
import Foundation
import HTTPTypes
import Hummingbird
import Mustache

/// The templates of all pages; what is put into them is escaped unless it is JSON for a script to read.
struct Pages: Sendable {
  private let library: MustacheLibrary
  private let version: String

  init(version: String) throws {
    let folder = try StaticFiles.folder.appendingPathComponent("templates")
    var library = MustacheLibrary()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".mustache") {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      try library.register(text, named: String(name.dropLast(9)))
    }
    (self.library, self.version) = (library, version)
  }

  /// A page as a response.
  ///
  /// - Parameters:
  ///   - values: what the template names.
  ///   - data: what the page's script reads.
  func response(
    _ name: String, _ values: [String: Any] = [:], data: JSONValue? = nil, status: HTTPResponse.Status = .ok
  ) -> Response {
    var values = values
    values["version"] = version
    // Inside a script element nothing is unescaped, and only "<" can end it.
    if let data { values["data"] = data.serialized(separators: (",", ":")).replacing("<", with: "\\u003c") }
    let text = library.render(values, withTemplate: name) ?? ""
    return Response(
      status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
      body: .init(byteBuffer: .init(string: text)))
  }
}
