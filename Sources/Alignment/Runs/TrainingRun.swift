public import Documents
import Foundation
import Settings
import Torch
public import Training

/// A run of training as it was asked for: everything that decides what comes out of it, and the folder that it goes into.
///
/// ```swift
/// import Documents
///
/// let run = TrainingRun(
///   "train dpo", folder: "runs/dpo", configuration: ["model": "runs/sft", "data": ["pairs.jsonl"]], settings: settings)
/// ```
///
/// `drive` takes the learner and `report(on:)` says how it ended.
/// The same call goes on with a run that was stopped. It refuses to where what decides a step has changed since: the
/// configuration, the files that it names under `data`, `problems`, `ptx_data` and `chat_template`, or the models under `model`, `reward` and `tokenizer`.
public struct TrainingRun {
  /// The command or program that makes the run, such as `train sft`.
  public var command: String
  /// The run's folder.
  public var folder: String
  /// All settings under the keys of configuration files; they go into `run.json`.
  public var configuration: [String: JSONValue]
  /// The loop's settings.
  public var settings: TrainingSettings
  /// Whether a number of steps was asked for besides epochs, which the run doesn't go beyond.
  public var isLimitedBySteps: Bool

  /// A run.
  public init(
    _ command: String, folder: String, configuration: [String: JSONValue], settings: TrainingSettings,
    isLimitedBySteps: Bool = false
  ) {
    self.command = command
    self.folder = folder
    self.configuration = configuration
    self.settings = settings
    self.isLimitedBySteps = isLimitedBySteps
  }

  /// The settings that a resumed run may change: how long it goes on and what it writes, not what a step is.
  private static let mayChange: Set<String> = [
    "max_steps", "num_train_epochs", "save_steps", "save_minutes", "save_total_limit", "eval_steps",
    "early_stopping_patience",
    "micro_batch_tokens",
    "device",
  ]

  /// The command's last word, which names the run to people.
  private var title: String { command.split(separator: " ").last.map(String.init) ?? command }

  /// Opens the run's folder and drives the learner until it is done, stopped or no better.
  ///
  /// - Parameter judge: what scores completions, by name and version, where something does.
  /// - Throws: `SettingError` for epochs where there are none, `MemoryShortageError` for steps that the machine can't hold, and
  ///   what the folder, the learner and the loop throw.
  public func drive(_ learner: any Learner, judge: JSONValue? = nil) throws -> TrainingLoop.Ending {
    var settings = settings
    if let examples = learner.examplesPerEpoch {
      settings.resolveEpochs(of: examples, isLimited: isLimitedBySteps)
    } else if let epochs = settings.epochs {
      throw SettingError(
        key: "num_train_epochs", value: "\(epochs)", problem: "there are no epochs here; give max_steps")
    }
    try learner.requireMemory(settings)
    InterruptSignals.install()
    var configuration = configuration
    configuration["max_steps"] = .int(settings.maxSteps)
    var inputs = try Self.inputs(of: configuration)
    if let judge { inputs["the judge"] = judge.serialized() }
    let group = try ProcessGroup.fromEnvironment()
    let place = try RunFolder(
      group.map { $0.rank == 0 ? folder : "\(folder)/.rank-\($0.rank)" } ?? folder,
      manifest: RunManifest(
        command: command, configuration: configuration, seed: settings.seed, versions: try TorchLibrary.versions(),
        inputs: inputs),
      mayChange: Self.mayChange)
    return try TrainingLoop(settings, folder: place, title: title, group: group).run(learner)
  }

  /// The files that the run reads, with their fingerprints: other data or another model would not go on with the same run.
  private static func inputs(of configuration: [String: JSONValue]) throws -> [String: String] {
    var inputs: [String: String] = [:]
    for key in ["data", "problems", "ptx_data", "chat_template"] {
      let named = configuration[key]
      for path in named?.array?.compactMap(\.string) ?? named?.string.map({ [$0] }) ?? [] {
        inputs[path] = Fingerprint.of(path)
      }
    }
    for key in ["model", "reward", "tokenizer"] {
      guard let path = configuration[key]?.string else { continue }
      inputs[path] = Fingerprint.ofModel(try ModelFolder.resolve(path).path)
    }
    return inputs
  }

  /// How a run came to its end, for people.
  public func report(on ending: TrainingLoop.Ending) -> String {
    switch ending {
    case .finished: return "\(title): finished; every --model takes \(folder)"
    case .stoppedEarly(let step, let best):
      let kept = best.map { "; the best was step \($0.step) (\($0.metric) \($0.value)), which the run is known by now" }
      return "\(title): evaluation got no better; stopped at step \(step)\(kept ?? "")"
    case .interrupted(let step):
      return "\(title): stopped at step \(step) and saved; the same command goes on from there"
    }
  }
}
