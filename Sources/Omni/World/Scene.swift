public import Media
public import Statistics

/// A picture of the small world: one to four things of one colour and shape, each in a quarter of the picture.
public struct Scene: Sendable, Hashable, Codable {
  /// A colour.
  public enum Color: String, Sendable, CaseIterable, Codable {
    case red, green, blue, yellow
    /// Red, green and blue.
    var bytes: (Int, Int, Int) {
      switch self {
      case .red: (220, 40, 40)
      case .green: (40, 170, 60)
      case .blue: (40, 70, 220)
      case .yellow: (235, 200, 40)
      }
    }
  }

  /// A shape.
  public enum Shape: String, Sendable, CaseIterable, Codable {
    case circle, square, triangle
    /// Whether it covers a place, seen from its middle in units of its size.
    func covers(_ x: Double, _ y: Double) -> Bool {
      switch self {
      case .circle: x * x + y * y <= 1
      case .square: abs(x) <= 0.88 && abs(y) <= 0.88
      case .triangle: y >= -0.95 && y <= 0.85 && abs(x) <= (y + 0.95) * 0.55
      }
    }
  }

  /// Words for one to four.
  public static let numbers = ["one", "two", "three", "four"]

  /// How many things, 1 to 4.
  public var count: Int
  /// Their colour.
  public var color: Color
  /// Their shape.
  public var shape: Shape

  /// A scene.
  public init(count: Int, color: Color, shape: Shape) {
    precondition((1...4).contains(count), "a scene has one to four things")
    (self.count, self.color, self.shape) = (count, color, shape)
  }

  /// All 48 scenes.
  public static let all: [Scene] = (1...4).flatMap { count in
    Color.allCases.flatMap { color in Shape.allCases.map { Scene(count: count, color: color, shape: $0) } }
  }

  /// Words such as "three red circles".
  public var caption: String { "\(Self.numbers[count - 1]) \(color.rawValue) \(shape.rawValue)\(count > 1 ? "s" : "")" }

  /// The scene of a caption; nil for other texts.
  public init?(caption: String) {
    guard let scene = Self.all.first(where: { $0.caption == caption }) else { return nil }
    self = scene
  }

  /// All words of captions and questions.
  public static let words: [String] =
    numbers + Color.allCases.map(\.rawValue)
    + Shape.allCases.flatMap { [$0.rawValue, "\($0.rawValue)s"] } + Motion.Direction.allCases.map(\.rawValue)
    + ["how", "many", "what", "color", "shape", "moves", "plus"]

  /// Draws the scene: quarters, places in them, sizes, shades and the background as they are drawn by lot.
  public func picture(_ random: inout SeededGenerator) -> RGBImage {
    let ground = 205 + random.index(below: 45)
    var canvas = Canvas(ground: ground)
    let quarters = (0..<4).map { ($0, random.uniform()) }.sorted { $0.1 < $1.1 }.prefix(count).map(\.0)
    for quarter in quarters {
      let size = 4.6 + 1.6 * random.uniform()
      let x = 8 + 16 * Double(quarter % 2) + 2 * random.uniform() - 1
      let y = 8 + 16 * Double(quarter / 2) + 2 * random.uniform() - 1
      canvas.draw(shape, color, x: x, y: y, size: size, shade: random.index(below: 31) - 15)
    }
    return canvas.image
  }
}

/// Something that moves: a short video.
public struct Motion: Sendable, Hashable, Codable {
  /// A direction of moving.
  public enum Direction: String, Sendable, CaseIterable, Codable {
    case left, right, up, down
  }

  /// The colour of what moves.
  public var color: Scene.Color
  /// Its shape.
  public var shape: Scene.Shape
  /// The direction.
  public var direction: Direction

  /// All 48 motions.
  public static let all: [Motion] = Scene.Color.allCases.flatMap { color in
    Scene.Shape.allCases.flatMap { shape in
      Direction.allCases.map { Motion(color: color, shape: shape, direction: $0) }
    }
  }

  /// Words such as "red circle moves left".
  public var caption: String { "\(color.rawValue) \(shape.rawValue) moves \(direction.rawValue)" }

  /// Draws pictures after each other, from one half of the picture to the other.
  public func pictures(_ count: Int, _ random: inout SeededGenerator) -> [RGBImage] {
    let ground = 205 + random.index(below: 45)
    let size = 4.6 + 1.6 * random.uniform(), shade = random.index(below: 31) - 15
    let across = 9 + 14 * random.uniform()
    return (0..<count).map { i in
      let way = 8 + 16 * Double(i) / Double(max(1, count - 1))
      let along = direction == .right || direction == .down ? way : 32 - way
      let isLevel = direction == .left || direction == .right
      var canvas = Canvas(ground: ground)
      canvas.draw(
        shape, color, x: isLevel ? along : across, y: isLevel ? across : along, size: size, shade: shade)
      return canvas.image
    }
  }
}

/// A picture that things are drawn on, their edges smoothed.
struct Canvas {
  private(set) var image: RGBImage

  init(ground: Int) {
    image = RGBImage(width: ImageCodec.side, height: ImageCodec.side, grey: UInt8(clamping: ground))
  }

  mutating func draw(_ shape: Scene.Shape, _ color: Scene.Color, x: Double, y: Double, size: Double, shade: Int) {
    let (red, green, blue) = color.bytes
    let ink = [red, green, blue].map { Double(max(0, min(255, $0 + shade))) }
    let reach = size + 1
    for row in max(0, Int(y - reach))..<min(image.height, Int(y + reach) + 1) {
      for column in max(0, Int(x - reach))..<min(image.width, Int(x + reach) + 1) {
        // Four by four places of each pixel.
        var covered = 0
        for i in 0..<16 {
          let px = Double(column) + (Double(i % 4) + 0.5) / 4 - x
          let py = Double(row) + (Double(i / 4) + 0.5) / 4 - y
          if shape.covers(px / size, py / size) { covered += 1 }
        }
        guard covered > 0 else { continue }
        let share = Double(covered) / 16
        for channel in 0..<3 {
          let place = (row * image.width + column) * 3 + channel
          image.bytes[place] = UInt8((Double(image.bytes[place]) * (1 - share) + ink[channel] * share).rounded())
        }
      }
    }
  }
}
