/// Ninja: from ledge to ledge to the mushroom, with jumps that are charged, over fire; stars explode bombs.
final class Ninja: World {
  enum Kind {
    static let goal: UInt8 = 1
    static let star: UInt8 = 7
  }
  enum Tile {
    static let wall: UInt8 = 10
    static let bomb: UInt8 = 11
    static let fire: UInt8 = 12
  }
  enum Picture {
    static let stand: UInt8 = 0
    static let walk1: UInt8 = 2
    static let walk2: UInt8 = 3
    static let bomb: UInt8 = 6
    static let fire: UInt8 = 14
    static let wall: UInt8 = 20
  }

  private let gravity: Float = 0.2
  private let airControl: Float = 0.15
  private var hasSupport = false
  private var charge: Float = 0
  private var lastFire = 0
  private var wallTheme: UInt8 = 0

  override func configure() {
    let isEasy = options.mode == .easy
    topSpeed = 0.5
    topJump = isEasy ? 1.25 : 1.5
    visibility = isEasy ? 10 : 16
    outside = Tile.wall
    heedsCells = true
    traits[Int(Tile.wall)] = [CellTraits.blocksAll, .blocksOthers].bits
    show(Tile.bomb, as: Picture.bomb)
    show(Tile.fire, as: Picture.fire)
  }

  override func dress() { show(Tile.wall, as: Picture.wall, theme: wallTheme) }

  override func build() {
    resize(width: 64, height: 64)
    (hasSupport, charge, lastFire) = (false, 0, 0)
    agent.rx = 0.5
    agent.ry = 0.5
    agent.x = 1.5
    agent.y = Float(grid.height / 2) + 0.5
    let difficulty = random.below(3) + 1
    wallTheme = UInt8(random.below(art.themeCount(Picture.wall)))
    fence(Tile.wall, floor: Tile.wall)
    buildLedges(difficulty)
  }

  private func ledge(_ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    guard height > 0 else { return }
    grid.fill(x: x, y: y, width: width, height: height, Tile.wall)
  }

  private func buildLedges(_ difficulty: Int) {
    let isEasy = options.mode == .easy
    let leastGap = isEasy ? max(0, difficulty - 2) : difficulty - 1
    let leastWidth = isEasy ? 3 : 1
    let riseRange = isEasy ? 2 : 4
    let bombRate = 0.25 * Float(difficulty - 1)
    let gapRange = difficulty == 1 ? 2 : 3
    let highest = Int(topJump * topJump / (2 * gravity) - 0.5)
    let start = 5
    var (x, y) = (start, grid.height / 2)
    var lowest = y
    ledge(0, 0, start, y)
    ledge(0, y + 8, start, grid.height - y - 8)
    for _ in 0..<random.below(difficulty) + difficulty {
      let (fromX, fromY) = (x, y)
      var top = -1
      var lastEdge = -1
      for edge in 0...random.below(2) {
        x = fromX + edge
        if x + 15 >= grid.width { break }
        var rise = min(random.below(riseRange) + 1 + difficulty / 3, highest)
        if fromY >= grid.height - 15 || (fromY >= 5 && random.chance(0.4)) { rise = -rise }
        y = max(3, fromY + rise)
        if abs(y - lastEdge) <= 1 { y = lastEdge + 2 }
        let width = leastWidth + random.below(3)
        ledge(x, y - 1, width, 1)
        x += width + leastGap + random.below(gapRange)
        top = max(top, y)
        lowest = min(lowest, y)
        lastEdge = y
      }
      if random.chance(bombRate) { setTile(random.below(x - fromX + 1) + fromX, top + 2, Tile.bomb) }
      let ceiling = top + 10
      ledge(fromX, ceiling, x - fromX, grid.height - ceiling)
    }
    chooseTheme(add(Kind.goal, x: Float(x) + 0.5, y: Float(y) + 0.5, r: 0.5))
    ledge(x, y - 1, 1, 1)
    ledge(x, y + 6, 1, grid.height - y - 6)
    let fire = max(1, lowest - 2)
    ledge(start, 0, grid.width - start, fire)
    grid.fill(x: start, y: fire, width: grid.width - start, height: 1, Tile.fire)
    grid.fill(x: x + 1, y: 0, width: grid.width - x - 1, height: grid.height, Tile.wall)
  }

  override func steer(_ move: Int) {
    super.steer(move)
    hasSupport = standsOnWall
    if hasSupport, moveY > 0 {
      charge = min(1, charge + (options.mode == .easy ? 1 : 0.25))
    } else {
      moveY = 0
    }
    if !hasSupport { charge = 0 }
  }

  override func drive() {
    let rate = hasSupport ? mixing : mixing * airControl
    agent.vx = (1 - rate) * agent.vx + rate * topSpeed * moveX
    if moveY < 1, charge > 0 {
      agent.vy = charge * topJump
      charge = 0
    }
    if !hasSupport, agent.vy > -2 { agent.vy -= gravity }
  }

  override func isHeld(_ i: Int) -> Bool {
    // Stars stick to walls.
    if self[i].kind == Kind.star {
      self[i].vx = 0
      self[i].vy = 0
    }
    return true
  }

  override func touched(_ i: Int) {
    if self[i].kind == BodyKind.explosion {
      isOver = true
    } else if self[i].kind == Kind.goal {
      reward += 10
      isComplete = true
      isOver = true
    }
  }

  override func entered(_ i: Int, _ cell: UInt8, x: Int, y: Int) {
    if i == 0 {
      if cell == Tile.fire || cell == Tile.bomb { isOver = true }
    } else if cell == Tile.bomb {
      self[i].isGone = true
      setTile(x, y, Cell.space)
      add(BodyKind.explosion, x: Float(x) + 0.5, y: Float(y) + 0.5, r: 0.5)
    } else if cell == Tile.wall {
      self[i].isGone = true
    }
  }

  override func play() {
    mirrorAgent()
    guard button > 0, time - lastFire >= 3 else { return }
    var angle: Float =
      switch button {
      case 2: ExactMath.pi / 4
      case 3: ExactMath.pi / 2
      case 4: -ExactMath.pi / 4
      default: 0
      }
    if agent.isMirrored { angle = ExactMath.pi - angle }
    let i = add(
      Kind.star, x: agent.x, y: agent.y, vx: ExactMath.cos(angle), vy: ExactMath.sin(angle), r: 0.25)
    self[i].meets = true
    self[i].lifespan = 15
    self[i].isSolid = true
    lastFire = time
  }

  override func picture(of body: Body) -> UInt8? {
    guard body.kind == BodyKind.player else { return body.picture }
    if abs(agent.vx) < 0.01, moveX == 0, hasSupport { return Picture.stand }
    return hasSupport ? stride(Picture.walk1, Picture.walk2) : Picture.walk1
  }

  override func paintOverlay(_ painter: Painter) {
    let height = 3 * charge
    painter.rectangle(
      x: 0.25, y: painter.view.visibility - 0.5 - height, width: 0.5, height: height, .init(66, 245, 135))
  }

  override var solverPhase: Int { Int(charge * 4) }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&hasSupport)
    try archive.code(&charge)
    try archive.code(&lastFire, in: 0...1_000_000)
    try archive.code(&wallTheme)
  }
}
