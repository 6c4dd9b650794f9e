import Foundation
public import Media

/// A stroke with its place in a picture.
public struct PlacedStroke: Sendable, Equatable, Codable {
  /// The twelve numbers in the frame.
  public var action: StrokeAction
  /// The frame: places and side as shares of the picture's longer side.
  public var frame: StrokeFrame

  /// A stroke in a frame.
  public init(action: StrokeAction, frame: StrokeFrame) {
    self.action = action
    self.frame = frame
  }

  /// The stroke's numbers with the frame in pixels of a picture whose longer side has so many.
  func frame(longSide: Int) -> StrokeFrame {
    let scale = Float(longSide)
    return StrokeFrame(x: frame.x * scale, y: frame.y * scale, side: frame.side * scale)
  }
}

/// A picture as strokes, in layers from coarse to fine: what `strokes.json` holds.
///
/// Strokes have no resolution; ``render(_:longSide:)`` has the real brush paint them at any.
public struct PaintedPicture: Sendable, Equatable, Codable {
  /// The brush's name.
  public var brush: String
  /// The height over the width.
  public var aspect: Double
  /// The colour of the canvas before the first stroke, from 0 to 1.
  public var ground: SIMD3<Float>
  /// The strokes of each layer in the order in which they are painted.
  public var layers: [[PlacedStroke]]

  /// All strokes in their order.
  public var strokes: [PlacedStroke] { layers.flatMap { $0 } }

  /// Width and height where the longer side has so many pixels.
  public func size(longSide: Int) -> (width: Int, height: Int) {
    aspect > 1
      ? (max(1, Int((Double(longSide) / aspect).rounded())), longSide)
      : (longSide, max(1, Int((Double(longSide) * aspect).rounded())))
  }

  /// The picture as the real brush paints it.
  ///
  /// - Throws: ``PaintingError`` where libmypaint isn't installed.
  public func render(_ file: BrushFile, longSide: Int) throws -> RGBImage {
    var picture = blank(longSide: longSide)
    for surface in try surfaces(file, longSide: longSide) { picture = surface.picture(over: picture) }
    return picture
  }

  /// The canvas before the first stroke.
  func blank(longSide: Int) -> RGBImage {
    let (width, height) = size(longSide: longSide)
    let color = (ground.clamped(lowerBound: .zero, upperBound: .one) * 255).rounded(.toNearestOrEven)
    let pixel = [UInt8(color.x), UInt8(color.y), UInt8(color.z)]
    return RGBImage(width: width, height: height, bytes: Array(repeatElement(pixel, count: width * height).joined()))
  }

  /// One surface for each layer.
  ///
  /// - Parameter report: told after each stroke its number in all, the number of its layer, and that layer's surface.
  func surfaces(
    _ file: BrushFile, longSide: Int, report: (Int, Int, BrushSurface) throws -> Void = { _, _, _ in }
  ) throws -> [BrushSurface] {
    let (width, height) = size(longSide: longSide)
    // One brush for all layers: its grain is drawn on and on.
    let brush = try Brush(file)
    var number = 0
    return try layers.enumerated().map { layer, strokes in
      let surface = try BrushSurface(width: width, height: height)
      for stroke in strokes {
        brush.paint(stroke.action, in: stroke.frame(longSide: longSide), on: surface)
        number += 1
        try report(number, layer, surface)
      }
      return surface
    }
  }
}
