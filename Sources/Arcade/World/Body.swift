/// Something that moves, or can be touched: the player, enemies, balls, coins, puffs of smoke.
struct Body {
  /// The centre, in cells; y grows upward.
  var x: Float = 0
  var y: Float = 0
  /// The velocity in cells a step.
  var vx: Float = 0
  var vy: Float = 0
  /// Half the width and half the height.
  var rx: Float = 0.5
  var ry: Float = 0.5
  /// The kind, by the game's numbers; 0 is the player.
  var kind: UInt8 = 0
  /// The picture, by the game's numbers, and which of its themes.
  var picture: UInt8 = 0
  var theme: UInt8 = 0
  /// −1 is drawn below the cells, 0 above them, 1 above other bodies.
  var layer: Int8 = 0
  /// Whether it is taken away at the end of the step.
  var isGone = false
  /// Whether the game is told what it meets.
  var meets = false
  /// Whether it moves in small steps and heeds walls.
  var isSolid = false
  /// Whether it bounces off walls.
  var bounces = false
  var isMirrored = false
  /// Whether its place is a share of the view, and not one in the world.
  var isOnScreen = false
  /// Clockwise, in radians, and its change in a step.
  var rotation: Float = 0
  var spin: Float = 0
  var alpha: Float = 1
  /// What alpha and size are multiplied with in a step.
  var fading: Float = 1
  var growth: Float = 1
  /// The steps that it has been there, and after how many it goes; none at 0.
  var age: Int32 = 0
  var lifespan: Int32 = 0
  var fireTime: Int32 = -1
  var spawnTime: Int32 = -1
  var health: Float = 1
  /// The place that it patrols about.
  var home: Float = 0

  /// Larger and faster than anything in a game.
  static let most: Float = 100

  /// Turns it to a direction.
  mutating func face(_ dx: Float, _ dy: Float, offset: Float = 0) {
    if dx != 0 || dy != 0 { rotation = offset - ExactMath.angle(y: dy, x: dx) }
  }

  /// Whether two bodies overlap, by more than `slack` on both axes.
  @inline(__always)
  func overlaps(_ other: Body, slack: Float = 0) -> Bool {
    abs(x - other.x) < rx + other.rx - slack && abs(y - other.y) < ry + other.ry - slack
  }

  /// The same of two bodies in their places: nothing is copied.
  @inline(__always)
  static func overlap(_ a: UnsafeMutablePointer<Body>, _ b: UnsafeMutablePointer<Body>) -> Bool {
    abs(a.pointee.x - b.pointee.x) < a.pointee.rx + b.pointee.rx
      && abs(a.pointee.y - b.pointee.y) < a.pointee.ry + b.pointee.ry
  }

  mutating func archive(_ archive: inout StateArchive) throws(ArcadeError) {
    for path in [\Body.x, \.y, \.rotation, \.health, \.home] { try archive.code(&self[keyPath: path]) }
    // What moves or grows without bounds would take for ever to move or draw.
    for path in [\Body.vx, \.vy, \.spin] { try archive.code(&self[keyPath: path], in: -Self.most...Self.most) }
    for path in [\Body.rx, \.ry] { try archive.code(&self[keyPath: path], in: 0...Self.most) }
    for path in [\Body.alpha, \.fading, \.growth] { try archive.code(&self[keyPath: path], in: 0...2) }
    for path in [\Body.kind, \.picture, \.theme] { try archive.code(&self[keyPath: path]) }
    for path in [\Body.age, \.lifespan, \.fireTime, \.spawnTime] { try archive.code(&self[keyPath: path]) }
    var flags: UInt8 = 0
    let paths: [WritableKeyPath<Body, Bool>] = [\.isGone, \.meets, \.isSolid, \.bounces, \.isMirrored, \.isOnScreen]
    for (bit, path) in paths.enumerated() where self[keyPath: path] { flags |= 1 << UInt8(bit) }
    try archive.code(&flags)
    for (bit, path) in paths.enumerated() { self[keyPath: path] = flags >> UInt8(bit) & 1 == 1 }
    var level = UInt8(bitPattern: layer)
    try archive.code(&level)
    layer = Int8(bitPattern: level)
  }
}

/// The kinds and pictures that every game has.
enum BodyKind {
  static let player: UInt8 = 0
  /// An explosion; its pictures are five in a row.
  static let explosion: UInt8 = 54
  static let lastExplosion: UInt8 = 58
  static let trail: UInt8 = 59
}
