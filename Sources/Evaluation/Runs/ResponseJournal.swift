import Documents
import Foundation

/// The answers of an evaluation as they come, so that one that was stopped goes on: a line each, under the request's fingerprint.
///
/// Its first line says of which model they are; another model's journal is not gone on with.
public final class ResponseJournal {
  private var known: [String: ModelResponse] = [:]
  private let path: String
  private let identity: String
  private var handle: FileHandle?
  private var unsynced = 0

  /// Opens a journal, or begins one.
  ///
  /// - Parameter identity: the model's; an older journal of another one is begun anew.
  public init(path: String, identity: String) throws {
    (self.path, self.identity) = (path, identity)
    let manager = FileManager.default
    if manager.fileExists(atPath: path) {
      let lines = try String(decoding: FileContents.data(of: path), as: UTF8.self).split(separator: "\n")
      let head = lines.first.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
      if head?["identity"]?.string == identity {
        for line in lines.dropFirst() {
          // A line that a crash cut short is asked for again.
          guard let entry = try? JSONValue(parsing: Array(line.utf8)), let key = entry["key"]?.string else { continue }
          if let text = entry["text"]?.string {
            known[key] = .text(text)
          } else if let value = entry["score"]?.double, let isGreedy = entry["greedy"]?.bool {
            known[key] = .score(value, isGreedy: isGreedy, tokens: entry["tokens"]?.int ?? 0)
          }
        }
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle?.seekToEnd()
        try handle?.write(contentsOf: Data("\n".utf8))
        return
      }
    }
    try DurableFile.write(Self.head(identity), to: path)
    handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle?.seekToEnd()
  }

  /// The number of answers that it holds.
  public var count: Int { known.count }

  /// The answer to a request, if it was given before.
  public subscript(request: ModelRequest) -> ModelResponse? { known[Self.key(request)] }

  /// Notes an answer.
  public func append(_ response: ModelResponse, to request: ModelRequest) throws {
    let key = Self.key(request)
    known[key] = response
    try handle?.write(contentsOf: Data(Self.line(response, key: key).utf8))
    unsynced += 1
    if unsynced >= 256 { try synchronize() }
  }

  /// Waits until all answers are on the disk.
  public func synchronize() throws {
    try handle?.synchronize()
    unsynced = 0
  }

  /// Takes out the answers to these requests, when what they were for is written; those of other evaluations that were stopped stay.
  public func remove(_ requests: [ModelRequest]) throws {
    try handle?.close()
    handle = nil
    for request in requests { known[Self.key(request)] = nil }
    guard !known.isEmpty else { return try FileManager.default.removeItem(atPath: path) }
    let lines = known.sorted { $0.key < $1.key }.map { Self.line($0.value, key: $0.key) }
    try DurableFile.write(([Self.head(identity)] + lines).joined(), to: path)
  }

  private static func head(_ identity: String) -> String {
    JSONValue.object(["identity": .string(identity)]).serialized() + "\n"
  }

  private static func line(_ response: ModelResponse, key: String) -> String {
    var line: JSONObject = ["key": .string(key)]
    switch response {
    case .text(let text): line["text"] = .string(text)
    case .score(let value, let isGreedy, let tokens):
      line["score"] = .double(value)
      line["greedy"] = .bool(isGreedy)
      line["tokens"] = .int(tokens)
    }
    return JSONValue.object(line).serialized() + "\n"
  }

  static func key(_ request: ModelRequest) -> String {
    let parts: [String] =
      switch request {
      case .logLikelihood(let context, let continuation): ["loglikelihood", context, continuation]
      case .rolling(let text): ["rolling", text]
      case .generation(let context, let settings, let sample): ["generate", context, settings.identity, "\(sample)"]
      }
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
    return String(SHA256Digest(of: Data(text.utf8)).hexadecimal.prefix(32))
  }
}
