/// Climber: platform over platform up to the crystals, past flying enemies on patrol.
final class Climber: World {
  enum Kind {
    static let crystal: UInt8 = 1
    static let enemy: UInt8 = 5
  }
  enum Tile {
    static let wall: UInt8 = 10
    static let top: UInt8 = 11
  }
  enum Picture {
    static let stand: UInt8 = 0
    static let walk1: UInt8 = 2
    static let walk2: UInt8 = 3
    static let jump: UInt8 = 4
    static let enemy1: UInt8 = 6
    static let enemy2: UInt8 = 7
    static let wall: UInt8 = 10
    static let top: UInt8 = 11
  }

  private static let patrol: Float = 4
  private let gravity: Float = 0.2
  private let airControl: Float = 0.15
  private var hasSupport = false
  private var quota = 0
  private var collected = 0
  private var wallTheme: UInt8 = 0

  override func configure() {
    topSpeed = 0.5
    topJump = 1.5
    outside = Tile.wall
    traits[Int(Tile.wall)] = [CellTraits.blocksAll, .bouncesEnemies].bits
    traits[Int(Tile.top)] = [CellTraits.blocksPlayer, .bouncesEnemies].bits
  }

  override func build() {
    resize(width: options.mode == .easy ? 16 : 20, height: 64)
    hasSupport = false
    agent.rx = 0.5
    agent.ry = 0.5
    agent.x = 1.5
    agent.y = 1.5
    chooseTheme(0)
    wallTheme = UInt8(random.below(art.themeCount(Picture.wall)))
    fence(Tile.wall, floor: Tile.top)
    buildPlatforms()
  }

  override func dress() {
    show(Tile.wall, as: Picture.wall, theme: wallTheme)
    show(Tile.top, as: Picture.top, theme: wallTheme)
  }

  private func buildPlatforms() {
    let difficulty = random.below(3)
    let fewest = difficulty * difficulty + 1
    let most = (difficulty + 1) * (difficulty + 1) + 1
    let count = random.integer(fewest..<most + 1)
    quota = 0
    collected = 0
    var x = random.below(grid.width - 4) + 2
    var y = 0
    let margin = 3
    let enemyRate: Float = options.mode == .easy ? 0.2 : 0.5
    let highest = Int(topJump * topJump / (2 * gravity))
    for n in 0..<count {
      let rise = random.integer(3..<highest + 1)
      // Enemies need room to fly in.
      if x >= margin, x <= grid.width - margin, random.chance(enemyRate) {
        let i = add(
          Kind.enemy, x: Float(x) + 0.5, y: Float(y + random.below(2) + 2) + 0.5, vx: 0.15 * random.sign(), r: 0.5)
        self[i].picture = Picture.enemy1
        self[i].isSolid = true
        self[i].bounces = true
        self[i].home = Float(x) + 0.5
        matchHeight(i)
      }
      y += rise
      let length = 2 + random.below(10)
      var way = random.below(2) * 2 - 1
      if x < margin { way = 1 }
      if x > grid.width - margin { way = -1 }
      var platform: [Int] = []
      for step in 1...length {
        let next = x + step * way
        if next <= 0 || next >= grid.width - 1 { break }
        platform.append(next)
        setTile(next, y, Tile.top)
      }
      guard !platform.isEmpty else { continue }
      if random.chance(0.5) || n == count - 1 {
        add(Kind.crystal, x: Float(random.pick(platform)) + 0.5, y: Float(y) + 1.5, r: 0.3)
        quota += 1
      }
      x = random.pick(platform)
    }
  }

  override func view() -> View {
    guard isCentered else { return super.view() }
    let width = Float(grid.width)
    return View(x: width / 2, y: agent.y + width / 2 - 5 * agent.ry, visibility: width)
  }

  override func steer(_ move: Int) {
    super.steer(move)
    hasSupport = standsOnWall
    moveY = hasSupport && moveY > 0 ? 1 : 0
  }

  override func drive() {
    let rate = hasSupport ? mixing : mixing * airControl
    agent.vx = (1 - rate) * agent.vx + rate * topSpeed * moveX
    if moveY > 0 { agent.vy = topJump }
    if !hasSupport, agent.vy > -2 { agent.vy -= gravity }
  }

  override func touched(_ i: Int) {
    if self[i].kind == Kind.enemy {
      isOver = true
    } else if self[i].kind == Kind.crystal {
      reward += 1
      collected += 1
      self[i].isGone = true
    }
  }

  override func play() {
    mirrorAgent()
    for i in (0..<bodies.count).reversed() where self[i].kind == Kind.enemy {
      if self[i].x > self[i].home + Self.patrol {
        self[i].vx = -abs(self[i].vx)
      } else if self[i].x < self[i].home - Self.patrol {
        self[i].vx = abs(self[i].vx)
      }
      self[i].picture = stride(Picture.enemy1, Picture.enemy2)
      self[i].isMirrored = self[i].vx < 0
    }
    if quota == collected {
      isOver = true
      reward += 10
      isComplete = true
    }
  }

  override func picture(of body: Body) -> UInt8? {
    guard body.kind == BodyKind.player else { return body.picture }
    if !hasSupport { return Picture.jump }
    return abs(agent.vx) < 0.01 && moveX == 0 ? Picture.stand : stride(Picture.walk1, Picture.walk2)
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&hasSupport)
    try archive.code(&quota, in: 0...1000)
    try archive.code(&collected, in: 0...1000)
    try archive.code(&wallTheme)
  }
}
