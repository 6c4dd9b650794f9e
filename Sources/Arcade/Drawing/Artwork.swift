/// A picture as shapes over each other, drawn at whatever size it is needed.
///
/// x goes from 0 to `aspect`, y from 0, the top, to 1.
struct Artwork: Sendable {
  /// The width over the height.
  let aspect: Float
  /// How far the picture reaches over its body's box above and below, in heights.
  var above: Float = 0
  var below: Float = 0
  /// The pieces of a long body: the width of one over its height; 0 for one stretched picture.
  var tiling: Float = 0
  private(set) var shapes: [Shape] = []

  init(aspect: Float = 1, above: Float = 0, below: Float = 0, tiling: Float = 0, _ draw: (inout Artwork) -> Void) {
    self.aspect = aspect
    self.above = above
    self.below = below
    self.tiling = tiling
    draw(&self)
  }

  mutating func add(_ outline: Outline, _ paint: Paint, alpha: Float = 1) {
    shapes.append(Shape(outline: outline, paint: paint, alpha: alpha))
  }

  mutating func fill(_ paint: Paint) { add(.everything, paint) }

  /// An ellipse, with a rim of another colour where one is given.
  mutating func ellipse(
    _ x: Float, _ y: Float, _ rx: Float, _ ry: Float, _ paint: Paint, rim: RGB? = nil, width: Float = 0.05,
    alpha: Float = 1
  ) {
    if let rim { add(.ellipse(Point(x, y), rx: rx, ry: ry), .solid(rim), alpha: alpha) }
    let inset = rim == nil ? 0 : width
    add(.ellipse(Point(x, y), rx: rx - inset, ry: ry - inset), paint, alpha: alpha)
  }

  mutating func disc(
    _ x: Float, _ y: Float, _ r: Float, _ color: RGB, rim: RGB? = nil, width: Float = 0.05, alpha: Float = 1
  ) {
    ellipse(x, y, r, r, .solid(color), rim: rim, width: width, alpha: alpha)
  }

  /// A ball, lit from above on the left.
  mutating func ball(_ x: Float, _ y: Float, _ r: Float, _ color: RGB, rim: RGB? = nil) {
    let paint = Paint.radial(
      color.lighter(0.45), color.darker(0.25), centre: Point(x - r * 0.35, y - r * 0.35), radius: r * 1.5)
    ellipse(x, y, r, r, paint, rim: rim ?? color.darker(0.55), width: max(0.03, r * 0.1))
  }

  mutating func box(
    _ x0: Float, _ y0: Float, _ x1: Float, _ y1: Float, _ paint: Paint, corner: Float = 0, rim: RGB? = nil,
    width: Float = 0.05, alpha: Float = 1
  ) {
    if let rim { add(.box(Point(x0, y0), Point(x1, y1), corner: corner), .solid(rim), alpha: alpha) }
    let inset = rim == nil ? 0 : width
    add(
      .box(Point(x0 + inset, y0 + inset), Point(x1 - inset, y1 - inset), corner: max(0, corner - inset)), paint,
      alpha: alpha)
  }

  mutating func line(_ x0: Float, _ y0: Float, _ x1: Float, _ y1: Float, _ radius: Float, _ color: RGB) {
    add(.line(Point(x0, y0), Point(x1, y1), radius: radius), .solid(color))
  }

  /// A polygon of x and y in turn, with a rim of another colour where one is given.
  mutating func polygon(_ numbers: [Float], _ paint: Paint, rim: RGB? = nil, width: Float = 0.05, alpha: Float = 1) {
    let points = stride(from: 0, to: numbers.count - 1, by: 2).map { Point(numbers[$0], numbers[$0 + 1]) }
    if let rim {
      for i in points.indices {
        add(.line(points[i], points[(i + 1) % points.count], radius: width), .solid(rim), alpha: alpha)
      }
    }
    add(.polygon(points), paint, alpha: alpha)
    if let rim {
      // The rim lies half inside as well, so that it is as wide as said.
      for i in points.indices {
        add(.line(points[i], points[(i + 1) % points.count], radius: width * 0.4), .solid(rim), alpha: alpha)
      }
    }
  }

  /// A star or a regular polygon: corners at two radii in turn.
  mutating func star(
    _ x: Float, _ y: Float, _ outer: Float, _ inner: Float, points: Int, turn: Float = 0, _ paint: Paint,
    rim: RGB? = nil, width: Float = 0.04
  ) {
    var numbers: [Float] = []
    for i in 0..<points * 2 {
      let angle = ExactMath.pi * Float(i) / Float(points) - ExactMath.pi / 2 + turn
      let r = i % 2 == 0 ? outer : inner
      numbers += [x + r * ExactMath.cos(angle), y + r * ExactMath.sin(angle)]
    }
    polygon(numbers, paint, rim: rim, width: width)
  }

  /// An eye that looks somewhere.
  mutating func eye(_ x: Float, _ y: Float, _ r: Float, lookX: Float = 0, lookY: Float = 0) {
    disc(x, y, r, RGB(0xFFFFFF), rim: RGB(0x303030), width: r * 0.22)
    disc(x + lookX * r, y + lookY * r, r * 0.48, RGB(0x18181C))
  }

  /// The colour, premultiplied, and the opacity at a point.
  func sample(_ x: Float, _ y: Float) -> SIMD4<Float> {
    var color = SIMD4<Float>.zero
    var open: Float = 1
    for shape in shapes.reversed() where shape.outline.contains(x, y) {
      color += shape.paint.color(x, y).parts * (shape.alpha * open)
      open *= 1 - shape.alpha
      if open < 0.004 { break }
    }
    color.w = 1 - open
    return color
  }
}
