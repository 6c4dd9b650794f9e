import ArgumentParser
import Programming
import Recipes
import Settings
import Torch
import Training

/// Options of how a model's programs are drawn.
struct CodeDrawingOptions: ParsableArguments {
  @Option(help: .init("The model: a Hugging Face folder, a run or a GGUF file.", valueName: "path"))
  var model: String?

  @Option(in: .count(), help: .init("Samples of each problem.", valueName: "count"))
  var n = 1

  @Option(in: .atLeast(0), help: .init("Divides the logits; 0 takes the most probable token.", valueName: "value"))
  var temperature = 0.0

  @Option(
    in: .above(0, to: 1), help: .init("Keep the most probable tokens that hold this much probability.", valueName: "p"))
  var topP = 0.95

  @Option(in: .count(), help: .init("The most tokens of a sample.", valueName: "count"))
  var maxTokens = 512

  @Option(in: .count(), help: .init("Samples at a time. Default: 32, and 192 on a GPU.", valueName: "count"))
  var batch: Int?

  @Flag(help: "Draw samples and grade none, as on a machine without a sandbox.")
  var drawOnly = false

  @Flag(inversion: .prefixedNo, help: "Whether the model is asked in its chat template. Default: whether it has one.")
  var chat: Bool?

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  /// Draws what the file lacks, where there is a model.
  func draw(_ problems: [CodeTask], into path: String, seed: UInt64) throws {
    guard let model else { return }
    let device = try Device(parsing: device)
    let (decoder, tokenizer) = try CodexRecipe.load(model, device: device)
    var settings = CodeSampler.Settings(device: device)
    (settings.samples, settings.temperature, settings.topP) = (n, temperature, topP)
    (settings.maxTokens, settings.batch, settings.seed) = (maxTokens, batch ?? settings.batch, seed)
    let sampler = try CodeSampler(model: decoder, tokenizer: tokenizer, settings: settings, asks: chat)
    let bar = ProgressBar(title: "samples", totalSteps: problems.count)
    let samples = try sampler.draw(
      problems, into: path, isStopped: { InterruptSignals.stopRequested },
      progress: { bar.update(step: $0, tokens: $1) })
    bar.finish()
    guard samples != nil else {
      Log.raw("interrupted; the same command goes on from here")
      throw ExitCode(130)
    }
  }
}
