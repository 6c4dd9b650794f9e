import Documents
import Foundation

/// A square of a canvas that a stroke's numbers refer to.
public struct StrokeFrame: Sendable, Equatable, Codable {
  /// The left edge in pixels.
  public var x: Float
  /// The upper edge in pixels.
  public var y: Float
  /// The side in pixels.
  public var side: Float

  /// A square.
  public init(x: Float = 0, y: Float = 0, side: Float = 64) {
    self.x = x
    self.y = y
    self.side = side
  }
}

/// The real painter: a brush of libmypaint, which paints strokes as a program with its random numbers does.
///
/// ```swift
/// let brush = try Brush(BrushFile(named: "charcoal"))
/// let surface = try BrushSurface(width: 64, height: 64)
/// brush.paint(StrokeAction([0.6, 0.5, 0.5, 0.2, 0.9, 0.9, 0, 0, 0, 0.1, 0.9, 0.8]), on: surface)
/// try PNGFile.write(surface.picture(), to: "stroke.png")
/// ```
///
/// A brush is used by one thread at a time; several brushes paint on surfaces of their own at once without touching
/// each other, which `StrokeGeneratorTests` holds libmypaint to.
public final class Brush {
  /// The brush's file.
  public let file: BrushFile
  private let library: MyPaintLibrary
  private let handle: UnsafeMutableRawPointer
  private let settings: Settings
  private let dabsPerSecond: Float

  private struct Settings {
    let hue: Int32, saturation: Int32, value: Int32, radius: Int32, dabsPerSecond: Int32
  }

  /// A brush with its random numbers at their beginning.
  ///
  /// - Throws: ``PaintingError`` where libmypaint isn't installed or doesn't understand the file.
  public init(_ file: BrushFile) throws(PaintingError) {
    library = try MyPaintLibrary.shared.get()
    guard let handle = library.brushNew() else { throw PaintingError("libmypaint makes no brush.", .unavailable) }
    self.file = file
    self.handle = handle
    settings = Settings(
      hue: library.setting("color_h"), saturation: library.setting("color_s"), value: library.setting("color_v"),
      radius: library.setting("radius_logarithmic"), dabsPerSecond: library.setting("dabs_per_second"))
    library.brushFromDefaults(handle)
    guard library.brushFromString(handle, file.content) != 0 else {
      dabsPerSecond = 0
      throw PaintingError("\(file.path): libmypaint doesn't understand this brush. Give a .myb file of version 3.")
    }
    dabsPerSecond = library.brushGet(handle, settings.dabsPerSecond)
  }

  deinit { library.brushUnref(handle) }

  /// Paints one stroke, which knows nothing of the strokes before it but the random numbers that they used up.
  ///
  /// The frame's side scales the brush too: a stroke at 2,048 pixels is the stroke at 64, seen larger. Time passes as much
  /// slower, so that brushes that look at their speed see the same one.
  public func paint(_ action: StrokeAction, in frame: StrokeFrame = StrokeFrame(), on surface: BrushSurface) {
    let scale = frame.side / StrokeAction.frame
    let (hue, saturation, value) = Self.hsv(action.color)
    library.brushSet(handle, settings.hue, hue)
    library.brushSet(handle, settings.saturation, saturation)
    library.brushSet(handle, settings.value, value)
    library.brushSet(handle, settings.radius, action.size * 2 + log(scale))
    library.brushSet(handle, settings.dabsPerSecond, dabsPerSecond / scale)
    library.brushReset(handle)
    library.brushNewStroke(handle)
    library.begin(surface.interface)
    let time = 0.1 * Double(scale)
    func move(_ point: SIMD2<Float>, _ pressure: Float) {
      _ = library.strokeTo(
        handle, surface.interface, frame.x + point.x * frame.side, frame.y + point.y * frame.side, pressure, 0, 0, time)
    }
    move(action.start, 0)
    if action.endPressure == 0 {
      move(action.end, 0)
    } else {
      trace(action, frame.side, move)
    }
    move(action.end, 0)
    library.end(surface.interface, nil)
  }

  /// The points of a stroke as the published code lays them: a quarter of a pixel of 64 first, then a hundred pieces.
  private func trace(_ action: StrokeAction, _ side: Float, _ move: (SIMD2<Float>, Float) -> Void) {
    let entry = action.startPressure * StrokeAction.fullPressure
    let exit = action.endPressure * StrokeAction.fullPressure
    let middle = action.bezierControl
    func point(_ number: Int) -> SIMD2<Float> {
      let t = Float(number) / Float(StrokeAction.pieces)
      let first = action.start + (middle - action.start) * t
      return first + (middle + (action.end - middle) * t - first) * t
    }
    let ahead = point(1) - action.start
    let length = (ahead * ahead).sum().squareRoot()
    move(length > 0 ? action.start + ahead * (0.25 / StrokeAction.frame / length) : action.start, entry)
    for number in 1...StrokeAction.pieces {
      let t = Float(number) / Float(StrokeAction.pieces)
      move(point(number), StrokeAction.pressure(t, from: entry, to: exit))
    }
  }

  /// Hue, saturation and value, each from 0 to 1.
  static func hsv(_ color: SIMD3<Float>) -> (Float, Float, Float) {
    let (high, low) = (color.max(), color.min())
    let range = high - low
    guard range > 0 else { return (0, 0, high) }
    let hue: Float =
      high == color.x
      ? (color.y - color.z) / range
      : high == color.y ? (color.z - color.x) / range + 2 : (color.x - color.y) / range + 4
    return ((hue < 0 ? hue + 6 : hue) / 6, high > 0 ? range / high : 0, high)
  }
}
