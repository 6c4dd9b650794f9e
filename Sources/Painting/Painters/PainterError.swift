import NeuralNetworks
import Torch

/// A painter's error on strokes that it hasn't seen.
public struct PainterError: Sendable, Equatable, Codable {
  /// The mean squared error on pixels that the brush inked.
  public var ink: Double
  /// The same of a painter that leaves the canvas blank.
  public var blank: Double
  /// The mean squared error on all pixels.
  public var all: Double
  /// The number of strokes.
  public var strokes: Int

  /// The error as a share of a blank canvas's.
  public var share: Double { ink / blank }

  /// Measures a painter, whose mode comes back as it was.
  public static func measure(_ painter: NeuralPainter, on set: StrokeSet) -> PainterError {
    let wasTraining = painter.isTraining
    painter.train(false)
    defer { painter.train(wasTraining) }
    let strokes = StrokeTensors(set)
    let device = painter.parameters.first?.tensor.device ?? .cpu
    var (ink, blank, all, inked) = (0.0, 0.0, 0.0, 0.0)
    withoutGradients {
      for start in stride(from: 0, to: set.count, by: 64) {
        let (shapes, truth) = strokes.batch(Array(start..<min(start + 64, set.count)), on: device)
        let error = (painter(shapes) - truth).square()
        let isInked = (truth .> 0).to(.float32)
        all += error.sum().item()
        ink += (error * isInked).sum().item()
        blank += truth.square().sum().item()
        inked += isInked.sum().item()
      }
    }
    return PainterError(
      ink: ink / max(inked, 1), blank: blank / max(inked, 1), all: all / Double(set.count * StrokeSet.pixels),
      strokes: set.count)
  }
}

/// Strokes where a network takes them from.
struct StrokeTensors {
  private let shapes: Tensor
  private let coverage: Tensor

  init(_ set: StrokeSet) {
    shapes = Tensor(set.shapes, shape: [set.count, StrokeAction.shapeCount])
    coverage = Tensor(set.coverage, shape: [set.count, StrokeSet.side, StrokeSet.side])
  }

  /// Shapes `[N, 9]` and coverage `[N, 64, 64]` from 0 to 1.
  func batch(_ places: [Int], on device: Device = .cpu) -> (shapes: Tensor, coverage: Tensor) {
    let index = Tensor(ids: places)
    return (
      shapes.indexSelect(index).to(device: device),
      coverage.indexSelect(index).to(device: device).to(.float32) * (1.0 / 255)
    )
  }
}
