import ArgumentParser
import Documents
import Foundation
import ScalingLaws
import Settings
import Training

/// `apprentice scaling sweep`.
struct ScalingSweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Train a grid of sizes and budgets, and gather their learning curves.",
    discussion: """
      Makes each run of the file with 'apprentice train pretrain', some at a time, the cheapest first. The same command \
      goes on where it was stopped; a run that fails is named and the others go on. The learning curves come out as \
      points.csv, which 'apprentice scaling fit' reads. The file has data, tokenizer, context, batch, parameters (shapes \
      by rule, with aspect) or shapes (layers, width, heads), tokens or flops, and, if wanted, learning_rate, \
      evaluations and seed; or, in the place of data, tokenizer and context, a domain, as 'apprentice scaling domains' \
      lists them, with optimizer, source_seed and unique_tokens if wanted.

      EXAMPLE:
        apprentice scaling sweep --spec sweep.yaml --out runs/sweep --workers 2
      """)

  @Option(help: .init("The sweep: YAML or JSON.", valueName: "file"))
  var spec: String

  @Option(help: .init("The sweep's folder.", valueName: "folder"))
  var out: String

  @Option(in: .count(), help: .init("How many runs at a time.", valueName: "count"))
  var workers = 1

  @Option(
    in: .from(0, to: 1),
    help: .init("Stop runs whose loss lies this share above a larger run's at no more compute.", valueName: "share"))
  var stopBeaten: Double?

  @Option(in: .from(0, to: 1_000_000), help: .init("Make only the run of this number, from 0.", valueName: "number"))
  var only: Int?

  @Option(
    help: .init("Write a Slurm script that makes the open runs as an array, and make none.", valueName: "file"))
  var slurm: String?

  @Flag(help: "Give the open runs to Slurm as an array and wait for them.")
  var submit = false

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [slurm != nil, submit, only != nil].count(where: { $0 }) < 2 else {
      throw ValidationError("--slurm, --submit and --only are three ways to make runs: give one.")
    }
  }

  func run() throws {
    let specification = try SweepSpecification(path: spec)
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    var sweep = Sweep(specification, folder: out) { run, folder in
      (program, specification.arguments(of: run, into: folder))
    }
    sweep.workers = workers
    sweep.stopsBeaten = stopBeaten
    if let only, only >= specification.runs.count {
      throw ValidationError("--only \(only): the sweep has \(specification.runs.count) runs, numbered from 0.")
    }
    if let slurm {
      let array = sweep.slurmArray
      try FileManager.default.createDirectory(atPath: array.logs, withIntermediateDirectories: true)
      try DurableFile.write(array.script, to: slurm)
      return Log.info("wrote \(slurm): sbatch \(slurm) makes \(array.jobs.count) runs")
    }
    InterruptSignals.install()
    let shouldStop = { InterruptSignals.stopRequested }
    let states =
      submit
      ? try sweep.runOnSlurm(log: Log.info, shouldStop: shouldStop)
      : try sweep.run(only: only.map { [$0] }, log: Log.info, shouldStop: shouldStop)
    output.show(sweep.document(states), text: sweep.text(states))
    try sweep.requireNoFailure(states)
  }
}
