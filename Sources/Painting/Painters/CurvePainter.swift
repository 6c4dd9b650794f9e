import NeuralNetworks
public import Torch

/// A painter of our own: a perceptron for each pixel, which is told where the pixel lies beside the stroke's curve.
///
/// For a pixel g, the nearest point B(t) of the stroke's quadratic Bézier curve is found without gradients, by the least of
/// ``samples`` points and steps of Gauss and Newton; then d = |B(t) − g| is made with t held, whose gradient is the true one
/// because d is stationary in t. What the pixel is told: d in pixels and in radii of the brush, the pressure at t, and t.
/// What all pixels of a stroke are told: the nine numbers and the curve's length, which scale and shift the hidden units.
/// So the geometry needs no learning, and the few thousand weights learn what the brush makes of it. A brush's grain, which
/// is drawn anew for each stroke, comes out as its mean.
public final class CurvePainter: NeuralPainter {
  /// Points of the curve among which the search begins.
  public static let samples = 16
  private static let width = 24
  private static let features = 6

  @Child("first") private var first: Linear
  @Child("second") private var second: Linear
  @Child("last") private var last: Linear
  @Child("stroke") private var stroke: Linear
  @Child("style") private var style: Linear

  /// A painter with random weights.
  public init(generator: Generator) {
    super.init(kind: .curve)
    first = Linear(Self.features, Self.width, generator: generator)
    second = Linear(Self.width, Self.width, generator: generator)
    last = Linear(Self.width, 1, generator: generator)
    stroke = Linear(StrokeAction.shapeCount + 1, 32, generator: generator)
    style = Linear(32, 4 * Self.width, generator: generator)
    // Most pixels are bare.
    last.bias?.fillInPlace(-2)
  }

  /// Coverage of shapes.
  public override func callAsFunction(_ shapes: Tensor) -> Tensor {
    let side = StrokeSet.side
    let curve = StrokeCurve(shapes)
    let t = withoutGradients { curve.nearest() }
    let distance = curve.distance(at: t)
    let radius = (shapes.slice(1..<2, axis: 1) * 2).exp()
    let inRadii = (distance / radius).clamped(0, 8)
    let near = (inRadii.square() * -0.5).exp()
    // Each [N, 4096]; what is far away differs no more.
    let pixel = Tensor.stacked(
      [inRadii * 0.5, near, (distance * -0.5).exp(), curve.pressure(at: t), t, (distance * 0.1).clamped(0, 2)], axis: 1)
    let whole = Tensor.concatenated([shapes, curve.length * (1.0 / 64)], axis: 1)
    let style = style(stroke(whole).silu())
    let parts = style.unsqueezed(-1).split([Self.width, Self.width, Self.width, Self.width], axis: 1)
    func layer(_ x: Tensor, _ linear: Linear) -> Tensor {
      let y = linear.weight.matmul(x)
      return linear.bias.map { y + $0.unsqueezed(-1) } ?? y
    }
    let one = (layer(pixel, first) * (parts[0] + 1) + parts[1]).silu()
    let two = (layer(one, second) * (parts[2] + 1) + parts[3]).silu()
    return layer(two, last).sigmoid().reshaped(shapes.size(0), side, side)
  }
}

/// The curves of some strokes and the centres of a frame's pixels.
private struct StrokeCurve {
  /// Start, middle control and end: x and y, each `[N, 1]`, in pixels.
  let start: (x: Tensor, y: Tensor)
  let middle: (x: Tensor, y: Tensor)
  let end: (x: Tensor, y: Tensor)
  let startPressure: Tensor, endPressure: Tensor
  /// The pixels' centres, `[1, 4096]`.
  let x: Tensor, y: Tensor

  init(_ shapes: Tensor) {
    let side = StrokeSet.side
    func column(_ i: Int) -> Tensor { shapes.slice(i..<i + 1, axis: 1) }
    func place(_ i: Int) -> Tensor { column(i) * Double(side) }
    start = (place(6), place(7))
    end = (place(4), place(5))
    middle = (
      place(2) * 2 - (start.x + end.x) * 0.5, place(3) * 2 - (start.y + end.y) * 0.5
    )
    (startPressure, endPressure) = (column(8), column(0))
    let line = Tensor.arange(0, Double(side), dtype: .float32, device: shapes.device) + 0.5
    x = line.unsqueezed(0).expanded([side, side]).reshaped(1, side * side)
    y = line.unsqueezed(1).expanded([side, side]).reshaped(1, side * side)
  }

  /// About the length: that of the two sides of the control polygon, `[N, 1]`.
  var length: Tensor {
    func side(_ a: (x: Tensor, y: Tensor), _ b: (x: Tensor, y: Tensor)) -> Tensor {
      ((a.x - b.x).square() + (a.y - b.y).square() + 1e-6).sqrt()
    }
    return (side(start, middle) + side(middle, end)) * 0.5
  }

  /// B(t) for t `[N, …]` or `[1, …]`.
  func point(_ t: Tensor) -> (x: Tensor, y: Tensor) {
    let rest = 1 - t
    let (a, b, c) = (rest.square(), t * rest * 2, t.square())
    return (a * start.x + b * middle.x + c * end.x, a * start.y + b * middle.y + c * end.y)
  }

  /// The place of each pixel's nearest point, `[N, 4096]`; to be called without gradients.
  func nearest() -> Tensor {
    let count = CurvePainter.samples
    let grid = (Tensor.arange(0, Double(count), dtype: .float32, device: x.device) / Double(count - 1)).unsqueezed(0)
    let q = point(grid)
    // |q − g|² without |g|², which is the same for all q: [N, samples, 4096].
    let points = Tensor.stacked([q.x, q.y], axis: 2)
    let pixels = Tensor.concatenated([x, y]) * -2
    let scores = points.matmul(pixels) + (q.x.square() + q.y.square()).unsqueezed(-1)
    let first = scores.argmin(axis: 1).to(.float32) / Double(count - 1)
    let step = 1 / Double(count - 1)
    let (low, high) = ((first - step).clamped(0, 1), (first + step).clamped(0, 1))
    let (ax, ay) = (middle.x - start.x, middle.y - start.y)
    let (bx, by) = (end.x - middle.x - ax, end.y - middle.y - ay)
    var t = first
    for _ in 0..<3 {
      let p = point(t)
      let (vx, vy) = ((ax + bx * t) * 2, (ay + by * t) * 2)
      let (dx, dy) = (p.x - x, p.y - y)
      // Newton's step where the curve bends away, Gauss's where its second derivative would turn the sign.
      let square = vx.square() + vy.square()
      let curvature = (square + (bx * dx + by * dy) * 2).maximum(square * 0.25) + 1e-3
      t = (t - (vx * dx + vy * dy) / curvature).clamped(low, high)
    }
    // In a hairpin's bend a step may lead away.
    return (distance(at: t) .<= distance(at: first)).choose(t, first)
  }

  /// The distance to B(t) in pixels.
  func distance(at t: Tensor) -> Tensor {
    let p = point(t)
    return ((p.x - x).square() + (p.y - y).square() + 1e-4).sqrt()
  }

  /// The pressure at t, as ``StrokeAction`` has it.
  func pressure(at t: Tensor) -> Tensor {
    let share = withoutGradients { (t * 2).clamped(0, 0.5) + ((t - 0.75) * 2).clamped(0, 0.5) }
    return startPressure * (1 - share) + endPressure * share
  }
}
