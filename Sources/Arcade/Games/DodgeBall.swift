/// Dodgeball: hit everybody in a room with deadly walls, then leave through the door.
final class DodgeBall: World {
  enum Kind {
    static let wall: UInt8 = 1
    static let ball: UInt8 = 3
    static let enemy: UInt8 = 4
    static let door: UInt8 = 5
    static let enemyBall: UInt8 = 6
    static let dust: UInt8 = 8
  }
  enum Tile { static let edge: UInt8 = 10 }
  enum Picture {
    static let openDoor: UInt8 = 7
    static let edge: UInt8 = 10
  }

  /// A part of the room that walls haven't divided.
  private struct Area {
    var x: Float
    var y: Float
    var width: Float
    var height: Float
  }

  private static let enemySpeed: Float = 0.05
  private static let ballSpin: Float = 0.23 * ExactMath.pi
  private static let fireDelay = 50

  private var scale: Float = 1
  private var lastFire = 0
  private var enemies = 0

  private var ballSpeed: Float { 0.25 * scale }
  private var ballRadius: Float { 0.25 * scale }

  override func configure() {
    bodiesCollide = true
    outside = Tile.edge
    isCentered = options.mode == .memory && options.centersPlayer
    traits[Int(Tile.edge)] = [CellTraits.blocksAll, .bouncesEnemies].bits
    show(Tile.edge, as: Picture.edge)
    switch options.mode {
    case .easy: (scale, topSpeed) = (2, 0.75)
    case .extreme: (scale, topSpeed) = (1, 0.25)
    default: (scale, topSpeed) = (1.5, 0.5)
    }
  }

  override func build() {
    let isLarge = options.mode == .memory
    let size = isLarge ? 40 : 20
    resize(width: size, height: size)
    lastFire = 0
    let radius: Float = scale == 1 ? 0.4 : scale * 0.5
    agent.rx = radius
    agent.ry = radius
    divide(options.mode == .easy ? 2 : isLarge ? 16 : options.mode == .extreme ? 8 : 4)
    addDoor(options.mode == .easy ? 1.5 : 0.75)
    scatterAgent()
    enemies = random.below((isLarge ? 16 : 3) + 1) + 3
    let first = bodies.count
    for _ in 0..<enemies {
      scatter(
        Kind.enemy, rx: 0.5 * scale, ry: 0.5 * scale, x: 0, y: 0, width: Float(size), height: Float(size))
    }
    let theme = UInt8(random.below(7))
    for i in first..<bodies.count {
      self[i].theme = theme
      self[i].fireTime = 10
      self[i].meets = true
      self[i].isSolid = true
      self[i].bounces = true
      chooseWay(i)
      self[i].face(self[i].vx, self[i].vy)
    }
    agent.face(1, 0)
  }

  /// Divides areas again and again by a wall that leaves a gap.
  private func divide(_ times: Int) {
    let thickness = 0.3 * scale
    let least = agent.rx * 8 + 0.5
    let narrowest = 4 * agent.rx + 2 * thickness + 0.5
    var areas = [Area(x: 0, y: 0, width: Float(grid.width), height: Float(grid.height))]
    for _ in 0..<times where !areas.isEmpty {
      let area = areas.remove(at: random.below(areas.count))
      var isHorizontal = random.chance(0.5)
      let isFirst = random.chance(0.5)
      if area.width < least { isHorizontal = false }
      if area.height < least { isHorizontal = true }
      let share = 1 - 0.25 * Float(random.below(3) + 1)
      var parts: [Area]
      var wall: Area
      if isHorizontal {
        let length = share * area.width
        let start = isFirst ? area.x : area.x + area.width - length
        let rest = isFirst ? area.x + length : area.x
        let half = area.height / 2 - thickness
        wall = Area(x: start + length / 2, y: area.y + area.height / 2, width: length / 2, height: thickness)
        parts = [
          Area(x: start, y: area.y, width: length, height: half),
          Area(x: start, y: area.y + area.height / 2 + thickness, width: length, height: half),
          Area(x: rest, y: area.y, width: area.width - length, height: area.height),
        ]
      } else {
        let length = share * area.height
        let start = isFirst ? area.y : area.y + area.height - length
        let rest = isFirst ? area.y + length : area.y
        let half = area.width / 2 - thickness
        wall = Area(x: area.x + area.width / 2, y: start + length / 2, width: thickness, height: length / 2)
        parts = [
          Area(x: area.x, y: start, width: half, height: length),
          Area(x: area.x + area.width / 2 + thickness, y: start, width: half, height: length),
          Area(x: area.x, y: rest, width: area.width, height: area.height - length),
        ]
      }
      self[add(Kind.wall, x: wall.x, y: wall.y, rx: wall.width, ry: wall.height)].meets = true
      parts.removeAll {
        ($0.width < least && $0.height < least) || $0.width < narrowest || $0.height < narrowest
      }
      areas += parts
    }
  }

