import Torch

/// Strokes laid over each other: canvas ← α·colour + (1 − α)·canvas, with α the coverage (Nakano 2019).
enum StrokeComposition {
  /// The strokes of several tiles: what they add and what they let through.
  ///
  /// - Parameters:
  ///   - coverage: `[tiles, strokes, 64, 64]`.
  ///   - colors: `[tiles, strokes, 3]`.
  /// - Returns: paint `[tiles, 3, 64, 64]` and the share of the ground that is seen `[tiles, 1, 64, 64]`, so that
  ///   paint + share · ground is the result on any ground.
  static func layers(_ coverage: Tensor, _ colors: Tensor) -> (paint: Tensor, share: Tensor) {
    let (tiles, strokes) = (coverage.size(0), coverage.size(1))
    var paint = Tensor.zeros([tiles, 3, coverage.size(2), coverage.size(3)], device: coverage.device)
    var share = Tensor.ones([tiles, 1, coverage.size(2), coverage.size(3)], device: coverage.device)
    for number in 0..<strokes {
      let alpha = coverage.slice(number..<number + 1, axis: 1)
      let rest = 1 - alpha
      let color = colors.select(number, axis: 1).unsqueezed(-1).unsqueezed(-1)
      paint = paint * rest + alpha * color
      share = share * rest
    }
    return (paint, share)
  }

  /// Tiles laid one after another onto a canvas `[3, height, width]`.
  static func laid(_ layers: (paint: Tensor, share: Tensor), of grid: TileGrid, on canvas: Tensor) -> Tensor {
    let side = TileGrid.side
    return grid.corners.indices.reduce(canvas) { canvas, tile in
      let corner = grid.corners[tile]
      let around = [
        corner.x, grid.canvasWidth - side - corner.x, corner.y, grid.canvasHeight - side - corner.y,
      ]
      let paint = layers.paint.select(tile, axis: 0).padded(around)
      let share = layers.share.select(tile, axis: 0).padded(around, value: 1)
      return canvas * share + paint
    }
  }
}
