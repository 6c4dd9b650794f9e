import Documents
import Foundation
import NeuralNetworks
import Painting
import TestSupport
import Testing
import Torch
import Training

/// A set of strokes without a brush: discs' worth of ink along straight lines, so that painters are tested everywhere.
private func plainStrokes(_ count: Int) -> StrokeSet {
  let generator = Generator(seed: 5)
  var shapes = Tensor.rand([count, 9], generator: generator).array(of: Float.self)
  // The control point lies in the middle: the line is straight.
  for stroke in stride(from: 0, to: shapes.count, by: 9) {
    for axis in 0..<2 { shapes[stroke + 2 + axis] = (shapes[stroke + 4 + axis] + shapes[stroke + 6 + axis]) / 2 }
  }
  var coverage: [UInt8] = []
  for number in 0..<count {
    let shape = shapes[number * 9..<number * 9 + 9].map { $0 * 64 }
    for pixel in 0..<StrokeSet.pixels {
      let (x, y) = (Float(pixel % 64) + 0.5, Float(pixel / 64) + 0.5)
      // shape 6 and 7 are the start, 4 and 5 the end.
      let (dx, dy) = (shape[4] - shape[6], shape[5] - shape[7])
      let t = min(1, max(0, ((x - shape[6]) * dx + (y - shape[7]) * dy) / max(1e-3, dx * dx + dy * dy)))
      let (ex, ey) = (shape[6] + t * dx - x, shape[7] + t * dy - y)
      coverage.append(ex * ex + ey * ey < 16 ? 255 : 0)
    }
  }
  return StrokeSet(brush: "plain", shapes: shapes, coverage: coverage)
}

@Suite struct PainterTests {
  private func settings(_ steps: Int) -> TrainingSettings {
    var settings = PainterSettings.training
    (settings.maxSteps, settings.batchSize, settings.evalSteps, settings.saveSteps) = (steps, 4, 0, 2)
    settings.schedule = .constant
    return settings
  }

  private func options(_ kind: NeuralPainter.Kind) -> PainterSettings {
    var options = PainterSettings()
    (options.kind, options.evaluationStrokes, options.criticSteps) = (kind, 8, 2)
    options.predictorShare = 0.5
    return options
  }

  @Test(arguments: NeuralPainter.Kind.allCases) func paintersPaintFrames(_ kind: NeuralPainter.Kind) {
    let painter = NeuralPainter.make(kind, generator: Generator(seed: 1))
    painter.train(false)
    let coverage = painter(Tensor.rand([3, 9], generator: Generator(seed: 2)))
    #expect(coverage.shape == [3, 64, 64])
    #expect(coverage.min().item() >= 0)
    #expect(coverage.max().item() <= 1)
  }

  /// Gradients of all nine numbers are slopes of what the painter paints.
  @Test(arguments: NeuralPainter.Kind.allCases) func gradientsAreSlopes(_ kind: NeuralPainter.Kind) {
    let painter = NeuralPainter.make(kind, generator: Generator(seed: 1))
    painter.train(false)
    let weights = Tensor.rand([1, 64, 64], generator: Generator(seed: 3), dtype: .float64)
    func value(_ shape: [Double]) -> Double {
      (painter(Tensor(shape.map(Float.init), shape: [1, 9])).to(.float64) * weights).sum().item()
    }
    let shape = [0.7, 0.4, 0.45, 0.3, 0.8, 0.75, 0.2, 0.65, 0.6]
    let leaf = Tensor(shape.map(Float.init), shape: [1, 9]).requiringGrad()
    (painter(leaf).to(.float64) * weights).sum().backward()
    let gradient = leaf.grad?.array(of: Float.self) ?? []
    #expect(gradient.count == 9)
    for i in gradient.indices {
      let step = 2e-3
      var (up, down) = (shape, shape)
      up[i] += step
      down[i] -= step
      let slope = (value(up) - value(down)) / (2 * step)
      #expect(abs(Double(gradient[i]) - slope) < 0.06 * abs(slope) + 0.2, "number \(i): \(gradient[i]), slope \(slope)")
    }
  }

  @Test func curvePainterLearns() throws {
    let set = plainStrokes(200)
    let painter = NeuralPainter.make(.curve, generator: Generator(seed: 1))
    let kept = set[192..<200]
    let before = PainterError.measure(painter, on: kept)
    let folder = try TemporaryFolder()
    let run = try RunFolder(folder.path("run"), manifest: RunManifest(command: "x", configuration: [:], seed: 1))
    let learner = PainterLearner(painter, strokes: set, options: options(.curve), settings: settings(60))
    try TrainingLoop(settings(60), folder: run, title: "painter").run(learner)
    let after = PainterError.measure(painter, on: kept)
    #expect(after.all < 0.5 * before.all)
    // A blank canvas's error on its own ink is that of full ink: the shares are of it.
    #expect(abs(after.blank - 1) < 1e-6)
    let again = try PainterFolder(folder.path("run")).load()
    #expect(PainterError.measure(again, on: kept) == after)
    #expect(throws: DataError.self) { try PainterFolder(folder.path) }
  }

  /// Steps that were made in two goes leave the weights of those made in one, to the bit: the vae in both of its stages.
  @Test(arguments: NeuralPainter.Kind.allCases) func trainingGoesOn(_ kind: NeuralPainter.Kind) throws {
    let set = plainStrokes(40)
    let folder = try TemporaryFolder()
    func train(_ name: String, stopAfter: Int?) throws -> [Float] {
      let painter = NeuralPainter.make(kind, generator: Generator(seed: 1))
      let run = try RunFolder(folder.path(name), manifest: RunManifest(command: "x", configuration: [:], seed: 1))
      let loop = TrainingLoop(settings(4), folder: run, title: "painter")
      var asked = 0
      // Asked before and after each step.
      loop.isTimeUp = {
        asked += 1
        return stopAfter.map { asked >= 2 * $0 } ?? false
      }
      try loop.run(PainterLearner(painter, strokes: set, options: options(kind), settings: settings(4)))
      return painter.state.flatMap { $0.tensor.to(.float32).array(of: Float.self) }
    }
    let whole = try train("whole", stopAfter: nil)
    let half = try train("parts", stopAfter: 2)
    #expect(half != whole)
    #expect(try train("parts", stopAfter: nil) == whole)
  }
}
