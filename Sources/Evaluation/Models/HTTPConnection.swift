import Documents
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Calls of a server that answers in JSON: a busy one is asked again, what isn't understood is an error.
struct HTTPConnection: Sendable {
  /// The address up to `/v1`.
  let base: String
  private let root: URL
  private let key: String?
  private let retries: Int
  private let session: URLSession

  init(_ address: String, key: String?, retries: Int) throws {
    var text = address
    while text.hasSuffix("/") { text.removeLast() }
    for ending in ["/chat/completions", "/completions"] where text.hasSuffix(ending) { text.removeLast(ending.count) }
    if !text.hasSuffix("/v1") { text += "/v1" }
    guard let url = URL(string: text), url.host != nil else {
      throw EvaluationError("'\(address)' is no server's address, such as http://localhost:8080", exitStatus: .usage)
    }
    (base, root, self.key, self.retries) = (text, url, key, retries)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 600
    session = URLSession(configuration: configuration)
  }

  func get(_ path: String) throws -> JSONValue { try call(URLRequest(url: root.appendingPathComponent(path)), path) }

  func post(_ path: String, _ body: JSONValue) throws -> JSONValue {
    var request = URLRequest(url: root.appendingPathComponent(path))
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.httpBody = Data(body.serialized().utf8)
    return try call(request, path)
  }

  private func call(_ request: URLRequest, _ path: String) throws -> JSONValue {
    var request = request
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    var wait = 0.5
    for attempt in 0...retries {
      let (data, response, error) = send(request)
      if let response {
        let text = String(decoding: data.prefix(300), as: UTF8.self)
        switch response.statusCode {
        case 200..<300:
          do { return try JSONValue(parsing: Array(data)) } catch {
            throw EvaluationError("\(base)/\(path) answers with what is no JSON: \(text.debugDescription)")
          }
        case 408, 429, 500, 502, 503, 504:
          guard attempt < retries else {
            throw EvaluationError(
              "\(base)/\(path) still answers \(response.statusCode) after \(retries + 1) tries: \(text.debugDescription)",
              exitStatus: .unavailable)
          }
          let asked = response.value(forHTTPHeaderField: "Retry-After").flatMap(Double.init)
          Thread.sleep(forTimeInterval: min(asked ?? wait, 60))
        default:
          throw EvaluationError("\(base)/\(path) refuses with status \(response.statusCode): \(text.debugDescription)")
        }
      } else {
        guard attempt < min(retries, 3) else {
          throw EvaluationError(
            "\(base) can't be reached: \(error?.localizedDescription ?? "no answer"). Is the server running?",
            exitStatus: .unavailable)
        }
        Thread.sleep(forTimeInterval: wait)
      }
      wait = min(wait * 2, 30)
    }
    throw EvaluationError("\(base)/\(path) gave no answer", exitStatus: .unavailable)
  }

  private func send(_ request: URLRequest) -> (data: Data, response: HTTPURLResponse?, error: (any Error)?) {
    let done = DispatchSemaphore(value: 0)
    let holder = Holder()
    let task = session.dataTask(with: request) { data, response, error in
      holder.set(data ?? Data(), response as? HTTPURLResponse, error)
      done.signal()
    }
    task.resume()
    done.wait()
    return holder.value
  }

  /// What the session's thread hands over.
  private final class Holder: Sendable {
    private let answer = Mutex<(Data, HTTPURLResponse?, (any Error)?)>((Data(), nil, nil))
    func set(_ data: Data, _ response: HTTPURLResponse?, _ error: (any Error)?) {
      answer.withLock { $0 = (data, response, error) }
    }
    var value: (Data, HTTPURLResponse?, (any Error)?) { answer.withLock { $0 } }
  }
}
