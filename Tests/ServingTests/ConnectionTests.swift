import Documents
import Foundation
import Serving
import Testing
import Tokenization

/// What goes over the wire: waiting for a go-ahead, requests one after the other, pages of other origins, keys.
@Suite struct ConnectionTests {
  /// Sends bytes on one connection, one part after the other, and reads what comes until an end or a silence.
  ///
  /// It blocks, so it has a thread of its own.
  private static func exchange(port: Int, _ parts: [String], waiting: String? = nil) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try talk(port, parts, waiting) }) }
    }
  }

  private struct NoConnection: Error {}

  private static func talk(_ port: Int, _ parts: [String], _ waiting: String?) throws -> String {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard descriptor >= 0, connected == 0 else { throw NoConnection() }
    // So that a server that never answers is a failure and no hang; beside all other tests a model may take its time.
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var heard = ""
    var buffer = [UInt8](repeating: 0, count: 65_536)
    func hear() -> Bool {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 { heard += String(decoding: buffer[..<count], as: UTF8.self) }
      return count > 0
    }
    for (i, part) in parts.enumerated() {
      let bytes = Array(part.utf8)
      _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
      // The next part goes out when what is waited for has come.
      if let waiting, i < parts.count - 1 { while !heard.contains(waiting), hear() {} }
    }
    while hear() {}
    return heard
  }

  private static func post(_ path: String, _ body: String, _ headers: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test("a client that waits for a go-ahead gets it at once, unless the body is too large to be taken")
  func expectations() async throws {
    try await TinyServer.with { _, settings in
      settings.largestBody = 4096
    } _: { server in
      let body = #"{"prompt": "the cat"}"#
      let whole = Self.post("/tokenize", body, "Expect: 100-continue\r\nConnection: close\r\n")
      let head = String(whole.dropLast(body.count))
      let heard = try await Self.exchange(port: server.port, [head, body], waiting: "100 Continue")
      #expect(heard.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "\(heard)")
      #expect(heard.contains(#""count":"#))
      let large =
        "POST /tokenize HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 999999\r\n\r\n"
      let refused = try await Self.exchange(port: server.port, [large, ""], waiting: "413")
      #expect(refused.hasPrefix("HTTP/1.1 413"), "\(refused)")
    }
  }

  @Test("requests that are sent together are answered in order, or the connection closes as it was announced")
  func pipelined() async throws {
    try await TinyServer.with { server in
      let first = Self.post("/tokenize", #"{"prompt": "a"}"#)
      let last = Self.post("/tokenize", #"{"prompt": "the cat and"}"#, "Connection: close\r\n")
      let heard = try await Self.exchange(port: server.port, [first + last])
      #expect(heard.components(separatedBy: "HTTP/1.1 200 OK").count == 3, "\(heard)")
      let body = #"{"model": "tiny", "prompt": "the", "max_tokens": 3, "ignore_eos": true}"#
      let drawn = Self.post("/v1/completions", body)
      let answered = try await Self.exchange(port: server.port, [drawn + first])
      // An answer that isn't streamed is the connection's last; the request after it is never answered by half.
      #expect(answered.components(separatedBy: "HTTP/1.1 200 OK").count == 2, "\(answered)")
      #expect(answered.lowercased().contains("connection: close"))
      #expect(answered.contains("text_completion") && !answered.contains(#""count":"#))
    }
  }

  @Test("pages of this machine may read answers, others only where they are named, and preflights need no key")
  func origins() async throws {
    @Sendable func preflight(_ origin: String) -> String {
      "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: x\r\nOrigin: \(origin)\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization, x-stainless-os\r\nConnection: close\r\n\r\n"
    }
    @Sendable func ask(_ origin: String) -> String {
      "GET /v1/models HTTP/1.1\r\nHost: x\r\nOrigin: \(origin)\r\nAuthorization: bEARER sesame\r\nConnection: close\r\n\r\n"
    }
    try await TinyServer.with { server in
      for (origin, isAllowed) in [
        ("http://localhost:5173", true), ("http://127.0.0.1", true), ("https://example.org", false), ("null", false),
        ("http://localhost.example.org", false),
      ] {
        let heard = try await Self.exchange(port: server.port, [preflight(origin)]).lowercased()
        #expect(heard.hasPrefix("http/1.1 \(isAllowed ? 204 : 403)"), "\(origin): \(heard)")
        #expect(heard.contains("access-control-allow-origin: \(origin)\r\n") == isAllowed)
        let answer = try await Self.exchange(port: server.port, [ask(origin)]).lowercased()
        #expect(answer.contains("access-control-allow-origin: \(origin)\r\n") == isAllowed)
      }
    }
    try await TinyServer.with { _, settings in
      settings.keys = [APIKey(key: "sesame")]
      settings.origins = ["https://example.org"]
    } _: { server in
      let heard = try await Self.exchange(port: server.port, [preflight("https://example.org")]).lowercased()
      #expect(heard.hasPrefix("http/1.1 204"), "\(heard)")
      #expect(heard.contains("access-control-allow-headers: authorization, x-stainless-os"))
      #expect(try await Self.exchange(port: server.port, [preflight("http://localhost")]).hasPrefix("HTTP/1.1 403"))
      // The scheme's name in any case; an error can be read by the page too.
      let models = try await Self.exchange(port: server.port, [ask("https://example.org")]).lowercased()
      #expect(models.hasPrefix("http/1.1 200") && models.contains("access-control-allow-origin: https://example.org"))
      let keyless =
        "GET /v1/models HTTP/1.1\r\nHost: x\r\nOrigin: https://example.org\r\nConnection: close\r\n\r\n"
      let refused = try await Self.exchange(port: server.port, [keyless]).lowercased()
      #expect(refused.hasPrefix("http/1.1 401") && refused.contains("access-control-allow-origin:"), "\(refused)")
    }
  }

  @Test("several prompts in one stream say what they say in one answer")
  func severalPrompts() async throws {
    try await TinyServer.with { server in
      let body: JSONObject = [
        "model": "tiny", "prompt": [[5, 6, 7], [8, 9], [40]], "max_tokens": 6, "n": 2, "seed": 3, "echo": true,
        "ignore_eos": true,
      ]
      let whole = try await server.post("/v1/completions", .object(body)).json()
      let choices = try #require(whole["choices"]?.array)
      #expect(choices.count == 6)
      let more: JSONObject = ["stream": true, "stream_options": ["include_usage": true]]
      let events = try await server.post("/v1/completions", .object(JSONObject(body.members + more.members))).events()
      let parts = events.flatMap { $0["choices"]?.array ?? [] }
      for (i, choice) in choices.enumerated() {
        let own = parts.filter { $0["index"]?.int == i }
        #expect(own.compactMap { $0["text"]?.string }.joined() == choice["text"]?.string, "choice \(i)")
        #expect(own.last?["finish_reason"] == choice["finish_reason"])
      }
      #expect(events.last?["usage"]?["completion_tokens"] == whole["usage"]?["completion_tokens"])
      #expect(events.last?["usage"]?["prompt_tokens"] == whole["usage"]?["prompt_tokens"])
    }
  }
}
