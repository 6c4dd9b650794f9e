/// Shepherd: sheep flee from whoever comes near; one for each that is driven into the pen, five more for the whole flock.
final class Shepherd: World {
  enum Kind {
    static let sheep: UInt8 = 2
    static let penned: UInt8 = 3
  }
  enum Tile {
    static let fence: UInt8 = 10
    static let pen: UInt8 = 11
  }
  enum Picture {
    static let fence: UInt8 = 4
    static let pen: UInt8 = 5
  }

  private static let reach: Float = 3
  private static let pace: Float = 0.22
  private var flock: Int { options.mode == .easy ? 5 : 8 }
  /// How many are in the pen.
  private var inside = 0

  override func configure() {
    isCentered = false
    topSpeed = 0.5
    mixing = 0.7
    traits[Int(Tile.fence)] = CellTraits.blocksAll.rawValue
    show(Tile.fence, as: Picture.fence)
    show(Tile.pen, as: Picture.pen)
  }

  override func build() {
    let size = options.mode == .easy ? 13 : 17
    resize(width: size, height: size)
    inside = 0
    fence(Tile.fence, floor: Tile.fence)
    // The pen is a strip along one side.
    let side = random.below(4)
    let depth = options.mode == .easy ? 4 : 3
    for x in 1..<size - 1 {
      for y in 1..<size - 1 {
        let distance = [x, y, size - 1 - x, size - 1 - y][side]
        if distance <= depth { setTile(x, y, Tile.pen) }
      }
    }
    agent.rx = 0.4
    agent.ry = 0.4
    repeat {
      agent.x = random.between(1.5, Float(size) - 1.5)
      agent.y = random.between(1.5, Float(size) - 1.5)
    } while tile(at: agent.x, agent.y) != Cell.space
    var left = flock
    while left > 0 {
      let (x, y) = (random.between(1.6, Float(size) - 1.6), random.between(1.6, Float(size) - 1.6))
      guard tile(at: x, y) == Cell.space else { continue }
      let i = add(Kind.sheep, x: x, y: y, r: 0.4)
      self[i].isSolid = true
      left -= 1
    }
  }

  override func prepare() {
    for i in 1..<bodies.count where self[i].kind == Kind.sheep {
      let (dx, dy) = (self[i].x - agent.x, self[i].y - agent.y)
      let distance = (dx * dx + dy * dy).squareRoot()
      if distance < Self.reach {
        let speed = Self.pace * min(1, 1.5 - distance / Self.reach)
        self[i].vx = distance > 0 ? dx / distance * speed : speed
        self[i].vy = distance > 0 ? dy / distance * speed : 0
      } else if random.below(20) == 0 {
        self[i].vx = random.between(-0.05, 0.05)
        self[i].vy = random.between(-0.05, 0.05)
      }
      self[i].isMirrored = self[i].vx < 0
    }
  }

  override func play() {
    mirrorAgent()
    for i in 1..<bodies.count where self[i].kind == Kind.sheep && tile(at: self[i].x, self[i].y) == Tile.pen {
      self[i].kind = Kind.penned
      self[i].picture = Kind.penned
      self[i].isSolid = false
      (self[i].vx, self[i].vy) = (0, 0)
      inside += 1
      reward += 1
    }
    if inside >= flock {
      reward += 5
      isComplete = true
      isOver = true
    }
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&inside, in: 0...flock)
  }
}
