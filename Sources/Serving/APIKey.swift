import Documents
public import Foundation
import LanguageModels
import Synchronization

/// A key that opens the server, kept as its SHA-256 only.
public struct APIKey: Sendable {
  /// The key's name in the log.
  public var name: String
  /// SHA-256 of the key.
  let digest: [UInt8]
  /// The requests that it may make in a minute; nil for any number.
  public var requestsPerMinute: Int?
  /// The number of requests that it may have at once; nil for any number.
  public var concurrentRequests: Int?

  /// A key given in the clear.
  public init(name: String = "default", key: String, requestsPerMinute: Int? = nil, concurrentRequests: Int? = nil) {
    self.name = name
    digest = SHA256Digest(of: Data(key.utf8)).bytes
    self.requestsPerMinute = requestsPerMinute
    self.concurrentRequests = concurrentRequests
  }

  private init?(_ value: JSONValue) {
    guard let name = value["name"]?.string, let hex = value["sha256"]?.string, hex.utf8.count == 64 else { return nil }
    let digits = Array(hex.utf8)
    let bytes = stride(from: 0, to: 64, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
    guard bytes.count == 32 else { return nil }
    self.name = name
    digest = bytes
    requestsPerMinute = value["requests_per_minute"]?.int
    concurrentRequests = value["concurrent_requests"]?.int
  }

  /// Reads a file of JSON lines: `{"name", "sha256", "requests_per_minute", "concurrent_requests"}`, the last two optional.
  public static func read(_ file: URL) throws -> [APIKey] {
    let text = try FileContents.text(of: FileContents.path(of: file))
    return try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { i, line in
      guard !line.allSatisfy(\.isWhitespace) else { return nil }
      guard let key = try APIKey(JSONValue(parsing: String(line))) else {
        throw ConfigurationError(
          "\(file.path):\(i + 1): a key needs a 'name' and its 'sha256' in 64 hexadecimal digits (printf %s KEY | sha256sum)"
        )
      }
      return key
    }
  }

  /// Whether this is the key, in a time that doesn't depend on where it differs.
  func matches(_ other: [UInt8]) -> Bool {
    var difference: UInt8 = 0
    for (a, b) in zip(digest, other) { difference |= a ^ b }
    return difference == 0 && digest.count == other.count
  }
}

/// The keys of a server and how much each has been used.
final class KeyRing: Sendable {
  private struct Use {
    var minute: [ContinuousClock.Instant] = []
    var running = 0
  }
  private let keys: [APIKey]
  private let uses: Mutex<[Use]>

  init(_ keys: [APIKey]) {
    self.keys = keys
    uses = Mutex(keys.map { _ in Use() })
  }

  var isEmpty: Bool { keys.isEmpty }

  /// Which key this is; nil for none of them.
  ///
  /// All keys are looked at.
  func index(of key: String) -> Int? {
    let digest = SHA256Digest(of: Data(key.utf8)).bytes
    var found: Int?
    for (i, own) in keys.enumerated() where own.matches(digest) { found = i }
    return found
  }

  /// A request that runs; it has ended when nobody holds this.
  final class Ticket: Sendable {
    private let ring: KeyRing
    private let index: Int

    fileprivate init(_ ring: KeyRing, _ index: Int) {
      self.ring = ring
      self.index = index
    }

    deinit { ring.uses.withLock { $0[index].running -= 1 } }
  }

  /// Counts a request in; throws where the key's limits are reached.
  func enter(_ index: Int) throws -> Ticket {
    let key = keys[index]
    let now = ContinuousClock.now
    try uses.withLock { uses in
      if let most = key.concurrentRequests, uses[index].running >= most {
        throw APIError.busy("this key may have \(most) requests at once")
      }
      if let most = key.requestsPerMinute {
        uses[index].minute.removeAll { now - $0 >= .seconds(60) }
        if uses[index].minute.count >= most {
          let wait = uses[index].minute.first.map { 60 - (now - $0).inSeconds } ?? 60
          throw APIError.busy("this key may make \(most) requests a minute", after: max(1, Int(wait.rounded(.up))))
        }
        uses[index].minute.append(now)
      }
      uses[index].running += 1
    }
    return Ticket(self, index)
  }
}
