import ArgumentParser
import Documents
import ScalingLaws
import Settings

/// `apprentice scaling plan`.
struct ScalingPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say which model to train, and for how long, with what there is.",
    discussion: """
      From the law L(N, D) of the points: the best size for the compute that fits into memory and has enough data, the \
      loss that it will reach, and what smaller and larger ones would, each with the interval of one run. Give the \
      compute in FLOP, or as hours of a machine's speed.

      EXAMPLE:
        apprentice scaling plan --points runs.csv --flops 1e15 --memory 8 --tokens 2e8
      """)

  @OptionGroup var options: ScalingFitOptions

  @Option(in: .above(0), help: .init("The compute.", valueName: "FLOP"))
  var flops: Double?

  @Option(in: .above(0), help: .init("Hours of training, in place of --flops.", valueName: "hours"))
  var hours: Double?

  @Option(in: .above(0), help: .init("The machine's speed, FLOP a second in training.", valueName: "FLOP/s"))
  var speed: Double?

  @Option(in: .above(0), help: .init("The memory for weights, gradients and moments.", valueName: "GB"))
  var memory: Double?

  @Option(in: .above(0), help: .init("The bytes that a parameter takes in training.", valueName: "bytes"))
  var bytesPerParameter = 16.0

  @Option(in: .above(0), help: .init("The tokens that there are.", valueName: "count"))
  var tokens: Double?

  @Option(in: .above(0), help: .init("How often the tokens may be read.", valueName: "times"))
  var epochs = 1.0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (flops == nil) != (hours == nil), hours == nil || speed != nil else {
      throw ValidationError("Give the compute: --flops, or --hours with --speed.")
    }
  }

  func run() throws {
    let compute = flops ?? 3_600 * (hours ?? 0) * (speed ?? 0)
    let plan = try TrainingPlan(
      points: PointFile(path: options.points).points,
      limits: .init(
        flops: compute, memory: memory.map { $0 * 1e9 }, bytesPerParameter: bytesPerParameter, tokens: tokens,
        epochs: epochs, speed: speed), constant: options.constant, options: options.fit)
    output.show(try plan.document(), text: plan.text)
  }
}
