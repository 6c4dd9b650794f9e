import ArgumentParser
import Documents
import Evaluation
import Foundation
import ScalingLaws

/// `apprentice scaling fit`.
struct ScalingFitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit power laws to the losses of runs, with intervals.",
    discussion: """
      Fits L(N, D), L(N), L(D) and L(C) as far as the points tell them, and the best size for a budget by up to four \
      methods: the envelope of learning curves, parabolas at equal compute, the law L(N, D) (Hoffmann et al. 2022), and \
      the hull of learning curves (Henighan et al. 2020). Huber's loss of log residuals, many starts, BFGS; intervals by \
      bootstrap, the same for the same seed.

      EXAMPLE:
        apprentice scaling fit --points runs.csv --json
      """)

  @OptionGroup var options: ScalingFitOptions
  @Option(help: .init("Write plots and tables as a page of HTML.", valueName: "file"))
  var report: String?

  @Option(help: .init("Write the plots as SVG.", valueName: "file"))
  var svg: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (file, study) = try options.study()
    if let report {
      try study.report(of: file.points, source: file.path).write(to: URL(fileURLWithPath: report))
    }
    if let svg { try DurableFile.write(Plot.svg(study.plots(of: file.points)), to: svg) }
    output.show(try study.document(), text: study.text)
  }
}
