/// Coinrun: run and jump to the coin at the right end of a level of steps, pits, saws and walkers.
final class CoinRun: World {
  enum Kind {
    static let saw: UInt8 = 2
    static let enemy: UInt8 = 5
    static let crate: UInt8 = 20
  }
  enum Tile {
    static let wall: UInt8 = 10
    static let top: UInt8 = 11
    static let lava: UInt8 = 12
    static let lavaTop: UInt8 = 13
    static let barrier: UInt8 = 14
    static let goal: UInt8 = 15
  }
  enum Picture {
    static let stand: UInt8 = 0
    static let walk1: UInt8 = 1
    static let saw1: UInt8 = 2
    static let saw2: UInt8 = 3
    static let walk2: UInt8 = 4
    static let enemy1: UInt8 = 6
    static let enemy2: UInt8 = 7
    static let wall: UInt8 = 10
    static let top: UInt8 = 11
    static let lava: UInt8 = 12
    static let lavaTop: UInt8 = 13
    static let goal: UInt8 = 15
    static let crate: UInt8 = 20
  }

  private var lastY: Float = 0
  private var wallTheme: UInt8 = 0
  private var hasSupport = false
  private var isOnCrate = false
  private let gravity: Float = 0.2
  private let airControl: Float = 0.15

  override func configure() {
    visibility = 13
    mixing = 0.2
    topSpeed = 0.5
    topJump = 1.5
    outside = Tile.wall
    bodiesCollide = true
    heedsCells = true
    traits[Int(Tile.wall)] = [CellTraits.blocksAll, .bouncesEnemies].bits
    traits[Int(Tile.top)] = [CellTraits.blocksPlayer, .bouncesEnemies].bits
    traits[Int(Tile.barrier)] = CellTraits.bouncesEnemies.rawValue
  }

  override func build() {
    resize(width: 64, height: 64)
    hasSupport = false
    isOnCrate = false
    wallTheme = 0
    if options.mode == .easy {
      backdrop = 0
    } else {
      chooseTheme(0)
      wallTheme = UInt8(random.below(art.themeCount(Picture.wall)))
    }
    agent.rx = 0.5
    agent.ry = 0.5787
    agent.x = 1.5
    agent.y = 1 + agent.ry
    lastY = agent.y
    fence(Tile.wall, floor: Tile.top)
    buildSections()
  }

  override func dress() {
    show(Tile.wall, as: Picture.wall, theme: wallTheme)
    show(Tile.top, as: Picture.top, theme: wallTheme)
    show(Tile.lava, as: Picture.lava)
    show(Tile.lavaTop, as: Picture.lavaTop)
    show(Tile.goal, as: Picture.goal)
  }

  private func addEnemy(_ x: Int, _ y: Int) {
    let i = add(Kind.enemy, x: Float(x) + 0.5, y: Float(y) + 0.5, vx: 0.15 * random.sign(), r: 0.5)
    self[i].isSolid = true
    self[i].bounces = true
    self[i].layer = 1
    self[i].picture = Picture.enemy1
    chooseTheme(i)
  }

  private func addSaw(_ x: Int, _ y: Int) {
    add(Kind.saw, x: Float(x) + 0.5, y: Float(y) + 0.5, r: 0.5)
  }

  private func ground(_ x: Int, _ width: Int, _ height: Int) {
    fillBlock(x: x, y: 0, width: width, height: height, Tile.wall, top: Tile.top)
  }

  private func buildSections() {
    let difficulty = random.below(3) + 1
    let sections = random.below(difficulty) + difficulty
    let danger = random.below(3)
    let highest = Int(topJump * topJump / (2 * gravity) - 0.5)
    var x = 5
    var y = 1
    for _ in 0..<sections where x + 15 < grid.width {
      var rise = min(random.below(4) + 1 + difficulty / 3, highest)
      if y >= 20 || (y >= 5 && random.below(2) == 1) { rise = -rise }
      let width = random.below(2 * difficulty) + 3 + difficulty / 3
      y = max(1, y + rise)
      if width > 7, y > 3, random.below(20) >= difficulty {
        buildPit(x, y, width, danger)
      } else {
        buildPlain(x, y, width, difficulty)
      }
      let before = tile(x - 1, y)
      if before != Tile.wall, before != Tile.top { setTile(x - 1, y, Tile.barrier) }
      x += width
      setTile(x, y, Tile.barrier)
    }
    setTile(x, y, Tile.goal)
    ground(x, 1, y)
    grid.fill(x: x + 1, y: 0, width: grid.width - x - 1, height: grid.height, Tile.wall)
  }

