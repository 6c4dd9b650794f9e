import ArgumentParser
import Documents
import ScalingLaws
import Settings
import Training

/// `apprentice scaling train`.
struct ScalingTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train one model on a generated domain: a run of a sweep.",
    discussion: """
      The domains are those of 'apprentice scaling domains'. Width and depth are the model's, its other proportions the \
      domain's. The same command goes on with a run that was stopped.

      EXAMPLE:
        apprentice scaling train --domain image-8 --layers 4 --width 32 --max-steps 400 --run runs/image-8
      """)

  @Option(help: .init("The domain.", valueName: "name"))
  var domain: String

  @Option(help: .init("Seeds what of the domain is generated.", valueName: "number"))
  var sourceSeed: UInt64 = 1

  @Option(in: .from(1, to: 10_000), help: .init("Layers.", valueName: "count"))
  var layers = 2

  @Option(in: .from(1, to: 1_000_000), help: .init("The width of the model.", valueName: "features"))
  var width = 32

  @Option(in: .count(), help: .init("Optimizer steps.", valueName: "count"))
  var maxSteps = 1000

  @Option(in: .count(), help: .init("Sequences of a step.", valueName: "count"))
  var rows = 16

  @Option(in: .above(0, below: 10), help: .init("Peak learning rate.", valueName: "rate"))
  var learningRate = DomainRun.muonRate

  @Option(help: .init("The optimizer: adamw, muon, adafactor or sgd.", valueName: "name"))
  var optim = TrainingSettings.OptimizerKind.muon.rawValue

  @Option(in: .count(), help: .init("Points on the learning curve.", valueName: "count"))
  var evaluations = 10

  @Option(help: .init("Seeds weights and data.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    in: .above(0), help: .init("How many different tokens there are, read over and over.", valueName: "count"))
  var uniqueTokens: Double?

  @Option(help: .init("A run of the same shape whose weights this one begins with.", valueName: "folder"))
  var start: String?

  @Option(help: .init("What is learnt from: training, or tuning with blanks.", valueName: "part"))
  var part = DomainPart.training

  @Option(
    help: .init("A registered prediction of this run; its SHA-256 goes into the manifest.", valueName: "file"))
  var prediction: String?

  @Option(name: .customLong("run"), help: .init("The run's folder.", valueName: "folder"))
  var folder: String

  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard TrainingSettings.OptimizerKind(rawValue: optim) != nil else {
      let known = TrainingSettings.OptimizerKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--optim \(optim): it must be one of \(known).")
    }
  }

  func run() throws {
    var run = DomainRun(domain: domain, layers: layers, width: width)
    (run.sourceSeed, run.steps, run.rows, run.learningRate) = (sourceSeed, maxSteps, rows, learningRate)
    (run.optimizer, run.evaluations, run.seed) = (.init(rawValue: optim) ?? .muon, evaluations, seed)
    (run.start, run.part, run.prediction) = (start, part, prediction)
    if let uniqueTokens {
      let context = try ScalingDomains.named(domain, seed: sourceSeed).context
      run.uniqueSequences = max(1, Int(uniqueTokens / Double(context)))
    }
    InterruptSignals.install()
    if case .interrupted = try run.train(into: folder) { throw ExitCode(130) }
  }
}
