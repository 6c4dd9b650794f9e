/// Fruitbot: always onward, through gaps in walls, to fruit and not to other food; keys open the doors in some gaps.
final class FruitBot: World {
  enum Kind {
    static let barrier: UInt8 = 1
    static let key: UInt8 = 3
    static let bad: UInt8 = 4
    static let good: UInt8 = 7
    static let door: UInt8 = 10
    static let lock: UInt8 = 11
    static let present: UInt8 = 12
  }
  enum Tile { static let edge: UInt8 = 10 }
  enum Picture { static let edge: UInt8 = 2 }

  private static let keyTime = 8
  /// The width of a piece of door over its height.
  private static let doorAspect: Float = 3.25
  private var lastFire = 0

  override func configure() {
    topSpeed = 0.85
    outside = Tile.edge
    traits[Int(Tile.edge)] = CellTraits.blocksAll.rawValue
    show(Tile.edge, as: Picture.edge)
  }

  override func build() {
    let isEasy = options.mode == .easy
    resize(width: isEasy ? 10 : 20, height: 60)
    lastFire = 0
    let walls = isEasy ? 5 : 10
    let separation = 4
    var spaces = Array(repeating: separation, count: walls)
    for _ in 0..<grid.height - separation * walls - 4 { spaces[random.below(walls)] += 1 }
    var y = 0
    for space in spaces {
      y += space
      let hasDoor = space > 5 && random.chance(isEasy ? 0 : 0.125)
      addWall(Float(y), hasDoor: hasDoor, narrowest: isEasy ? 0.2 : 0.1)
    }
    agent.y = agent.ry
    let good = random.below(10) + 10
    let bad = random.below(10) + 10
    for x in 0..<grid.width {
      chooseTheme(add(Kind.present, x: Float(x) + 0.5, y: Float(grid.height) - 0.5, r: 0.5))
    }
    let first = bodies.count
    for n in 0..<good + bad {
      scatter(
        n < good ? Kind.good : Kind.bad, rx: 0.5, ry: 0.5, x: 0, y: 0, width: Float(grid.width),
        height: Float(grid.height))
    }
    for i in first..<bodies.count {
      self[i].theme = UInt8(random.below(isEasy ? 2 : 6))
      fitAspect(i)
    }
    agent.rotation = -ExactMath.pi / 2
  }

  private func addWall(_ y: Float, hasDoor: Bool, narrowest: Float) {
    let width = Float(grid.width)
    let (thickness, lockX, lockY): (Float, Float, Float) = (0.3, 0.25, 0.45)
    var share = narrowest + 0.2 * random.unit()
    if hasDoor {
      share += 0.1
      let lockShare = 2 * lockX / width
      let doorShare = thickness * 2 * Self.doorAspect / width
      share = 2 * lockShare + doorShare * ((share - 2 * lockShare) / doorShare).rounded(.up)
    }
    let gap = share * width
    let left = random.unit() * (width - gap)
    let right = width - left - gap
    add(Kind.barrier, x: left / 2, y: y, rx: left / 2, ry: thickness)
    add(Kind.barrier, x: width - right / 2, y: y, rx: right / 2, ry: thickness)
    guard hasDoor else { return }
    let side = Float(random.below(2))
    add(Kind.door, x: left + gap / 2 - (side * 2 - 1) * lockX, y: y, rx: gap / 2 - lockX, ry: thickness)
    add(Kind.lock, x: left + lockX + side * (gap - 2 * lockX), y: y - lockY + thickness, rx: lockX, ry: lockY)
  }

  override func view() -> View {
    guard isCentered else { return super.view() }
    let width = Float(grid.width)
    return View(x: width / 2, y: agent.y + width / 2 - 2 * agent.ry, visibility: width)
  }

  override func steer(_ move: Int) {
    moveX = Float(move / 3 - 1)
    moveY = 0.2
  }

  override func touched(_ i: Int) {
    switch self[i].kind {
    case Kind.barrier, Kind.door: isOver = true
    case Kind.bad:
      reward -= 4
      self[i].isGone = true
    case Kind.good:
      reward += 1
      self[i].isGone = true
    case Kind.present:
      reward += 10
      isOver = true
      isComplete = true
    default: break
    }
  }

  override func met(_ i: Int, _ j: Int) {
    guard self[i].kind == Kind.key else { return }
    if self[j].kind == Kind.barrier {
      self[i].isGone = true
    } else if self[j].kind == Kind.lock {
      self[i].isGone = true
      self[j].isGone = true
      for n in 0..<bodies.count where self[n].kind == Kind.door && abs(self[n].y - self[j].y) < 1 {
        self[n].isGone = true
        break
      }
    }
  }

  override func play() {
    guard button == 1, time - lastFire >= Self.keyTime else { return }
    let i = add(Kind.key, x: agent.x, y: agent.y, vy: 0.5, r: 0.25)
    self[i].lifespan = Int32(Self.keyTime)
    self[i].meets = true
    lastFire = time
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&lastFire, in: 0...1_000_000)
  }
}
