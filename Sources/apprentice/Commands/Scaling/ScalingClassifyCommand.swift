import ArgumentParser
import Documents
import ScalingLaws
import Settings
import Statistics
import Training

/// `apprentice scaling classify`.
struct ScalingClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Turn a generative model of images into a classifier of their textures, and measure its error.",
    discussion: """
      The output embedding gives way to a linear head over the mean hidden vector, and everything is trained. \
      --from-scratch takes the shape alone. The least error is that of the source's own exact probabilities.

      EXAMPLE:
        apprentice scaling classify --pretrained runs/image-8/runs/l4-d48-s900 --run runs/classifier
      """)

  @Option(help: .init("A finished run on image-8 or image-16.", valueName: "folder"))
  var pretrained: String

  @Flag(help: "Take the shape of that run, and random weights.")
  var fromScratch = false

  @Option(in: .count(), help: .init("How many labelled images to learn from.", valueName: "count"))
  var images = 512

  @Option(in: .count(), help: .init("Optimizer steps.", valueName: "count"))
  var maxSteps = 200

  @Option(in: .above(0, below: 10), help: .init("Peak learning rate.", valueName: "rate"))
  var learningRate = 1e-3

  @Option(help: .init("Seeds the head and the order of images.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(name: .customLong("run"), help: .init("The run's folder.", valueName: "folder"))
  var folder: String

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var study = TextureStudy(pretrained: pretrained)
    (study.fromScratch, study.images, study.steps) = (fromScratch, images, maxSteps)
    (study.learningRate, study.seed) = (learningRate, seed)
    InterruptSignals.install()
    let result = try study.train(into: folder)
    output.show(try JSONValue(encoding: result), text: result.text)
  }
}
