// Neural painters (Nakano 2019): a network that imitates a brush, an agent that learns to paint through it, and pictures
// painted by following its gradients.
//
// Covered: painters of three kinds on strokes of libmypaint; an agent's learning through the painter against PPO with the real
// brush; pictures by gradient, transferred to the brush. Not covered: adversarial agents on digits, pictures of classes,
// intrinsic style transfer, the published eight million strokes.

import Documents
import Evaluation
import Foundation
import Media
import NeuralNetworks
import Painting
import Statistics
import Torch
import Training

/// Painting through a network that imitates a brush.
public struct PaintersRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "painters", title: "Painting through a network that imitates a brush",
    paper: "Nakano 2019, Neural painters: A learned differentiable constraint for generating brushstroke paintings",
    summary:
      "Networks learn what a brush of MyPaint does; an agent learns to paint digits through one, against PPO with the real "
      + "brush; and a picture is painted by following gradients, then by the brush itself.")
  /// Painters are networks.
  public static let usesDevice = false

  let options: RecipeOptions
  private let brush = "classic/dry_brush"

  /// The sizes that belong to the scale.
  public init(_ options: RecipeOptions) { self.options = options }

  private var kinds: [NeuralPainter.Kind] { options.isQuick ? [.curve] : [.curve, .vae, .gan] }
  private var seconds: Double { options.isQuick ? 2 : 60 * options.scale }
  private var seeds: [UInt64] { (0..<(options.isQuick ? 2 : 3)).map { options.seed &+ $0 } }

  /// Seconds on two cores.
  public var plan: [PlannedStage] {
    kinds.map { .init("painter-\($0.rawValue)", seconds: $0 == .curve ? 300 : 600) }
      + [.init("agents", seconds: 150 * Double(seeds.count)), .init("picture", seconds: 120)]
  }

  /// What the painters' errors are on strokes that none has seen, and the brush's own from one stroke to the next.
  struct Painters: Codable {
    var errors: [String: PainterError]
  }

  /// By seed.
  struct Agents: Codable {
    var painter: [[StrokeLessons.Point]]
    var reinforcement: [[StrokeLessons.Point]]
  }

  /// The stages.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let file = try BrushFile(named: brush)
    var errors: [String: PainterError] = [:]
    let fresh = try StrokeSet.generate(file, count: options.isQuick ? 200 : 2000, seed: options.seed &+ 1_000_001)
    guard let fresh else { throw RecipeRun.Interrupted() }
    for kind in kinds {
      let painter = try train(kind, file, run)
      errors[kind.rawValue] = PainterError.measure(painter, on: fresh)
    }
    let best = try PainterFolder(run.path(of: "painter-curve")).load()
    let lessons = StrokeLessons(
      painter: best, brush: file, digits: options.isQuick ? 100 : 2000, held: options.isQuick ? 20 : 100,
      seed: options.seed)
    let agents = try await run.stored("agents") {
      let points = options.isQuick ? 2 : 12
      return Agents(
        painter: try seeds.map { try lessons.throughPainter(seconds: seconds, points: points, seed: $0) },
        reinforcement: try seeds.map { try lessons.byReinforcement(seconds: seconds, points: points, seed: $0) })
    }
    let painted = try await run.stored("picture") { try paint(best, file, run) }
    var findings = RecipeFindings(effects: effects(errors) + effects(agents) + effects(painted))
    findings.pictures = [pictures(agents)]
    findings.details["painters"] = try JSONValue(encoding: errors)
    findings.details["picture"] = try JSONValue(encoding: painted)
    findings.cautions = [
      "The painters learn from some ten thousand strokes where the published ones had eight million, and the digits are lines "
        + "of our own and not people's handwriting."
    ]
    findings.sections = { page in
      page.heading("Painters")
      page.table(
        header: ["painter", "error on inked pixels over a blank canvas's", "squared error of all pixels"],
        rows: errors.sorted { $0.value.share < $1.value.share }.map { name, error in
          [.text(name), .number(error.share, decimals: 3), .number(error.all, decimals: 5)]
        }, caption: "\(fresh.count) strokes of \(file.name) that none of them has seen.")
      page.paragraph("Sheets of strokes lie with the painters' checkpoints, the painting in the folder 'painting'.")
    }
    return findings
  }

  // MARK: Painters

  private func train(_ kind: NeuralPainter.Kind, _ file: BrushFile, _ run: RecipeRun) throws -> NeuralPainter {
    let name = "painter-\(kind.rawValue)"
    return try run.stage(name) {
      var (settings, training) = (PainterSettings(), PainterSettings.training)
      settings.kind = kind
      settings.strokes = options.isQuick ? 600 : 40_000
      settings.evaluationStrokes = options.isQuick ? 100 : 1000
      training.maxSteps = options.isQuick ? 12 : Int(Double(kind == .curve ? 2000 : 4000) * options.scale)
      training.evalSteps = options.isQuick ? 0 : 500
      training.seed = options.seed
      if let painter = try? PainterFolder(run.path(of: name)).load(),
        try RunFolder.manifest(of: run.path(of: name))?.finished != nil
      {
        return painter
      }
      guard let strokes = try StrokeSet.generate(file, count: settings.strokes, seed: options.seed) else {
        throw RecipeRun.Interrupted()
      }
      let painter = NeuralPainter.make(kind, generator: Generator(seed: options.seed))
      try run.train(name, PainterLearner(painter, strokes: strokes, options: settings, settings: training), training)
      return painter
    }
  }

  private func effects(_ errors: [String: PainterError]) -> [Effect] {
    errors.sorted { $0.key < $1.key }.map { name, error in
      // A mean over thousands of pixels of each of thousands of strokes; its own noise is far below what is claimed.
      Effect(
        "\(name): error on inked pixels over a blank canvas's",
        Estimate(value: error.share, low: error.share, high: error.share, n: error.strokes), goal: .atMost(0.1),
        isShare: true)
    }
  }

  // MARK: Agents

  private func effects(_ agents: Agents) -> [Effect] {
    func last(_ runs: [[StrokeLessons.Point]]) -> [Double] { runs.compactMap { $0.last?.error } }
    let difference = zip(last(agents.reinforcement), last(agents.painter)).map { $0 - $1 }
    // By when the painter's agent is as good as the other ever was.
    let share = zip(agents.painter, agents.reinforcement).map { own, other in
      let goal = other.map(\.error).min() ?? 0
      let reached = own.first { $0.error <= goal } ?? own[own.count - 1]
      return reached.seconds / max(1e-9, other[other.count - 1].seconds)
    }
    return [
      Effect(
        "error that PPO with the brush has left over the painter's agent, after the same seconds",
        Bootstrap(seed: 1).mean(difference), goal: .above(0), isShare: true),
      Effect(
        "time in which the painter's agent is as good as PPO ever was, as a share of PPO's",
        Bootstrap(seed: 1).mean(share), goal: .atMost(0.5), isShare: true),
    ]
  }

  private func pictures(_ agents: Agents) -> [Plot] {
    let sides = [("through the painter", agents.painter), ("PPO with the brush", agents.reinforcement)]
    return [true, false].map { byTime in
      var plot = Plot(
        title: byTime ? "Learning to paint digits, by time" : "The same, by strokes",
        x: byTime ? "seconds" : "strokes painted", y: "error over a blank canvas's")
      for (name, runs) in sides {
        let count = runs.map(\.count).min() ?? 0
        plot.add(
          name,
          points: (0..<count).map { i in
            let x = runs.map { byTime ? $0[i].seconds : Double($0[i].strokes) }.reduce(0, +) / Double(runs.count)
            return Plot.Point(x: x, estimate: Bootstrap(seed: 1).mean(runs.map { $0[i].error }))
          })
      }
      return plot
    }
  }

  // MARK: The picture

  private func paint(_ painter: NeuralPainter, _ file: BrushFile, _ run: RecipeRun) throws -> PicturePainter.Errors {
    var settings = PictureSettings()
    if options.isQuick { (settings.strokes, settings.steps, settings.size) = (8, 4, 96) }
    let scene = ExampleScene.stillLife.picture(longSide: options.isQuick ? 96 : 640)
    let result = try PicturePainter(painter, brush: file, settings: settings).paint(scene) { _ in
      !InterruptSignals.stopRequested
    }
    if InterruptSignals.stopRequested { throw RecipeRun.Interrupted() }
    try PictureFolder(run.path(of: "painting")).write(result, brush: file, longSide: settings.size)
    return result.errors
  }

  private func effects(_ errors: PicturePainter.Errors) -> [Effect] {
    func exact(_ value: Double) -> Estimate { Estimate(value: value, low: value, high: value, n: 1) }
    return [
      Effect(
        "squared error of the painting by the real brush over the bare canvas's", exact(errors.brush / errors.ground),
        goal: .atMost(0.2), isShare: true),
      Effect(
        "gap between network and brush over the bare canvas's error", exact(errors.gap / errors.ground),
        goal: .atMost(0.1), isShare: true),
    ]
  }
}
