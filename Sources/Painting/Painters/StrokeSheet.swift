public import Media
import NeuralNetworks
import Torch

/// Strokes of the brush above those of its painter.
public enum StrokeSheet {
  /// A sheet of black strokes on white: rows of the brush's, each over the painter's where one is given.
  ///
  /// - Parameters:
  ///   - columns: the strokes of a row.
  ///   - enlargement: how often each pixel is repeated both ways.
  public static func picture(
    of set: StrokeSet, _ painter: NeuralPainter? = nil, columns: Int = 12, enlargement: Int = 1
  ) -> RGBImage {
    let side = StrokeSet.side
    var painted: [UInt8] = []
    if let painter {
      let wasTraining = painter.isTraining
      painter.train(false)
      defer { painter.train(wasTraining) }
      let device = painter.parameters.first?.tensor.device ?? .cpu
      withoutGradients {
        for start in stride(from: 0, to: set.count, by: 64) {
          let (shapes, _) = StrokeTensors(set).batch(Array(start..<min(start + 64, set.count)), on: device)
          painted += (painter(shapes) * 255).round().to(.uint8).array(of: UInt8.self)
        }
      }
    }
    let sources = painter == nil ? [set.coverage] : [set.coverage, painted]
    let groups = (set.count + columns - 1) / columns
    // A line of two pixels between strokes, of six between pairs of rows.
    let group = sources.count * (side + 2) + 4
    var sheet = RGBImage(width: columns * (side + 2) + 2, height: groups * group + 2, grey: 208)
    for number in 0..<set.count {
      for (row, source) in sources.enumerated() {
        var stroke = RGBImage(width: side, height: side)
        for pixel in 0..<StrokeSet.pixels {
          let grey = 255 - source[number * StrokeSet.pixels + pixel]
          for channel in 0..<3 { stroke.bytes[pixel * 3 + channel] = grey }
        }
        sheet.paste(
          stroke, x: 2 + number % columns * (side + 2), y: 2 + number / columns * group + row * (side + 2))
      }
    }
    return enlargement > 1 ? sheet.enlarged(by: enlargement) : sheet
  }
}
