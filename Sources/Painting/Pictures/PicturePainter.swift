import Foundation
public import Media
import NeuralNetworks
import Statistics
import Torch

/// Paints a picture with a brush, by following gradients through a frozen neural painter (Nakano 2019, section 4).
///
/// ```swift
/// let painter = PicturePainter(try PainterFolder("runs/charcoal").load(), brush: try BrushFile(named: "charcoal"))
/// let result = try painter.paint(PictureFile.read("photo.jpg"))
/// try PNGFile.write(result.picture.render(painter.brush, longSide: 2048), to: "painting.png")
/// ```
///
/// Layers go from coarse to fine: a layer's frames cover the picture with overlap, its strokes begin where the canvas is most
/// wrong, and Adam moves all numbers of all strokes at once. The loss is the mean absolute difference of the pixels and of
/// means over 4 by 4 of them. After each layer the real brush paints what there is, and the next layer begins from that and
/// not from what the network makes of it: so the gap between the two is what later layers mend.
public final class PicturePainter {
  /// How far a painting is.
  public struct Progress {
    /// The layer, from 0.
    public var layer: Int
    /// The layers in all.
    public var layers: Int
    /// The step of the layer, from 0.
    public var step: Int
    /// The steps of a layer.
    public var steps: Int
    /// The loss.
    public var loss: Double
    /// The canvas as the network sees it, at the layer's size.
    public var canvas: () -> RGBImage
  }

  /// A painting and what it was compared with.
  public struct Result {
    /// The strokes.
    public var picture: PaintedPicture
    /// Squared errors at the size of the last layer.
    public var errors: Errors
    /// The picture that was painted after, and the canvas as the network and the real brush have it, at that size.
    public var compared: [RGBImage]
  }

  /// Mean squared errors, of colours from 0 to 1.
  public struct Errors: Sendable, Codable, Equatable {
    /// Of the canvas before the first stroke, against the picture.
    public var ground: Double
    /// Of what the network makes of all strokes, against the picture.
    public var painter: Double
    /// Of what the real brush makes of them, against the picture.
    public var brush: Double
    /// Of the real brush against the network: the gap of the transfer.
    public var gap: Double
  }

  /// The brush.
  public let brush: BrushFile
  private let painter: NeuralPainter
  private let settings: PictureSettings

  /// A painter that paints with a brush.
  public init(_ painter: NeuralPainter, brush: BrushFile, settings: PictureSettings = PictureSettings()) {
    self.painter = painter
    self.brush = brush
    self.settings = settings
    painter.train(false)
    painter.requireGradients(false)
  }

  /// Paints a picture.
  ///
  /// - Parameter report: told of every step; false stops after it, and what there is comes back.
  /// - Throws: ``PaintingError`` where libmypaint isn't installed.
  public func paint(_ source: RGBImage, report: (Progress) -> Bool = { _ in true }) throws -> Result {
    let aspect = Double(source.height) / Double(source.width)
    let original = PictureTensor.make(source)
    let mean = original.mean(axis: 1, 2).array(of: Float.self)
    let ground = settings.ground == .white ? SIMD3<Float>(1, 1, 1) : SIMD3(mean[0], mean[1], mean[2])
    var picture = PaintedPicture(brush: brush.name, aspect: aspect, ground: ground, layers: [])
    let plan = settings.layers
    var grid = TileGrid(aspect: aspect, across: 1, overlap: settings.overlap)
    for (number, layer) in plan.enumerated() {
      grid = TileGrid(aspect: aspect, across: layer.across, overlap: settings.overlap)
      let base = PictureTensor.make(try picture.render(brush, longSide: max(grid.width, grid.height)))
      let (strokes, goesOn) = follow(
        PictureTensor.resized(original, height: grid.height, width: grid.width), from: base, grid: grid,
        strokes: layer.strokes, number: number, of: plan.count, report)
      picture.layers.append(strokes)
      if !goesOn { break }
    }
    return try compared(picture, original, grid)
  }

  // MARK: A layer

