/// A point of a picture: x to the right, y down, the picture's height is 1.
struct Point: Sendable {
  var x: Float
  var y: Float
  init(_ x: Float, _ y: Float) {
    self.x = x
    self.y = y
  }
}

/// The points that a shape covers.
enum Outline: Sendable {
  case everything
  case ellipse(Point, rx: Float, ry: Float)
  case ring(Point, outer: Float, inner: Float)
  case box(Point, Point, corner: Float)
  case line(Point, Point, radius: Float)
  case polygon([Point])

  func contains(_ x: Float, _ y: Float) -> Bool {
    switch self {
    case .everything: return true
    case .ellipse(let centre, let rx, let ry):
      let (dx, dy) = ((x - centre.x) / rx, (y - centre.y) / ry)
      return dx * dx + dy * dy <= 1
    case .ring(let centre, let outer, let inner):
      let (dx, dy) = (x - centre.x, y - centre.y)
      let square = dx * dx + dy * dy
      return square <= outer * outer && square >= inner * inner
    case .box(let a, let b, let corner):
      let dx = max(a.x + corner - x, x - (b.x - corner), 0)
      let dy = max(a.y + corner - y, y - (b.y - corner), 0)
      return corner > 0 ? dx * dx + dy * dy <= corner * corner : dx == 0 && dy == 0
    case .line(let a, let b, let radius):
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let length = dx * dx + dy * dy
      let t = length > 0 ? max(0, min(1, ((x - a.x) * dx + (y - a.y) * dy) / length)) : 0
      let (ex, ey) = (x - a.x - t * dx, y - a.y - t * dy)
      return ex * ex + ey * ey <= radius * radius
    case .polygon(let points):
      var inside = false
      var j = points.count - 1
      for i in 0..<points.count {
        let (a, b) = (points[i], points[j])
        if (a.y > y) != (b.y > y), x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x { inside.toggle() }
        j = i
      }
      return inside
    }
  }
}

/// How the points of a shape are coloured.
enum Paint: Sendable {
  case solid(RGB)
  /// From the top colour to the bottom colour between two heights.
  case vertical(RGB, RGB, from: Float = 0, to: Float = 1)
  /// From the middle outward.
  case radial(RGB, RGB, centre: Point, radius: Float)
  /// Blotches of two colours.
  case noise(RGB, RGB, scale: Float, seed: Int)
  /// Rows of bricks with mortar between them.
  case bricks(RGB, mortar: RGB, rows: Int, columns: Float)
  /// Squares of two colours.
  case checker(RGB, RGB, count: Float)
  /// Slanted stripes of two colours.
  case stripes(RGB, RGB, count: Float, slant: Float)

  func color(_ x: Float, _ y: Float) -> RGB {
    switch self {
    case .solid(let color): return color
    case .vertical(let top, let bottom, let from, let to): return top.mixed(bottom, (y - from) / (to - from))
    case .radial(let inner, let outer, let centre, let radius):
      let (dx, dy) = (x - centre.x, y - centre.y)
      return inner.mixed(outer, (dx * dx + dy * dy).squareRoot() / radius)
    case .noise(let a, let b, let scale, let seed):
      return a.mixed(b, ValueNoise.layered(x * scale, y * scale, seed, layers: 2))
    case .bricks(let brick, let mortar, let rows, let columns):
      let row = (y * Float(rows)).rounded(.down)
      let fy = y * Float(rows) - row
      let shifted = x * columns + (Int(row) % 2 == 0 ? 0 : 0.5)
      let column = shifted.rounded(.down)
      let fx = shifted - column
      if fy < 0.16 || fx < 0.1 { return mortar }
      let tone = ValueNoise.corner(Int(column), Int(row), 5)
      return brick.mixed(RGB(0, 0, 0), tone * 0.22).mixed(RGB(255, 255, 255), fy < 0.34 ? 0.18 : 0)
    case .checker(let a, let b, let count):
      return (Int((x * count).rounded(.down)) + Int((y * count).rounded(.down))) % 2 == 0 ? a : b
    case .stripes(let a, let b, let count, let slant):
      let phase = (x + y * slant) * count
      return phase - phase.rounded(.down) < 0.5 ? a : b
    }
  }
}

/// A painted shape of a picture.
struct Shape: Sendable {
  var outline: Outline
  var paint: Paint
  var alpha: Float = 1
}
