import Documents
import Foundation

/// Starting points for submissions, which come with the program: a client for Python and three submissions.
public enum Starter {
  /// The names of the submissions, from the one that learns nothing to the one that learns by PPO.
  public static let names = ["blind", "random-search", "ppo"]
  /// The client's file; Python's package of the arcade has it as `apprentice_arcade.competition_client`.
  public static let client = "competition_client.py"

  private static func folder() throws(DataError) -> URL {
    guard let folder = Bundle.module.url(forResource: "Starter", withExtension: nil) else {
      throw DataError(
        .noInput, path: Bundle.module.bundlePath, problem: "the starting points aren't there",
        advice: "Build the program anew.")
    }
    return folder
  }

  /// Copies a submission into a folder of its name, with Python's client beside it where it is written in Python.
  ///
  /// - Returns: the folder's path.
  /// - Throws: `DataError` where it can't be written.
  @discardableResult
  public static func copy(_ name: String, into path: String) throws -> String {
    let target = "\(path)/\(name)"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    let folder = try folder()
    let source = folder.appendingPathComponent(name)
    let files = try FileManager.default.contentsOfDirectory(atPath: source.path).sorted()
    for file in files { try write(source.appendingPathComponent(file), to: "\(target)/\(file)") }
    if files.contains(where: { $0.hasSuffix(".py") }) {
      try write(folder.appendingPathComponent(client), to: "\(target)/\(client)")
    }
    return target
  }

  private static func write(_ source: URL, to path: String) throws {
    try DurableFile.write(FileContents.data(of: source.path), to: path)
  }
}