  private func addDoor(_ r: Float) {
    let (w, h) = (Float(grid.width), Float(grid.height))
    switch random.below(4) {
    case 0: scatter(Kind.door, rx: r, ry: r, x: 0, y: 0, width: w, height: 2 * r)
    case 1: scatter(Kind.door, rx: r, ry: r, x: 0, y: h - 2 * r, width: w, height: 2 * r)
    case 2: scatter(Kind.door, rx: r, ry: r, x: 0, y: 0, width: 2 * r, height: h)
    default: scatter(Kind.door, rx: r, ry: r, x: w - 2 * r, y: 0, width: 2 * r, height: h)
    }
  }

  private func chooseWay(_ i: Int) {
    let speed = Self.enemySpeed * random.sign()
    let isHorizontal = random.below(2) == 0
    self[i].vx = isHorizontal ? speed : 0
    self[i].vy = isHorizontal ? 0 : speed
    self[i].spawnTime = Int32(random.below(50) + 25)
  }

  private func throwBall(_ i: Int, _ dx: Float, _ dy: Float, _ kind: UInt8) {
    let body = self[i]
    let ball = add(kind, x: body.x, y: body.y, vx: dx * ballSpeed, vy: dy * ballSpeed, r: ballRadius)
    self[ball].spin = Self.ballSpin
    self[ball].lifespan = 50
    if kind == Kind.ball { self[ball].meets = true }
  }

  override func rebounds(_ i: Int, _ obstacle: Int) -> Bool { self[obstacle].kind == Kind.wall }

  override func touched(_ i: Int) {
    switch self[i].kind {
    case Kind.enemy, Kind.enemyBall, Kind.wall: isOver = true
    case Kind.door where enemies == 0:
      isOver = true
      reward += 10
      isComplete = true
    default: break
    }
  }

  override func met(_ i: Int, _ j: Int) {
    let (kind, other) = (self[i].kind, self[j].kind)
    if kind == Kind.wall, other == Kind.ball || other == Kind.enemyBall {
      self[j].isGone = true
    } else if kind == Kind.enemy, other == Kind.ball {
      self[j].isGone = true
      self[i].health -= 1
      guard self[i].health <= 0, !self[i].isGone else { return }
      self[i].isGone = true
      reward += 2
      let dust = add(Kind.dust, x: self[i].x, y: self[i].y, r: self[i].rx)
      self[dust].spin = ExactMath.pi / 0.3
      self[dust].growth = 1 / 1.2
      self[dust].lifespan = 4
      self[dust].fading = 0.9
      self[dust].theme = UInt8(stepDraw % art.themeCount(Kind.dust))
    }
  }

  override func play() {
    let (dx, dy) = (Float(lastMove / 3 - 1), Float(lastMove % 3 - 1))
    agent.face(dx, dy)
    if button == 1, time - lastFire >= 7 {
      throwBall(0, dx, dy, Kind.ball)
      lastFire = time
    }
    enemies = 0
    let (w, h) = (Float(grid.width), Float(grid.height))
    for i in (0..<bodies.count).reversed() {
      let body = self[i]
      if body.kind == Kind.enemy {
        enemies += 1
        if body.spawnTime == 0 { chooseWay(i) } else { self[i].spawnTime &-= 1 }
        if time - Int(body.fireTime) >= Self.fireDelay { fire(i) }
        self[i].face(self[i].vx, self[i].vy)
      } else if body.kind == Kind.ball || body.kind == Kind.enemyBall {
        if body.x < body.rx || body.x > w - body.rx || body.y < body.ry || body.y > h - body.ry {
          self[i].isGone = true
        }
      }
    }
    removeGone()
  }

  /// An enemy throws along a row or a column that it shares with the player.
  private func fire(_ i: Int) {
    let body = self[i]
    let wayX: Float = body.x < agent.x ? 1 : -1
    let wayY: Float = body.y < agent.y ? 1 : -1
    if abs(body.x - agent.x) < 1 {
      throwBall(i, 0, wayY, Kind.enemyBall)
      self[i].vx = 0
      self[i].vy = wayY * Self.enemySpeed
    } else if abs(body.y - agent.y) < 1 {
      throwBall(i, wayX, 0, Kind.enemyBall)
      self[i].vx = wayX * Self.enemySpeed
      self[i].vy = 0
    } else {
      return
    }
    self[i].fireTime = Int32(time + random.below(4))
  }

  override func picture(of body: Body) -> UInt8? {
    body.kind == Kind.door && enemies == 0 ? Picture.openDoor : body.picture
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&lastFire, in: 0...1_000_000)
    try archive.code(&enemies, in: 0...1000)
  }
}
