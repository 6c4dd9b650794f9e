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
  package var port: Int { listener.port }
  private let listener: LoopbackListener
  private let bodies: Bodies

  /// What came, which the listening thread adds to.
  private final class Bodies: Sendable {
    let texts = Mutex<[String]>([])
  }

  /// The bodies of the requests that came.
  package var requests: [String] { bodies.texts.withLock { $0 } }

  /// Begins to listen; the last answer is given again and again.
  package init(_ answers: [Answer]) {
    let bodies = Bodies()
    let next = Mutex(0)
    self.bodies = bodies
    listener = LoopbackListener { connection in
      let place = next.withLock { next in
        defer { next += 1 }
        return next
      }
      Self.serve(connection, answers[min(place, answers.count - 1)], bodies)
    }
  }

  private static func serve(_ connection: Int32, _ answer: Answer, _ bodies: Bodies) {
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
          bodies.texts.withLock { $0.append(String(text[end.upperBound...])) }
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
