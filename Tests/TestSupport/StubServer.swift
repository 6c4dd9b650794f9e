import Foundation
import Synchronization

/// A server on a port of its own that gives answers in the order in which they were written down, whatever is asked.
package final class StubServer: Sendable {
  /// An answer: a status, header lines, a body.
  package struct Answer: Sendable {
    package var status: Int
    package var headers: [String]
    package var body: String

    package init(_ body: String, status: Int = 200, headers: [String] = []) {
      (self.body, self.status, self.headers) = (body, status, headers)
    }
  }

  /// The port that it listens on.
  package let port: Int
  private let socket: Int32
  private let bodies = Mutex<[String]>([])

  /// The bodies of the requests that came.
  package var requests: [String] { bodies.withLock { $0 } }

  /// Begins to listen; the last answer is given again and again.
  package init(_ answers: [Answer]) {
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
        guard bind(listener, $0, size) == 0, listen(listener, 16) == 0, getsockname(listener, $0, &size) == 0 else {
          return 0
        }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
    }
    Thread.detachNewThread { [weak self] in
      var next = 0
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        self?.serve(connection, answers[min(next, answers.count - 1)])
        next += 1
      }
    }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private func serve(_ connection: Int32, _ answer: Answer) {
    defer { close(connection) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let head = text[..<end.lowerBound].lowercased()
        let length =
          head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        if text[end.upperBound...].utf8.count >= length {
          bodies.withLock { $0.append(String(text[end.upperBound...])) }
          break
        }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { return }
      bytes += buffer[..<count]
    }
    let lines = ["HTTP/1.1 \(answer.status) Stub", "Content-Length: \(answer.body.utf8.count)", "Connection: close"]
    let whole = Array(((lines + answer.headers).joined(separator: "\r\n") + "\r\n\r\n" + answer.body).utf8)
    _ = whole.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
  }
}
