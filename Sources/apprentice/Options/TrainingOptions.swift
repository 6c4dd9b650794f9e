import Alignment
import ArgumentParser
import Documents
import Foundation
import Settings
import Torch
import Training

/// The options of every `train` command: the run's folder, the device, the settings of its learner and those of the loop.
struct TrainingOptions<Learner: LearnerSettings>: ParsableArguments, CustomReflectable {
  /// The run's folder.
  private(set) var run = ""
  /// The device of tensors.
  private(set) var device = ""
  /// The learner's settings.
  private(set) var learner = Learner()
  /// The loop's settings.
  private(set) var settings = Learner.training
  private var given: (learner: [String: [String]], settings: [String: [String]]) = ([:], [:])

  init() {}

  init(from decoder: any Swift.Decoder) throws {
    let container = try decoder.container(keyedBy: OptionKey.self)
    run = try container.decode(Option<String>.self, forKey: OptionKey("run")).wrappedValue
    device = try container.decode(Option<String>.self, forKey: OptionKey("device")).wrappedValue
    given.learner = try SettingFlags.words(for: learner, in: container)
    given.settings = try SettingFlags.words(for: settings, in: container)
  }

  mutating func validate() throws {
    learner = try SettingFlags.settled(Learner(), given.learner)
    settings = try SettingFlags.settled(Learner.training, given.settings)
  }

  var customMirror: Mirror {
    let run = Option<String>(
      help: .init("The run's folder; a run that was stopped goes on in it.", valueName: "folder"))
    let device = Option<String>(
      wrappedValue: "auto", help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
    return Mirror(
      self,
      children: SettingFlags.children(of: Learner()) + [("run", run)]
        + SettingFlags.children(of: Learner.training) + [("device", device)])
  }

  /// The settings that a resumed run may change: how long it goes on and what it writes, not what a step is.
  private static var mayChange: Set<String> {
    [
      "max_steps", "num_train_epochs", "save_steps", "save_minutes", "save_total_limit", "eval_steps",
      "early_stopping_patience",
      "micro_batch_tokens",
      "device",
    ]
  }

  /// The files that the command reads, with their fingerprints: other data or another model would not go on with the same run.
  private static func inputs(of configuration: [String: JSONValue]) throws -> [String: String] {
    var inputs: [String: String] = [:]
    for key in ["data", "ptx_data", "chat_template"] {
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

  /// Examples divided into those to learn from and those to evaluate on; says so where there will be no evaluation.
  func division<Item, Prompt: Hashable>(
    of items: [Item], share: Double, as name: String, by prompt: (Item) -> Prompt
  ) -> HeldOut<Item> {
    let made = HeldOut(items, share: share, seed: settings.seed, by: prompt)
    if made.evaluation.isEmpty {
      let early = settings.earlyStoppingPatience > 0 ? ", and no early stopping" : ""
      Log.warning("--eval-share \(share) of \(items.count) \(name) is none: no evaluation\(early)")
    }
    return made
  }

  /// Opens the run's folder and drives the learner.
  ///
  /// - Parameters:
  ///   - command: the command, whose every option goes into `run.json`.
  ///   - judge: what scores completions, by name and version, where something does.
  func drive(
    _ learner: any Training.Learner, of command: some ParsableCommand, judge: JSONValue? = nil
  ) throws {
    var settings = settings
    if let examples = learner.examplesPerEpoch {
      settings.resolveEpochs(of: examples, isLimited: given.settings["max_steps"] != nil)
    } else if settings.epochs != nil {
      throw ValidationError("--num-train-epochs: there are no epochs here; give --max-steps")
    }
    try learner.requireMemory(settings)
    InterruptSignals.install()
    let title = type(of: command)._commandName
    var configuration = try command.configurationTold
    configuration["max_steps"] = .int(settings.maxSteps)
    var inputs = try Self.inputs(of: configuration)
    if let judge { inputs["the judge"] = judge.serialized() }
    let group = try ProcessGroup.fromEnvironment()
    let folder = try RunFolder(
      group.map { $0.rank == 0 ? run : "\(run)/.rank-\($0.rank)" } ?? run,
      manifest: RunManifest(
        command: "train \(title)", configuration: configuration, seed: settings.seed,
        versions: try TorchLibrary.versions(), inputs: inputs),
      mayChange: Self.mayChange)
    let ending = try TrainingLoop(settings, folder: folder, title: title, group: group).run(learner)
    switch ending {
    case .finished: Log.raw("\(title): finished; the model is in \(run)/checkpoints")
    case .stoppedEarly(let step, let best):
      let kept = best.map { "; the best was step \($0.step) (\($0.metric) \($0.value)), which the run is known by now" }
      Log.raw("\(title): evaluation got no better; stopped at step \(step)\(kept ?? "")")
    case .interrupted(let step):
      Log.raw("\(title): stopped at step \(step) and saved; the same command goes on from there")
      throw ExitCode(130)
    }
  }
}

extension TrainingOptions: ToldSettings {
  var told: [String: JSONValue] {
    get throws { try learner.members.merging(settings.members) { $1 }.merging(["device": .string(device)]) { $1 } }
  }
}
