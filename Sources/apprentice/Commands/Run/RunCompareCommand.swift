import ArgumentParser
import Console
import Documents
import Training

/// `apprentice run compare`.
struct RunCompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Put runs side by side: settings that differ, metrics at the end.",
    discussion: """
      EXAMPLE:
        apprentice run compare runs/sft runs/sft-long
      """)

  @Argument(help: .init("The runs' folders or names.", valueName: "run"))
  var names: [String]

  @Option(help: .init("The folder that holds the runs.", valueName: "folder"))
  var runs = "runs"

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard names.count >= 2 else { throw ValidationError("Name at least two runs.") }
  }

  func run() throws {
    let histories = try names.map { try RunHistory.named($0, in: runs) }
    let keys = RunHistory.differingKeys(of: histories)
    let metrics = histories.flatMap(\.metricNames).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    output.show(
      document(of: histories, keys: keys), text: text(of: histories, keys: keys, metrics: metrics))
  }

  private func document(of histories: [RunHistory], keys: [String]) -> JSONValue {
    [
      "settings": .object(
        JSONObject(
          keys.map { key in
            (key: key, value: .array(histories.map { $0.manifest.configuration[key] ?? .null }))
          })),
      "runs": .array(
        histories.map { history in
          [
            "path": .string(history.path),
            "step": history.lastStep.map { .int($0) } ?? .null,
            "metrics": .object(
              JSONObject(history.courses.map { (key: $0.name, value: .double($0.course.last)) })),
          ]
        }),
    ]
  }

  /// The most characters of a column; `--json` has the whole values.
  private static let widest = 32

  /// A value with its middle left out where it is long: of lists of files the beginning and the end tell most.
  private static func cell(_ text: String) -> String {
    guard text.count > widest else { return text }
    let half = (widest - 1) / 2
    return "\(text.prefix(widest - 1 - half))…\(text.suffix(half))"
  }

  private func text(of histories: [RunHistory], keys: [String], metrics: [String]) -> String {
    let columns = histories.map { (Self.cell($0.name), Table.Alignment.right) }
    var settings = Table([("setting", .left)] + columns)
    for key in keys {
      settings.add(
        [key]
          + histories.map { history in
            history.manifest.configuration[key].map { Self.cell($0.string ?? $0.serialized()) } ?? "unset"
          })
    }
    var last = Table([("last value", .left)] + columns)
    last.add(["step"] + histories.map { $0.lastStep.map(String.init) ?? "" })
    for metric in metrics {
      last.add([metric] + histories.map { RunCommand.text(of: $0.metrics[metric]?.last) })
    }
    return (keys.isEmpty ? "the settings are the same" : settings.text) + "\n\n" + last.text
  }
}
