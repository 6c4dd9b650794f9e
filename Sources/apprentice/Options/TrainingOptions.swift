import Alignment
import ArgumentParser
import Documents
import Settings
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

  /// Makes the run, or goes on with it, and says how it ended.
  ///
  /// - Parameters:
  ///   - command: the command, whose every option goes into `run.json`.
  ///   - judge: what scores completions, by name and version, where something does.
  func drive(
    _ learner: any Training.Learner, of command: some ParsableCommand, judge: JSONValue? = nil
  ) throws {
    let run = TrainingRun(
      "train \(type(of: command)._commandName)", folder: run, configuration: try command.configurationTold,
      settings: settings, isLimitedBySteps: given.settings["max_steps"] != nil)
    let ending = try run.drive(learner, judge: judge)
    Log.raw(run.report(on: ending))
    if case .interrupted = ending { throw ExitCode(130) }
  }
}

extension TrainingOptions: ToldSettings {
  var told: [String: JSONValue] {
    get throws { try learner.members.merging(settings.members) { $1 }.merging(["device": .string(device)]) { $1 } }
  }
}
