import ArgumentParser
import Console
import Documents
import Training

/// `apprentice run list`.
struct RunListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the runs in a folder, the newest first.",
    discussion: """
      EXAMPLE:
        apprentice run list
        apprentice run list experiments
      """)

  @Argument(help: .init("The folder that holds the runs; --runs says the same. Default: runs.", valueName: "folder"))
  var folder: String?

  @Option(help: .init("The folder that holds the runs.", valueName: "folder"))
  var runs: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard folder == nil || runs == nil else {
      throw ValidationError("The folder is given twice, as \(folder ?? "") and as --runs \(runs ?? ""); give it once.")
    }
  }

  func run() throws {
    let runs = folder ?? runs ?? "runs"
    let histories = try RunHistory.all(in: runs)
    let document = histories.map { history -> JSONValue in
      [
        "name": .string(history.name),
        "path": .string(history.path),
        "command": .string(history.manifest.command),
        "created": .string(history.manifest.created),
        "finished": history.manifest.finished.map { .string($0) } ?? .null,
        "step": history.lastStep.map { .int($0) } ?? .null,
        "loss": history.metrics["loss"].map { .double($0.last) } ?? .null,
      ]
    }
    output.show(["runs": .array(document)], text: text(of: histories, in: runs))
  }

  private func text(of histories: [RunHistory], in runs: String) -> String {
    guard !histories.isEmpty else { return "no runs in \(runs)/" }
    var table = Table([
      ("run", .left), ("command", .left), ("started", .left), ("state", .left), ("step", .right),
      ("loss", .right),
    ])
    for history in histories {
      table.add([
        history.name, history.manifest.command, history.manifest.created, history.state,
        history.lastStep.map(String.init) ?? "",
        RunCommand.text(of: history.metrics["loss"]?.last),
      ])
    }
    return table.text
  }
}
