public import Documents
import Foundation

/// The contents of `run.json`: everything needed to say how a run came about, and to repeat it.
public struct RunManifest: Sendable, Equatable, Codable {
  /// The command that makes the run, such as `train sft`.
  public var command: String
  /// The full configuration, defaults included, under the keys of `--config` files.
  public var configuration: [String: JSONValue]
  /// The seed of everything random in the run.
  public var seed: UInt64
  /// The data and models that the run reads, with the `Fingerprint` of each; nil where nobody took it.
  public var inputs: [String: String]?
  /// The time at which the run was first started, ISO 8601 in UTC.
  public var created: String
  /// The time at which it came to its end, or nil while it hasn't.
  public var finished: String?
  /// The time at which the run last diverged; nil if it never did.
  public var diverged: String?
  /// The versions of what computes: `apprentice`, `swift`, `libtorch`, as far as known.
  public var versions: [String: String]
  /// The commit checked out in the working directory, if it lies in a git repository.
  public var gitRevision: String?
  /// The operating system and how many cores it shows.
  public var machine: String

  enum CodingKeys: String, CodingKey {
    case command, configuration, seed, inputs, created, finished, diverged, versions, machine
    case gitRevision = "git_revision"
  }

  /// Describes a run that starts now, here.
  public init(
    command: String, configuration: [String: JSONValue], seed: UInt64,
    versions: [String: String] = [:], inputs: [String: String]? = nil
  ) {
    self.command = command
    self.configuration = configuration
    self.seed = seed
    self.versions = versions
    self.inputs = inputs
    created = Self.timestamp()
    gitRevision = GitRevision.current(from: FileManager.default.currentDirectoryPath)
    let process = ProcessInfo.processInfo
    machine = "\(process.operatingSystemVersionString), \(process.activeProcessorCount) cores"
  }

  static func timestamp() -> String { Date().formatted(.iso8601) }

  /// The keys whose values differ, or that only one of the two has, apart from `exempt`.
  func differences(from other: RunManifest, exempt: Set<String>) -> [String] {
    let keys = Set(configuration.keys).union(other.configuration.keys).subtracting(exempt)
    return keys.filter { configuration[$0] != other.configuration[$0] }.sorted()
  }
}
