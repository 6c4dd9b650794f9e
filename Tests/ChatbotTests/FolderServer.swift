import Foundation
import Synchronization
import TestSupport

/// A plain server of a folder's files on a port of its own, as any static host is, that notes what it was asked for.
final class FolderServer: Sendable {
  /// The port that it listens on.
  var port: Int { listener.port }
  private let listener: LoopbackListener
  private let paths: Paths

  /// What was asked for, which the listening thread adds to.
  private final class Paths: Sendable {
    let all = Mutex<[String]>([])
  }

  /// The paths that were asked for.
  var requests: [String] { paths.all.withLock { $0 } }

  private static let types = [
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
    "wasm": "application/wasm", "svg": "image/svg+xml", "webmanifest": "application/manifest+json",
    "json": "application/json",
  ]

  /// Serves a folder.
  init(_ folder: String) {
    let paths = Paths()
    self.paths = paths
    listener = LoopbackListener(waiting: 64) { Self.serve($0, folder, paths) }
  }

  private static func serve(_ connection: Int32, _ folder: String, _ paths: Paths) {
    defer { close(connection) }
    // A browser opens connections that it may never use.
    var patience = timeval(tv_sec: 0, tv_usec: 300_000)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { return }
      bytes += buffer[..<count]
    }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard words.count == 3 else { return }
    let path = words[1].split(separator: "?")[0]
    paths.all.withLock { $0.append(String(path)) }
    let name = path == "/" ? "index.html" : String(path.dropFirst())
    let found = name.contains("..") ? nil : FileManager.default.contents(atPath: "\(folder)/\(name)")
    let body = found ?? Data("not found".utf8)
    let type = types[String(name.split(separator: ".").last ?? "")] ?? "application/octet-stream"
    let head =
      "HTTP/1.1 \(found == nil ? "404 Not Found" : "200 OK")\r\nContent-Type: \(type)\r\n"
      + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    var rest = ArraySlice(Array(head.utf8) + body)
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
      if sent <= 0 { return }
      rest = rest.dropFirst(sent)
    }
  }
}
