/// Heist: keys open locks of their colour; behind the last lock is the gem.
final class Heist: World {
  enum Kind {
    static let lock: UInt8 = 1
    static let key: UInt8 = 2
    static let gem: UInt8 = 9
    static let ring: UInt8 = 11
  }
  enum Picture { static let wall: UInt8 = 51 }

  private var hasKey: [Bool] = []

  override func configure() {
    hasVelocityPicture = false
    bodiesCollide = true
    outside = Cell.wall
    visibility = 8
    topSpeed = 0.75
    isCentered = options.mode == .memory && options.centersPlayer
    show(Cell.wall, as: Picture.wall)
  }

  override func build() {
    let size = options.mode == .easy ? 9 : options.mode == .memory ? 23 : 13
    resize(width: size, height: size)
    let difficulty = random.below((size - 5) / 2 + 1)
    let keys = min(3, options.mode == .memory ? random.below(4) : difficulty + random.below(2))
    let mazeSize = difficulty * 2 + 5
    agent.rx = 0.375
    agent.ry = 0.375
    var maze = MazeMaker(size: mazeSize, &random)
    maze.lock(doors: keys, &random)
    let doors = maze.squares.filter { if case .door = $0 { true } else { false } }.count
    hasKey = Array(repeating: false, count: doors)
    let (left, bottom) = (random.below(size - mazeSize + 1), random.below(size - mazeSize + 1))
    grid.fill(Cell.wall)
    // Out of the way of what is laid out.
    agent.x = -1
    agent.y = -1
    for place in maze.squares.indices where maze.squares[place] != .wall {
      let (x, y) = (left + place % mazeSize, bottom + place / mazeSize)
      let (cx, cy) = (Float(x) + 0.5, Float(y) + 0.5)
      setTile(x, y, Cell.space)
      switch maze.squares[place] {
      case .key(let number):
        let i = scatter(Kind.key, rx: 0.375, ry: 0.375, x: Float(x), y: Float(y), width: 1, height: 1)
        self[i].theme = UInt8(number)
        matchHeight(i)
      case .door(let number):
        let i = add(Kind.lock, x: cx, y: cy, r: 0.5)
        self[i].theme = UInt8(max(0, number))
      case .exit:
        matchHeight(scatter(Kind.gem, rx: 0.375, ry: 0.375, x: Float(x), y: Float(y), width: 1, height: 1))
      case .player:
        agent.x = cx
        agent.y = cy
      default: break
      }
    }
    let r: Float = 0.03
    for number in 0..<doors {
      let i = add(Kind.ring, x: 1 - r * (2 * Float(number) + 1.25), y: r * 0.75, r: r)
      self[i].theme = UInt8(number)
      self[i].picture = Kind.key
      self[i].rotation = ExactMath.pi / 2
      self[i].layer = 1
      self[i].isOnScreen = true
      matchHeight(i)
    }
  }

  override func stops(_ i: Int, _ obstacle: Int, horizontally: Bool) -> Bool {
    self[obstacle].kind == Kind.lock && !hasKey[Int(self[obstacle].theme)]
  }

  override func touched(_ i: Int) {
    switch self[i].kind {
    case Kind.gem:
      isOver = true
      reward = 10
      isComplete = true
    case Kind.key:
      self[i].isGone = true
      hasKey[Int(self[i].theme)] = true
    case Kind.lock where hasKey[Int(self[i].theme)]: self[i].isGone = true
    default: break
    }
  }

  override func play() { agent.face(moveX, moveY) }

  override func picture(of body: Body) -> UInt8? {
    body.kind == Kind.ring && !hasKey[Int(body.theme)] ? nil : body.picture
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&hasKey, false) { (archive, value) throws(ArcadeError) in try archive.code(&value) }
    let themed = [Kind.lock, Kind.key, Kind.ring]
    for i in 0..<bodies.count where themed.contains(self[i].kind) && Int(self[i].theme) >= hasKey.count {
      throw .state("a lock in it has no key")
    }
  }
}
