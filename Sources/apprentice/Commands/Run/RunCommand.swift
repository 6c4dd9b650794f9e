import ArgumentParser
import Documents
import Foundation
import Training

/// `apprentice run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Look at the runs there are.",
    subcommands: [RunListCommand.self, RunShowCommand.self, RunCompareCommand.self])

  /// The run of that name or path: `runs/sft` and `sft` are the same.
  static func find(_ name: String, in folder: String) throws -> RunHistory {
    let candidates = [name, "\(folder)/\(name)"]
    let found = candidates.first {
      FileManager.default.fileExists(atPath: $0 + "/run.json")
    }
    if let found { return try RunHistory(path: found) }
    var problem = "there is no run of this name, here or in \(folder)/"
    let names = try RunHistory.all(in: folder).map(\.name)
    if let nearest = names.nearest(to: name) { problem += "; the nearest one is '\(nearest)'" }
    throw DataError(
      .noInput, path: name, problem: problem,
      advice: "'apprentice run list' shows the runs there are.")
  }

  /// A number with as many digits as help: four significant ones, whole numbers whole.
  static func text(of value: Double?) -> String {
    guard let value else { return "" }
    return Int(exactly: value).map(String.init) ?? String(format: "%.4g", value)
  }
}

extension RunHistory {
  /// `finished`, or how it stands otherwise.
  var state: String { manifest.finished == nil ? "unfinished" : "finished" }
}