  private func follow(
    _ target: Tensor, from base: Tensor, grid: TileGrid, strokes: Int, number: Int, of layers: Int,
    _ report: (Progress) -> Bool
  ) -> (strokes: [PlacedStroke], goesOn: Bool) {
    let around = [
      grid.left, grid.canvasWidth - grid.width - grid.left, grid.top, grid.canvasHeight - grid.height - grid.top,
    ]
    let (goal, ground) = (target.padded(around), base.padded(around))
    let mask = Tensor.ones([1, grid.height, grid.width]).padded(around)
    var beginnings = StrokeBeginnings(
      target: goal, canvas: ground, mask: mask,
      seed: DerivedSeed(run: settings.seed, for: "strokes", step: number).value)
    let counts = beginnings.counts(strokes, in: grid)
    let most = max(1, counts.max() ?? 1)
    var (values, present) = ([Float](), [Float]())
    for (tile, count) in counts.enumerated() {
      for stroke in 0..<most {
        // Places that a tile doesn't use up stay empty: their coverage is multiplied by 0.
        let action =
          stroke < count
          ? beginnings.next(in: grid.corners[tile], length: number == 0 ? 34 : 24, size: number == 0 ? 0.85 : 0.72)
          : StrokeAction([Float](repeating: 0.5, count: StrokeAction.count))
        values += action.values.map { value in
          let inside = min(max(value, 0.02), 0.98)
          return log(inside / (1 - inside))
        }
        present.append(stroke < count ? 1 : 0)
      }
    }
    let tiles = counts.count
    let logits = Tensor(values, shape: [tiles * most, StrokeAction.count]).requiringGrad()
    let isPresent = Tensor(present, shape: [tiles * most, 1, 1])
    let optimizer = AdamW([ParameterGroup(parameters: [("strokes", logits)])], options: .init(beta2: 0.99))
    let pixels = Double(3 * grid.width * grid.height)
    var canvas = ground
    var goesOn = true
    for step in 0..<settings.steps {
      let actions = logits.sigmoid()
      let shapes = Tensor.concatenated([actions.slice(0..<6, axis: 1), actions.slice(9..<12, axis: 1)], axis: 1)
      let coverage = (painter(shapes) * isPresent).reshaped(tiles, most, TileGrid.side, TileGrid.side)
      let colors = actions.slice(6..<9, axis: 1).reshaped(tiles, most, 3)
      canvas = StrokeComposition.laid(StrokeComposition.layers(coverage, colors), of: grid, on: ground)
      let wrong = (canvas - goal) * mask
      let loss = (wrong.abs().sum() + wrong.unsqueezed(0).averagePool2d(4, stride: 4).abs().sum() * 16) * (1 / pixels)
      loss.backward()
      // A cosine to a tenth of the rate.
      let share = Double(step) / Double(settings.steps)
      optimizer.step(learningRate: settings.learningRate * (0.55 + 0.45 * cos(.pi * share)))
      optimizer.zeroGradients()
      goesOn = report(
        Progress(
          layer: number, layers: layers, step: step, steps: settings.steps, loss: loss.detached().item(),
          canvas: { Self.cut(canvas, grid) }))
      if !goesOn { break }
    }
    let actions = logits.detached().sigmoid().array(of: Float.self)
    let placed = counts.enumerated().flatMap { tile, count in
      (0..<count).map { stroke in
        let start = (tile * most + stroke) * StrokeAction.count
        return PlacedStroke(
          action: StrokeAction(Array(actions[start..<start + StrokeAction.count])), frame: grid.frame(tile))
      }
    }
    return (placed, goesOn)
  }

  private static func cut(_ canvas: Tensor, _ grid: TileGrid) -> RGBImage {
    PictureTensor.picture(
      canvas.slice(grid.top..<grid.top + grid.height, axis: 1).slice(grid.left..<grid.left + grid.width, axis: 2)
        .contiguous())
  }

  // MARK: The comparison

  private func compared(_ picture: PaintedPicture, _ original: Tensor, _ grid: TileGrid) throws -> Result {
    let long = max(grid.width, grid.height)
    let goal = PictureTensor.resized(original, height: grid.height, width: grid.width)
    let real = PictureTensor.make(try picture.render(brush, longSide: long))
    let seen = imagined(picture, longSide: long)
    let blank = PictureTensor.make(picture.blank(longSide: long))
    func error(_ a: Tensor, _ b: Tensor) -> Double { (a - b).square().mean().item() }
    return Result(
      picture: picture,
      errors: Errors(
        ground: error(blank, goal), painter: error(seen, goal), brush: error(real, goal), gap: error(seen, real)),
      compared: [goal, seen, real].map(PictureTensor.picture))
  }

  /// The picture as the network paints it, every frame enlarged to its size.
  func imagined(_ picture: PaintedPicture, longSide: Int) -> Tensor {
    let (width, height) = picture.size(longSide: longSide)
    return withoutGradients {
      var canvas = PictureTensor.make(picture.blank(longSide: longSide))
      let strokes = picture.strokes
      for start in stride(from: 0, to: strokes.count, by: 64) {
        let part = strokes[start..<min(start + 64, strokes.count)]
        let shapes = Tensor(part.flatMap(\.action.shape), shape: [part.count, StrokeAction.shapeCount])
        let coverage = painter(shapes)
        for (number, stroke) in part.enumerated() {
          let frame = stroke.frame(longSide: longSide)
          let side = max(1, Int(frame.side.rounded()))
          let (x, y) = (Int(frame.x.rounded()), Int(frame.y.rounded()))
          let whole = PictureTensor.resized(coverage.select(number, axis: 0), height: side, width: side)
          let rows = max(0, -y)..<min(side, height - y), columns = max(0, -x)..<min(side, width - x)
          guard !rows.isEmpty, !columns.isEmpty else { continue }
          let alpha = whole.slice(rows).slice(columns, axis: 1)
            .padded([
              x + columns.lowerBound, width - x - columns.upperBound, y + rows.lowerBound, height - y - rows.upperBound,
            ])
          let color = Tensor([stroke.action.color.x, stroke.action.color.y, stroke.action.color.z], shape: [3, 1, 1])
          canvas = canvas * (1 - alpha) + color * alpha
        }
      }
      return canvas
    }
  }
}
