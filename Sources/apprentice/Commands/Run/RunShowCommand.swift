import ArgumentParser
import Console
import Documents
import Training

/// `apprentice run show`.
struct RunShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a run's settings, metrics and checkpoints.",
    discussion: """
      EXAMPLE:
        apprentice run show runs/sft
      """)

  @Argument(help: .init("The run's folder, or its name in the folder of runs.", valueName: "run"))
  var name: String

  @Option(help: .init("The folder that holds the runs.", valueName: "folder"))
  var runs = "runs"

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let history = try RunHistory.named(name, in: runs)
    try output.show(document(of: history), text: text(of: history))
  }

  private func document(of history: RunHistory) throws -> JSONValue {
    [
      "name": .string(history.name),
      "path": .string(history.path),
      "run": try JSONValue(encoding: history.manifest),
      "step": history.lastStep.map { .int($0) } ?? .null,
      "metrics": .object(
        JSONObject(history.courses.map { (key: $0.name, value: document(of: $0.course)) })),
      "checkpoints": .array(
        try history.checkpoints().map {
          ["step": .int($0.step), "path": .string($0.path)]
        }),
    ]
  }

  private func document(of course: RunHistory.Course) -> JSONValue {
    [
      "first": .double(course.first), "last": .double(course.last),
      "min": .double(course.minimum), "max": .double(course.maximum), "count": .int(course.count),
    ]
  }

  private func text(of history: RunHistory) throws -> String {
    let manifest = history.manifest
    var lines = [
      "run          \(history.path)",
      "command      \(manifest.command)",
      "state        \(history.state)\(history.lastStep.map { " at step \($0)" } ?? "")",
      "started      \(manifest.created)",
    ]
    if let finished = manifest.finished { lines.append("finished     \(finished)") }
    lines.append("seed         \(manifest.seed)")
    if let revision = manifest.gitRevision { lines.append("git revision \(revision)") }
    lines.append("machine      \(manifest.machine)")
    var settings = Table([("setting", .left), ("value", .left)])
    for (key, value) in manifest.configuration.sorted(by: { $0.key < $1.key }) {
      settings.add([key, value.string ?? value.serialized()])
    }
    lines += ["", settings.text]
    if !history.metrics.isEmpty {
      var metrics = Table([
        ("metric", .left), ("first", .right), ("last", .right), ("min", .right), ("max", .right),
      ])
      for (name, course) in history.courses {
        metrics.add(
          [name]
            + [course.first, course.last, course.minimum, course.maximum].map {
              RunCommand.text(of: $0)
            })
      }
      lines += ["", metrics.text]
    }
    let checkpoints = try history.checkpoints()
    if !checkpoints.isEmpty { lines += ["", "checkpoints"] + checkpoints.map { "  \($0.path)" } }
    return lines.joined(separator: "\n")
  }
}