  /// A pit of lava, saws or walkers, with a stepping stone where it is wide.
  private func buildPit(_ x: Int, _ y: Int, _ width: Int, _ danger: Int) {
    let widest = Int(topSpeed * 2 * topJump / gravity - 0.5)
    let left = random.below(3) + 1
    var right = random.below(3) + 1
    var pit = width - left - right
    if pit > widest {
      pit = widest
      right = width - left - pit
    }
    ground(x, left, y)
    ground(x + width - right, right, y)
    let depth = random.below(y - 3) + 1
    switch danger {
    case 0: fillBlock(x: x + left, y: 1, width: pit, height: depth, Tile.lava, top: Tile.lavaTop)
    case 1: for i in 0..<pit { addSaw(x + left + i, 1) }
    default: for i in 0..<pit { addEnemy(x + left + i, 1) }
    }
    guard pit > 4 else { return }
    let start = (pit == 5 ? 1 : 2) + random.below(2)
    let stone = pit > 6 ? pit - start - 2 - random.below(2) : 1 + random.below(2)
    fillBlock(x: x + left + start, y: y - 1, width: stone, height: 1, Tile.wall, top: Tile.top)
  }

  private func buildPlain(_ x: Int, _ y: Int, _ width: Int, _ difficulty: Int) {
    ground(x, width, y)
    var taken = [-1, -1]
    if random.below(10) < 2 * difficulty, width > 3 {
      taken[0] = x + random.below(width - 2) + 1
      addSaw(taken[0], y)
    }
    if random.below(10) < difficulty, width > 3, options.mode != .easy {
      taken[1] = x + random.below(width - 2) + 1
      addEnemy(taken[1], y)
    }
    for _ in 0..<2 {
      let place = x + random.below(width - 2) + 1
      guard random.below(2) == 1, !taken.contains(place) else { continue }
      for level in 0...random.below(3) {
        let i = add(Kind.crate, x: Float(place) + 0.5, y: Float(y + level) + 0.5, r: 0.5)
        chooseTheme(i)
      }
    }
  }

  override func steer(_ move: Int) {
    super.steer(move)
    hasSupport = (isOnCrate || standsOnWall) && agent.vy == 0
    isOnCrate = false
    if moveY > 0, !hasSupport { moveY = 0 }
  }

  override func drive() {
    let rate = hasSupport ? mixing : mixing * airControl
    agent.vx = (1 - rate) * agent.vx + rate * topSpeed * moveX
    if abs(agent.vx) < rate * topSpeed { agent.vx = 0 }
    if moveY > 0 {
      agent.vy = topJump
    } else if hasSupport {
      agent.vy += 0.2 * moveY
    }
    if !(hasSupport && moveY > 0) { agent.vy = max(-topJump, min(topJump, agent.vy - gravity)) }
  }

  override func stops(_ i: Int, _ obstacle: Int, horizontally: Bool) -> Bool {
    // Crates carry whoever comes down on them, unless he asks to fall through.
    guard i == 0, !horizontally, self[obstacle].kind == Kind.crate, agent.vy < 0, moveY >= 0,
      lastY >= self[obstacle].y + self[obstacle].ry + agent.ry
    else { return false }
    isOnCrate = true
    return true
  }

  override func touched(_ i: Int) {
    if self[i].kind == Kind.enemy || self[i].kind == Kind.saw { isOver = true }
  }

  override func entered(_ i: Int, _ cell: UInt8, x: Int, y: Int) {
    guard i == 0 else { return }
    if cell == Tile.goal {
      reward += 10
      isOver = true
      isComplete = true
    } else if cell == Tile.lava || cell == Tile.lavaTop {
      isOver = true
    }
  }

  override func play() {
    mirrorAgent()
    for i in (0..<bodies.count).reversed() {
      if self[i].kind == Kind.enemy {
        let walker = self[i]
        let puff = add(BodyKind.trail, x: walker.x, y: walker.y - walker.ry * 0.5, vy: 0.01, rx: 0.3, ry: 0.2)
        self[puff].lifespan = 8
        self[puff].alpha = 0.5
        self[i].picture = stride(Picture.enemy1, Picture.enemy2)
        self[i].isMirrored = walker.vx > 0
      } else if self[i].kind == Kind.saw {
        self[i].picture = time % 2 == 0 ? Picture.saw1 : Picture.saw2
      }
    }
    lastY = agent.y
  }

  override func picture(of body: Body) -> UInt8? {
    guard body.kind == BodyKind.player else { return body.picture }
    if abs(agent.vx) < 0.01, moveX == 0, hasSupport { return Picture.stand }
    return hasSupport ? stride(Picture.walk1, Picture.walk2) : Picture.walk1
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&lastY)
    try archive.code(&wallTheme)
    try archive.code(&hasSupport)
    try archive.code(&isOnCrate)
  }
}
