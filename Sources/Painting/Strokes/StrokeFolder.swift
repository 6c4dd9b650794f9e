import Documents
import Foundation
import Statistics
public import Training

/// A folder of strokes: `strokes.json`, and shards `shard-00000.npz` that NumPy reads, with `actions` and `coverage`.
///
/// ```swift
/// let folder = StrokeFolder("runs/charcoal-strokes")
/// try folder.generate(BrushFile(named: "charcoal"), count: 1_000_000, seed: 1)   // again: goes on where it was stopped
/// let strokes = try folder.read(limit: 100_000)
/// ```
public struct StrokeFolder: Sendable {
  /// The folder's path.
  public let path: String
  /// The strokes of a shard unless another number is asked for.
  public static let shard = 20 * StrokeSet.block

  /// Names a folder; nothing is touched.
  public init(_ path: String) { self.path = path }

  struct Manifest: Codable, Equatable {
    var brush: String
    /// SHA-256 of the brush's file.
    var fingerprint: String
    var seed: UInt64
    var side: Int
    var shard: Int
  }

  private func file(_ number: Int) -> String {
    path + "/shard-" + String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number).npz"
  }

  /// Paints strokes into the folder, shard after shard on all cores, and leaves what is there already.
  ///
  /// - Parameters:
  ///   - count: the strokes in all; the same folder takes more later.
  ///   - shard: the strokes of a file, a multiple of 500.
  ///   - report: told after each shard how many strokes there are.
  /// - Returns: the strokes that the folder holds: fewer than `count` where a signal asked to stop.
  /// - Throws: ``PaintingError`` where the folder holds another brush's or seed's strokes, `DataError` where it can't be written.
  @discardableResult
  public func generate(
    _ brush: BrushFile, count: Int, seed: UInt64, threads: Int = Machine.cores, shard: Int = Self.shard,
    isStopped: @escaping @Sendable () -> Bool = { InterruptSignals.stopRequested }, report: (Int) -> Void = { _ in }
  ) throws -> Int {
    precondition(shard > 0 && shard % StrokeSet.block == 0, "a shard holds a multiple of \(StrokeSet.block) strokes")
    let manifest = Manifest(
      brush: brush.name, fingerprint: Fingerprint.of(brush.path) ?? "", seed: seed, side: StrokeSet.side, shard: shard)
    let manifestFile = path + "/strokes.json"
    if FileManager.default.fileExists(atPath: manifestFile) {
      let existing = try JSONValue(contentsOf: manifestFile).decoded(as: Manifest.self)
      guard existing == manifest else {
        throw PaintingError(
          "\(path): the folder holds strokes of \(existing.brush) with seed \(existing.seed), not of \(brush.name) as it is now "
            + "with seed \(seed). Choose another folder.")
      }
    } else {
      do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
        throw DataError(
          .inputOutput, path: path, problem: "can't create the folder", advice: "Check the path and its permissions.")
      }
      try DurableFile.write(try JSONValue(encoding: manifest).serialized(indent: 2) + "\n", to: manifestFile)
    }
    var held = 0
    for number in 0..<(count + shard - 1) / shard {
      let size = min(shard, count - number * shard)
      if FileManager.default.fileExists(atPath: file(number)) {
        // The last shard of a smaller set is short, and is painted again for a larger one.
        let there = try read(number, brush: brush.name).count
        if there >= size {
          held += there
          continue
        }
      }
      guard
        let strokes = try StrokeSet.generate(
          brush, from: number * shard, count: size, seed: seed, threads: threads, isStopped: isStopped)
      else { return held }
      var archive = ZipWriter()
      archive.add("actions.npy", NumPyArray(strokes.shapes, shape: [size, StrokeAction.shapeCount]).data)
      archive.add("coverage.npy", NumPyArray(strokes.coverage, shape: [size, StrokeSet.side, StrokeSet.side]).data)
      try DurableFile.write(archive.data, to: file(number))
      held += size
      report(held)
    }
    return held
  }

  /// The strokes of the folder, at most `limit` of them.
  ///
  /// - Throws: `DataError` where there are none or a shard is damaged.
  public func read(limit: Int = .max) throws -> StrokeSet {
    let manifestFile = path + "/strokes.json"
    guard FileManager.default.fileExists(atPath: manifestFile) else {
      throw DataError(
        .noInput, path: path, problem: "there is no strokes.json, so this is no folder of strokes",
        advice: "Make one with 'apprentice strokes generate'.")
    }
    let manifest = try JSONValue(contentsOf: manifestFile).decoded(as: Manifest.self)
    var (shapes, coverage): ([Float], [UInt8]) = ([], [])
    var number = 0
    while FileManager.default.fileExists(atPath: file(number)), shapes.count / StrokeAction.shapeCount < limit {
      let shard = try read(number, brush: manifest.brush)
      shapes += shard.shapes
      coverage += shard.coverage
      number += 1
    }
    guard !shapes.isEmpty else {
      throw DataError(
        .noInput, path: path, problem: "the folder holds no shard", advice: "Go on with 'apprentice strokes generate'.")
    }
    let all = StrokeSet(brush: manifest.brush, shapes: shapes, coverage: coverage)
    return all.count > limit ? all[0..<limit] : all
  }

  private func read(_ number: Int, brush: String) throws -> StrokeSet {
    // A shard is as large as whoever made it wanted it.
    let archive = try ZipArchive(FileContents.data(of: file(number)), path: file(number), mostBytes: .max)
    guard
      let actions = try archive.data("actions.npy").flatMap({
        NumPyArray($0, type: "<f4", row: [StrokeAction.shapeCount])
      }),
      let coverage = try archive.data("coverage.npy").flatMap({
        NumPyArray($0, type: "|u1", row: [StrokeSet.side, StrokeSet.side])
      }), actions.shape[0] == coverage.shape[0]
    else {
      throw DataError(
        .badData, path: file(number), problem: "the shard lacks 'actions' or 'coverage', or they have other shapes",
        advice: "Remove it and go on with 'apprentice strokes generate'.")
    }
    return StrokeSet(brush: brush, shapes: actions.floats, coverage: [UInt8](coverage.bytes))
  }
}
