import Foundation

/// The frames of one layer over a picture: squares of 64 pixels that overlap.
struct TileGrid {
  /// The picture's size at this layer.
  let width: Int, height: Int
  /// The canvas's size: a picture that is narrower than a frame lies in the middle of one.
  let canvasWidth: Int, canvasHeight: Int
  /// The picture's upper left corner on the canvas.
  let left: Int, top: Int
  /// The upper left corners of the frames on the canvas, every second one first, so that no direction is always on top.
  let corners: [(x: Int, y: Int)]
  static let side = StrokeSet.side

  /// - Parameters:
  ///   - across: the frames along the longer side.
  ///   - overlap: the pixels that neighbours share at least.
  init(aspect: Double, across: Int, overlap: Int) {
    let long = Self.side * across - overlap * (across - 1)
    width = aspect > 1 ? max(1, Int((Double(long) / aspect).rounded())) : long
    height = aspect > 1 ? long : max(1, Int((Double(long) * aspect).rounded()))
    (canvasWidth, canvasHeight) = (max(width, Self.side), max(height, Self.side))
    (left, top) = ((canvasWidth - width) / 2, (canvasHeight - height) / 2)
    func starts(_ length: Int) -> [Int] {
      let count = max(1, Int((Double(length - overlap) / Double(Self.side - overlap)).rounded(.up)))
      return (0..<count).map { count == 1 ? 0 : $0 * (length - Self.side) / (count - 1) }
    }
    let columns = starts(canvasWidth)
    let all = starts(canvasHeight).enumerated().flatMap { row, y in
      columns.enumerated().map { column, x in (parity: (row + column) % 2, x: x, y: y) }
    }
    corners = (all.filter { $0.parity == 0 } + all.filter { $0.parity == 1 }).map { ($0.x, $0.y) }
  }

  /// The frame of a tile in shares of the picture's longer side.
  func frame(_ tile: Int) -> StrokeFrame {
    let long = Float(max(width, height))
    return StrokeFrame(
      x: Float(corners[tile].x - left) / long, y: Float(corners[tile].y - top) / long, side: Float(Self.side) / long)
  }
}
