import Documents
import Foundation

/// The built program, serving a store on this machine.
final class StudioProcess: @unchecked Sendable {
  // A process is told to end from one place, and its port is read from everywhere.
  private let process = Process()
  let port: Int

  /// Starts it and waits until it has printed its link.
  init(_ program: String, store: String, port: Int = 0) throws {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["studio", "--store", store, "--port", "\(port)"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var said = ""
    while !said.contains("\n") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += String(decoding: more, as: UTF8.self)
    }
    guard let found = said.firstMatch(of: /127\.0\.0\.1:(\d+)/), let number = Int(found.1) else {
      throw PlainClient.Failure(description: "the studio did not start: \(said)")
    }
    self.port = number
  }

  /// Ends it as a power failure would.
  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

/// HTTP over one connection that is kept, and nothing else, so that what is measured is the server.
final class PlainClient {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }
  private let descriptor: Int32
  private let token: String
  private var rest: [UInt8] = []

  init(port: Int, token: String) throws {
    self.token = token
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
    }
    guard isOpen else {
      close(descriptor)
      throw Failure(description: "nobody listens")
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  func send(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> (status: Int, document: JSONValue) {
    let content = body?.serialized() ?? ""
    let text =
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(content.utf8.count)\r\n\r\n\(content)"
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Failure(description: "the connection was lost") }
      bytes = bytes.dropFirst(count)
    }
    let head = try read(until: Array("\r\n\r\n".utf8))
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    guard let first = lines.first, let status = Int(first.split(separator: " ")[1]),
      let length = lines.first(where: { $0.lowercased().hasPrefix("content-length:") })
        .flatMap({ Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) })
    else { throw Failure(description: "no answer that can be read") }
    while rest.count < length { try receive() }
    let received = rest.prefix(length)
    rest.removeFirst(length)
    return (status, (try? JSONValue(parsing: String(decoding: received, as: UTF8.self))) ?? nil)
  }

  private func read(until mark: [UInt8]) throws -> [UInt8] {
    while true {
      if let place = rest.indices.first(where: { rest[$0...].starts(with: mark) }) {
        defer { rest.removeFirst(place + mark.count) }
        return Array(rest[..<place])
      }
      try receive()
    }
  }

  private func receive() throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw Failure(description: "the connection was lost") }
    rest += buffer[..<count]
  }
}
