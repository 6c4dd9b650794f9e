import ArgumentParser
import Foundation

/// `apprentice run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Look at the runs there are.",
    subcommands: [RunListCommand.self, RunShowCommand.self, RunCompareCommand.self])

  /// A number with as many digits as help: four significant ones, whole numbers whole.
  static func text(of value: Double?) -> String {
    guard let value else { return "" }
    return Int(exactly: value).map(String.init) ?? String(format: "%.4g", value)
  }
}
