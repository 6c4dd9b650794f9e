import Foundation
import Synchronization

/// A plain server of a folder's files on a port of its own, as any static host is, that notes what it was asked for.
final class FolderServer: Sendable {
  /// The port that it listens on.
  let port: Int
  private let socket: Int32
  private let paths = Mutex<[String]>([])

  /// The paths that were asked for.
  var requests: [String] { paths.withLock { $0 } }

  private static let types = [
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
    "wasm": "application/wasm", "svg": "image/svg+xml", "webmanifest": "application/manifest+json",
    "json": "application/json",
  ]

  /// Serves a folder.
  init(_ folder: String) {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    socket = Foundation.socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = socket
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        guard bind(listener, $0, size) == 0, listen(listener, 64) == 0, getsockname(listener, $0, &size) == 0 else {
          return 0
        }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
    }
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        self?.serve(connection, folder)
      }
    }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private func serve(_ connection: Int32, _ folder: String) {
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
    paths.withLock { $0.append(String(path)) }
    let name = path == "/" ? "index.html" : String(path.dropFirst())
    let found = name.contains("..") ? nil : FileManager.default.contents(atPath: "\(folder)/\(name)")
    let body = found ?? Data("not found".utf8)
    let type = Self.types[String(name.split(separator: ".").last ?? "")] ?? "application/octet-stream"
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
