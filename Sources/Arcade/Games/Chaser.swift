/// Chaser: collect all orbs of a maze without dead ends; crystals make the hunters weak for 75 steps.
final class Chaser: World {
  enum Kind {
    static let crystal: UInt8 = 2
    static let egg: UInt8 = 4
    static let enemy: UInt8 = 6
  }
  enum Tile {
    static let wall: UInt8 = 10
    static let orb: UInt8 = 11
  }
  enum Picture {
    static let weak: UInt8 = 3
    static let wall: UInt8 = 5
    static let enemy: UInt8 = 6
    static let orb: UInt8 = 9
  }

  private static let weakTime = 75
  private static let hatchTime: Float = 50

  private var crystalTime = 0
  private var orbs = 0
  private var collected = 0
  /// The places that aren't walls.
  private var spaces: [Int] = []
  /// Where a hunter may go; kept, so that a step asks for no memory.
  private var ways = [(x: Int, y: Int)](repeating: (0, 0), count: 4)

  private var enemies: Int { options.mode == .extreme ? 5 : 3 }
  private var areWeak: Bool { time - crystalTime < Self.weakTime }

  override func configure() {
    isCentered = false
    hasVelocityPicture = false
    mixing = 1
    topSpeed = 0.5
    traits[Int(Tile.wall)] = CellTraits.blocksAll.rawValue
    show(Tile.wall, as: Picture.wall)
    show(Tile.orb, as: Picture.orb)
  }

  override func build() {
    let size = options.mode == .easy ? 11 : options.mode == .extreme ? 19 : 13
    resize(width: size, height: size)
    agent.rx = 0.5
    agent.ry = 0.5
    crystalTime = -Self.weakTime
    var maze = MazeMaker(size: size, &random)
    maze.openDeadEnds(&random)
    let extra = options.mode == .easy ? 0 : options.mode == .extreme ? 1 : -1
    let chosen = random.below(4)
    var quarters: [[Int]] = [[], [], [], []]
    for place in 0..<grid.count {
      let isWall = maze.squares[place] == .wall
      grid.cells[place] = isWall ? Tile.wall : Tile.orb
      if !isWall { quarters[(place % size * 2 >= size ? 2 : 0) + (place / size * 2 >= size ? 1 : 0)].append(place) }
    }
    listSpaces()
    for (n, quarter) in quarters.enumerated() {
      for index in random.distinct(1 + (n == chosen ? extra : 0), below: quarter.count) {
        add(Kind.crystal, inCell: quarter[index], r: 0.4)
        grid.cells[quarter[index]] = Cell.space
      }
    }
    let free = grid.places(of: Tile.orb)
    let places = random.distinct(1 + enemies, below: free.count).map { free[$0] }
    agent.x = Float(places[0] % size) + 0.5
    agent.y = Float(places[0] / size) + 0.5
    for place in places.dropFirst() { addEgg(place) }
    orbs = free.count
    collected = 0
  }

  private func listSpaces() { spaces = (0..<grid.count).filter { grid.cells[$0] != Tile.wall } }

  private func addEgg(_ place: Int) {
    let i = add(Kind.egg, inCell: place, r: 0.5)
    self[i].health = Self.hatchTime
  }

  override func drive() {
    if moveX != 0 { agent.vx = topSpeed * moveX }
    if moveY != 0 { agent.vy = topSpeed * moveY }
    // Collisions may have taken some of the speed; the player always goes at full speed.
    agent.vx = agent.vx > 0 ? topSpeed : agent.vx < 0 ? -topSpeed : 0
    agent.vy = agent.vy > 0 ? topSpeed : agent.vy < 0 ? -topSpeed : 0
  }

  override func touched(_ i: Int) {
    if self[i].kind == Kind.crystal {
      crystalTime = time
      reward += 0.04
      self[i].isGone = true
    } else if self[i].kind == Kind.enemy {
      if areWeak { self[i].isGone = true } else { isOver = true }
    }
  }

  override func play() {
    var alive = 0
    for i in (0..<bodies.count).reversed() {
      if self[i].kind == Kind.egg {
        alive += 1
        self[i].health -= 1
        if self[i].health == 0 {
          self[i].isGone = true
          let enemy = add(Kind.enemy, x: self[i].x, y: self[i].y, r: 0.5)
          self[enemy].isSolid = true
        }
      } else if self[i].kind == Kind.enemy {
        alive += 1
        hunt(i)
      }
    }
    if alive < enemies { addEgg(spaces[stepDraw % spaces.count]) }
    let place = agentPlace
    if place >= 0, place < grid.count, grid.cells[place] == Tile.orb {
      grid.cells[place] = Cell.space
      reward += 0.04
      collected += 1
    }
    if collected == orbs {
      reward += 10
      isComplete = true
      isOver = true
    }
  }

  /// Chooses where a hunter goes at a junction: half the time the way nearest to the player, else any but back.
  private func hunt(_ i: Int) {
    let body = self[i]
    let (x, y) = (body.x - 0.5, body.y - 0.5)
    let offset =
      abs(x - x.rounded(.toNearestOrAwayFromZero)) + abs(y - y.rounded(.toNearestOrAwayFromZero))
    guard (body.vx == 0 && body.vy == 0) || offset < 0.01 else { return }
    // A junction is reached up to a rounding error.
    let (column, row) = (Int(x), Int(y))
    let backX = Int(x - (body.vx > 0 ? 1 : body.vx < 0 ? -1 : 0))
    let backY = Int(y - (body.vy > 0 ? 1 : body.vy < 0 ? -1 : 0))
    let (playerX, playerY) = (Int(agent.x), Int(agent.y))
    let isAggressive = stepDraw % 2 == 0
    let sense = areWeak ? -1 : 1
    var best = 2 * grid.width
    var count = 0
    for side in 0..<4 {
      let nextX = column + (side == 0 ? -1 : side == 3 ? 1 : 0)
      let nextY = row + (side == 1 ? -1 : side == 2 ? 1 : 0)
      guard grid.contains(nextX, nextY), tile(nextX, nextY) != Tile.wall, (nextX, nextY) != (backX, backY) else {
        continue
      }
      let distance = (abs(nextX - playerX) + abs(nextY - playerY)) * sense
      if isAggressive, distance > best { continue }
      if isAggressive, distance < best {
        best = distance
        count = 0
      }
      ways[count] = (nextX, nextY)
      count += 1
    }
    guard count > 0 else { return }
    let way = ways[stepDraw % count]
    let speed: Float = areWeak ? 0.25 : 0.5
    self[i].vx = (Float(way.x) - x) * speed
    self[i].vy = (Float(way.y) - y) * speed
  }

  override func picture(of body: Body) -> UInt8? {
    guard body.kind == Kind.enemy else { return body.picture }
    if areWeak { return Picture.weak }
    let frame = time / 2 % 4
    return Picture.enemy + UInt8(frame == 3 ? 1 : frame)
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&crystalTime, in: -Self.weakTime...1_000_000)
    try archive.code(&orbs, in: 0...Grid.most * Grid.most)
    try archive.code(&collected, in: 0...Grid.most * Grid.most)
    if archive.isReading { listSpaces() }
    guard !spaces.isEmpty else { throw .state("its maze has no space") }
  }
}
