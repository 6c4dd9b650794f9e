public import Documents
import Foundation
import Torch

/// The folder of one run: `run.json`, `metrics.jsonl`, `samples.jsonl`, `checkpoints/`, and what
/// else the run writes.
///
/// ```swift
/// let folder = try RunFolder(
///   "runs/sft", manifest: RunManifest(command: "train sft", configuration: ["max_steps": 500], seed: 1))
/// let start = try folder.checkpoints.latest()
/// let metrics = try MetricsWriter(folder: folder, resumingAfter: start?.step)
/// ```
///
/// A run that diverged before its first checkpoint begins anew. Else the same command over an existing folder goes on with
/// the run, so that a run killed at any moment is taken up by repeating its command; another configuration is refused,
/// because its results would be taken for those of the first. While the object lives, no other process can open the folder.
public final class RunFolder: Sendable {
  /// The folder's path.
  public let path: String
  /// The contents of `run.json` when the folder was opened; a resumed run keeps its first manifest.
  public let manifest: RunManifest
  /// Whether the folder held this run already.
  public let isResumed: Bool
  /// The run's checkpoints.
  public let checkpoints: CheckpointStore
  private let lock: FolderLock

  /// Opens the folder, creating it where it doesn't exist.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - manifest: the run that is about to start.
  ///   - mayChange: keys of the configuration that a resumed run may have otherwise than the first
  ///     one; those that don't change what is computed at a step, such as `max_steps`.
  /// - Throws: ``RunFolderError`` where the folder holds another run or is in use, ``DataError``
  ///   where it can't be written.
  public init(_ path: String, manifest: RunManifest, mayChange: Set<String> = []) throws {
    self.path = path
    try Self.create(path)
    lock = try FolderLock(path)
    checkpoints = CheckpointStore(path + "/checkpoints")
    if let existing = try Self.manifest(of: path), try existing.diverged == nil || checkpoints.latest() != nil {
      try Self.check(existing, against: manifest, mayChange: mayChange, path: path)
      self.manifest = existing
      isResumed = true
      // What the kernels add up in which order belongs to what a resumed run must find again.
      try existing.versions[RowLimits.key].flatMap { RowLimits($0) }?.use()
      try checkpoints.recover()
    } else {
      guard try Self.isEmpty(path) || Self.manifest(of: path) != nil else {
        throw RunFolderError(
          path: path,
          problem: "the folder holds files but no run.json, so it is not a run's folder. "
            + "Choose another --run.")
      }
      try Self.write(manifest, to: path)
      self.manifest = manifest
      isResumed = false
    }
  }

  /// The path of a file in the folder.
  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Notes in `run.json` that the run came to its end.
  public func finish() throws {
    var manifest = try Self.manifest(of: path) ?? manifest
    manifest.finished = RunManifest.timestamp()
    try Self.write(manifest, to: path)
  }

  /// Notes in `run.json` that the run diverged: without a checkpoint there is nothing to go on from, and the folder is free
  /// for better settings.
  func noteDivergence() throws {
    var manifest = try Self.manifest(of: path) ?? manifest
    manifest.diverged = RunManifest.timestamp()
    try Self.write(manifest, to: path)
  }

  /// Writes a file into the folder so that it is there whole or not at all.
  public func write(_ text: String, to name: String) throws(DataError) {
    try DurableFile.write(Data(text.utf8), to: path(of: name))
  }

  /// Reads a folder's `run.json`; nil where there is none.
  public static func manifest(of path: String) throws -> RunManifest? {
    let file = path + "/run.json"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    do {
      return try JSONValue(contentsOf: file).decoded(as: RunManifest.self)
    } catch is DecodingError {
      throw DataError(
        .badData, path: file, problem: "the file is not a run's manifest",
        advice: "Choose another --run, or move the folder away.")
    }
  }

  private static func create(_ path: String) throws(DataError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw DataError(
        .inputOutput, path: path, problem: "can't create the run's folder",
        advice: "Check the path and its permissions.")
    }
  }

  private static func write(_ manifest: RunManifest, to path: String) throws {
    let text = try JSONValue(encoding: manifest).serialized(indent: 2) + "\n"
    try DurableFile.write(Data(text.utf8), to: path + "/run.json")
  }

  private static func isEmpty(_ path: String) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: path)
      .allSatisfy { $0.hasPrefix(".") || $0.hasPrefix("run.json.partial-") }
  }

  private static func check(
    _ existing: RunManifest, against new: RunManifest, mayChange: Set<String>, path: String
  ) throws(RunFolderError) {
    let remedy = "Give the same settings to resume it, or choose another --run."
    guard existing.command == new.command else {
      throw RunFolderError(
        path: path,
        problem: "the folder holds a run of '\(existing.command)', not of '\(new.command)'. "
          + remedy)
    }
    var changes = existing.differences(from: new, exempt: mayChange).map { key in
      let before = existing.configuration[key]?.serialized() ?? "unset"
      let after = new.configuration[key]?.serialized() ?? "unset"
      return "\(key) was \(before), is \(after)"
    }
    if existing.seed != new.seed, !changes.contains(where: { $0.hasPrefix("seed ") }) {
      changes.append("seed was \(existing.seed), is \(new.seed)")
    }
    for (input, before) in (existing.inputs ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let now = new.inputs?[input], now != before else { continue }
      changes.append("what \(input) holds has changed since the run began (\(before) then, \(now) now)")
    }
    guard changes.isEmpty else {
      throw RunFolderError(
        path: path,
        problem: "the folder holds a run with other settings (\(changes.joined(separator: "; "))). "
          + remedy)
    }
  }
}
