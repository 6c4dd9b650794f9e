import Foundation

/// The twelve numbers of a brush stroke (Nakano 2019), each from 0 to 1, in a square frame.
///
/// In their order: pressure at the end, size, control point, end point, red, green, blue, start point, pressure at the
/// start. The stroke is a quadratic curve that passes the control point half-way.
public struct StrokeAction: Sendable, Equatable, Codable {
  /// Pressure at the end of the stroke.
  public var endPressure: Float
  /// The size: the logarithm of the brush's radius, in 64ths of the frame, is twice this.
  public var size: Float
  /// The point that the stroke passes half-way.
  public var control: SIMD2<Float>
  /// The last point.
  public var end: SIMD2<Float>
  /// Red, green and blue.
  public var color: SIMD3<Float>
  /// The first point.
  public var start: SIMD2<Float>
  /// Pressure at the start of the stroke.
  public var startPressure: Float

  /// The count of numbers.
  public static let count = 12
  /// The count of numbers without the colour: what decides which pixels are covered how much.
  public static let shapeCount = 9

  /// The action of twelve numbers in the published order.
  public init(_ values: [Float]) {
    precondition(values.count == Self.count, "an action has \(Self.count) numbers, not \(values.count)")
    endPressure = values[0]
    size = values[1]
    control = SIMD2(values[2], values[3])
    end = SIMD2(values[4], values[5])
    color = SIMD3(values[6], values[7], values[8])
    start = SIMD2(values[9], values[10])
    startPressure = values[11]
  }

  /// The action of a shape, nine numbers in the published order without the colour, and a colour.
  public init(shape: [Float], color: SIMD3<Float> = .zero) {
    precondition(shape.count == Self.shapeCount, "a shape has \(Self.shapeCount) numbers, not \(shape.count)")
    self.init(shape[..<6] + [color.x, color.y, color.z] + shape[6...])
  }

  /// The twelve numbers.
  public var values: [Float] {
    [endPressure, size, control.x, control.y, end.x, end.y, color.x, color.y, color.z, start.x, start.y, startPressure]
  }

  /// The nine numbers without the colour.
  public var shape: [Float] { Array(values[..<6] + values[9...]) }

  /// The middle control point of the quadratic Bézier curve: it pulls twice as far as the curve bends.
  var bezierControl: SIMD2<Float> { control * 2 - (start + end) / 2 }

  /// The pressure at a share of the way: the first quarter goes from the entry to the mean, the last from the mean to the
  /// end.
  static func pressure(_ t: Float, from entry: Float, to end: Float) -> Float {
    let middle = (entry + end) / 2
    if t <= 0.25 { return entry + (middle - entry) * t / 0.25 }
    if t <= 0.75 { return middle }
    return middle + (end - middle) * (t - 0.75) / 0.25
  }

  /// What full pressure of an action is on the tablet.
  static let fullPressure: Float = 0.8
  /// The side of the frame in which sizes are meant.
  static let frame: Float = 64
  /// The pieces of a stroke.
  static let pieces = 100
}
