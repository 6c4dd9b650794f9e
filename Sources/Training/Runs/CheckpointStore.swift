import Documents
import Foundation

/// The checkpoints of a run: `checkpoints/step-000123/`, each there whole or not at all.
public struct CheckpointStore: Sendable {
  /// One checkpoint on the disk.
  public struct Checkpoint: Sendable, Equatable {
    /// The number of optimizer steps that it has behind it.
    public var step: Int
    /// Its folder.
    public var path: String
  }

  /// The best checkpoint so far, as `best.json` keeps it.
  public struct Best: Sendable, Equatable, Codable {
    /// The checkpoint's step.
    public var step: Int
    /// The metric by which it is the best.
    public var metric: String
    /// The metric's value there.
    public var value: Double
    /// Whether the run ended with it, because evaluation got no better afterwards; nil means no.
    public var isResult: Bool?

    /// Names the best checkpoint.
    public init(step: Int, metric: String, value: Double, isResult: Bool? = nil) {
      self.step = step
      self.metric = metric
      self.value = value
      self.isResult = isResult
    }

    enum CodingKeys: String, CodingKey {
      case step, metric, value
      case isResult = "result"
    }
  }

  /// The folder that holds the checkpoints.
  public let path: String

  /// Names the folder, which need not exist yet; nothing on the disk is touched, as is right while
  /// another process may be saving there.
  public init(_ path: String) { self.path = path }

  /// Clears up what a killed save left behind; only for the run that owns the folder.
  func recover() throws {
    let files = FileManager.default
    guard files.fileExists(atPath: path) else { return }
    for name in try files.contentsOfDirectory(atPath: path)
    where name.hasPrefix(Self.outdatedPrefix) {
      // The save that was to replace this one stopped between its two renames: take it back.
      let final = "\(path)/\(name.dropFirst(Self.outdatedPrefix.count))"
      if !files.fileExists(atPath: final) {
        try DurableFile.rename("\(path)/\(name)", to: final)
      }
    }
    for name in try files.contentsOfDirectory(atPath: path) where name.hasPrefix(Self.partialPrefix) {
      try files.removeItem(atPath: "\(path)/\(name)")
    }
  }

  /// All checkpoints, the earliest first.
  public func all() throws -> [Checkpoint] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .compactMap { name in
        guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0 else {
          return nil
        }
        return Checkpoint(step: step, path: "\(path)/\(name)")
      }
      .sorted { $0.step < $1.step }
  }

  /// The checkpoint with the most steps, or nil where there is none.
  public func latest() throws -> Checkpoint? { try all().last }

  /// The checkpoint that the run is known by: the best one where it stopped early, else the latest.
  public func result() throws -> Checkpoint? {
    let all = try all()
    guard let best = try best(), best.isResult == true else { return all.last }
    return all.first { $0.step == best.step } ?? all.last
  }

  /// Saves a checkpoint: `write` fills an empty folder under a temporary name, which is synced to
  /// the disk and renamed; when it throws, or the process dies, nothing is left under the final
  /// name.
  @discardableResult
  public func save(step: Int, _ write: (_ folder: String) throws -> Void) throws -> Checkpoint {
    let name = Self.name(of: step)
    let partial = "\(path)/\(Self.partialPrefix)\(name)"
    let final = "\(path)/\(name)"
    let files = FileManager.default
    try? files.removeItem(atPath: partial)
    try files.createDirectory(atPath: partial, withIntermediateDirectories: true)
    do {
      try write(partial)
      for inside in try files.subpathsOfDirectory(atPath: partial) {
        try DurableFile.synchronize(path: "\(partial)/\(inside)")
      }
      try DurableFile.synchronize(path: partial)
    } catch {
      try? files.removeItem(atPath: partial)
      throw error
    }
    if files.fileExists(atPath: final) {
      // A folder can't be renamed over a full one. Between the two renames the older checkpoint is
      // under a name from which the next start takes it back.
      let outdated = "\(path)/\(Self.outdatedPrefix)\(name)"
      try? files.removeItem(atPath: outdated)
      try DurableFile.rename(final, to: outdated)
      try DurableFile.rename(partial, to: final)
      try files.removeItem(atPath: outdated)
    } else {
      try DurableFile.rename(partial, to: final)
    }
    return Checkpoint(step: step, path: final)
  }

  /// Replaces a small file of a checkpoint; it is there whole, the old or the new one.
  func replace(_ name: String, in step: Int, with data: Data) throws {
    try DurableFile.write(data, to: "\(path)/\(Self.name(of: step))/\(name)")
  }

  /// Which checkpoint is the best, if any was named.
  public func best() throws -> Best? {
    let file = path + "/best.json"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return try JSONValue(contentsOf: file).decoded(as: Best.self)
  }

  /// Names the best checkpoint, which ``prune(keepLast:)`` then keeps.
  public func setBest(_ best: Best) throws {
    let text = try JSONValue(encoding: best).serialized() + "\n"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try DurableFile.write(Data(text.utf8), to: path + "/best.json")
  }

  /// Removes all checkpoints but the last few and the best.
  public func prune(keepLast count: Int) throws {
    let best = try best()?.step
    for checkpoint in try all().dropLast(max(count, 1)) where checkpoint.step != best {
      // Renamed first, so that one half removed is never taken for a checkpoint.
      let doomed = "\(path)/\(Self.partialPrefix)\(Self.name(of: checkpoint.step))-removed"
      try DurableFile.rename(checkpoint.path, to: doomed)
      try FileManager.default.removeItem(atPath: doomed)
    }
  }

  private static let partialPrefix = ".partial-"
  private static let outdatedPrefix = ".partial-outdated-"

  private static func name(of step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}
