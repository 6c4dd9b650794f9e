import Documents
import Foundation

/// A run as it lies on the disk, for looking at it afterwards or from outside.
public struct RunHistory: Sendable {
  /// The run's folder.
  public let path: String
  /// The contents of `run.json`.
  public let manifest: RunManifest
  /// The last step with a complete line of metrics; nil before the first.
  public private(set) var lastStep: Int?
  /// The metrics' names, in the order of their first appearance.
  public private(set) var metricNames: [String] = []
  /// The course of each metric.
  public private(set) var metrics: [String: Course] = [:]

  /// The course of one metric over a run.
  public struct Course: Sendable, Equatable {
    /// Its first value.
    public var first: Double
    /// Its last value.
    public var last: Double
    /// Its lowest value.
    public var minimum: Double
    /// Its highest value.
    public var maximum: Double
    /// The number of values.
    public var count: Int
  }

  /// The metrics with their courses, in order.
  public var courses: [(name: String, course: Course)] {
    metricNames.compactMap { name in metrics[name].map { (name: name, course: $0) } }
  }

  /// The folder's name.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }

  /// Reads a run.
  ///
  /// - Throws: ``DataError`` of kind `noInput` where the folder is none of a run.
  public init(path: String) throws {
    guard let manifest = try RunFolder.manifest(of: path) else {
      throw DataError(
        .noInput, path: path, problem: "this is not a run's folder; it has no run.json",
        advice: "'apprentice run list' shows the runs there are.")
    }
    self.path = path
    self.manifest = manifest
    readMetrics()
  }

  /// The run of that name or path: `runs/sft` and `sft` are the same.
  ///
  /// - Throws: ``DataError`` of kind `noInput` where there is none, with the nearest name.
  public static func named(_ name: String, in folder: String) throws -> RunHistory {
    let found = [name, "\(folder)/\(name)"].first { FileManager.default.fileExists(atPath: $0 + "/run.json") }
    if let found { return try RunHistory(path: found) }
    var problem = "there is no run of this name, here or in \(folder)/"
    if let nearest = try all(in: folder).map(\.name).nearest(to: name) {
      problem += "; the nearest one is '\(nearest)'"
    }
    throw DataError(
      .noInput, path: name, problem: problem, advice: "'apprentice run list' shows the runs there are.")
  }

  /// The keys whose values are not the same in all runs, sorted.
  public static func differingKeys(of runs: [RunHistory]) -> [String] {
    Set(runs.flatMap { $0.manifest.configuration.keys }).filter { key in
      !runs.allSatisfy { $0.manifest.configuration[key] == runs[0].manifest.configuration[key] }
    }.sorted()
  }

  /// `finished`, or how it stands otherwise.
  public var state: String { manifest.finished == nil ? "unfinished" : "finished" }

  /// The runs directly inside a folder, the newest first; folders that are no runs are passed over.
  public static func all(in folder: String) throws -> [RunHistory] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return []
    }
    return try names.map { "\(folder)/\($0)" }
      .filter { FileManager.default.fileExists(atPath: $0 + "/run.json") }
      .map { try RunHistory(path: $0) }
      .sorted { ($1.manifest.created, $0.path) < ($0.manifest.created, $1.path) }
  }

  /// The checkpoints, the earliest first.
  public func checkpoints() throws -> [CheckpointStore.Checkpoint] {
    try CheckpointStore(path + "/checkpoints").all()
  }

  private mutating func readMetrics() {
    for line in MetricsFile(ofRun: path).lines {
      lastStep = max(lastStep ?? 0, line.step)
      for (name, value) in line.metrics.pairs { add(value, to: name) }
    }
  }

  private mutating func add(_ value: Double, to name: String) {
    guard var course = metrics[name] else {
      metricNames.append(name)
      metrics[name] = Course(first: value, last: value, minimum: value, maximum: value, count: 1)
      return
    }
    course.last = value
    course.minimum = min(course.minimum, value)
    course.maximum = max(course.maximum, value)
    course.count += 1
    metrics[name] = course
  }
}
