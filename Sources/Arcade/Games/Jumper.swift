/// Jumper: a hare looks for its carrot in open caves; it can jump a second time in the air, and a compass points the way.
final class Jumper: World {
  enum Kind {
    static let goal: UInt8 = 1
    static let spike: UInt8 = 2
  }
  enum Tile {
    static let rock: UInt8 = 10
    static let top: UInt8 = 11
  }
  enum Picture {
    static let stand: UInt8 = 0
    static let walk1: UInt8 = 3
    static let walk2: UInt8 = 4
    static let rock: UInt8 = 10
    static let top: UInt8 = 11
    static let dial: UInt8 = 12
    static let needle: UInt8 = 13
  }

  private static let goal = 1
  private static let cooldown = 3
  private var jumps = 0
  private var jumpTime = 0
  private var hasJumped = false
  private var hasSupport = false
  private var wallTheme: UInt8 = 0

  override func configure() {
    outside = Tile.rock
    visibility = options.mode == .easy ? 12 : 16
    traits[Int(Tile.rock)] = CellTraits.blocksAll.rawValue
    traits[Int(Tile.top)] = CellTraits.blocksPlayer.rawValue
  }

  override func dress() {
    show(Tile.rock, as: Picture.rock, theme: wallTheme)
    show(Tile.top, as: Picture.top, theme: wallTheme)
  }

  override func build() {
    let isMemory = options.mode == .memory
    let size = options.mode == .easy ? 20 : isMemory ? 45 : 40
    resize(width: size, height: size)
    wallTheme = UInt8(random.below(art.themeCount(Picture.rock)))
    (jumps, jumpTime, hasJumped, hasSupport) = (0, 0, false, false)
    var cave = makeCave(size)
    let room = cave.largestRoom()
    cave.rock = Array(repeating: true, count: size * size)
    for place in room { cave.rock[place] = false }
    let goal = random.pick(room)
    copy(cave)
    let starts = (0..<grid.count).filter { isOnGround($0 % size, $0 / size) }
    let start = random.pick(starts.isEmpty ? room : starts)
    let path = cave.path(from: start, to: goal)
    if !isMemory {
      cave.keep(around: path, steps: 4)
      copy(cave)
    }
    add(Kind.goal, inCell: goal, r: 0.5)
    let spikes = isMemory ? [] : chooseSpikes()
    openLongWalls(keeping: spikes)
    agent.x = Float(start % size) + 0.5
    agent.y = Float(start / size) + 0.4
    agent.rx = 0.254
    agent.ry = 0.4
    for place in spikes {
      add(Kind.spike, x: Float(place % size) + 0.5, y: Float(place / size) + 0.4, rx: 0.23, ry: 0.4)
    }
    for place in 0..<grid.count where grid.cells[place] == Tile.rock {
      if tile(place % size, place / size + 1) == Cell.space { grid.cells[place] = Tile.top }
    }
  }

  /// Rock where a coarse maze has walls, mostly, smoothed twice, within a frame.
  private func makeCave(_ size: Int) -> CaveMaker {
    let mazeSize = size / 3
    var maze = MazeMaker(size: mazeSize, &random)
    maze.openDeadEnds(&random)
    var cave = CaveMaker(
      width: size, height: size,
      rock: (0..<size * size).map { place in
        let (x, y) = (place % size / 3, place / size / 3)
        let isWall = x >= mazeSize || y >= mazeSize || maze[x, y] == .wall
        return random.chance(isWall ? 0.8 : 0.2)
      })
    for _ in 0..<2 { cave.smooth() }
    for i in 0..<size {
      for place in [i, (size - 1) * size + i, i * size, i * size + size - 1] { cave.rock[place] = true }
    }
    return cave
  }

  private func copy(_ cave: CaveMaker) {
    for i in 0..<grid.count { grid.cells[i] = cave.rock[i] ? Tile.rock : Cell.space }
  }

  private func isOnGround(_ x: Int, _ y: Int) -> Bool {
    tile(x, y) == Cell.space && tile(x, y + 1) == Cell.space && tile(x, y - 1) == Tile.rock
  }

  /// The places of spikes: on ground with ground on both sides, and never side by side.
  private func chooseSpikes() -> [Int] {
    let size = grid.width
    var spikes: [Int] = []
    var taken = Set<Int>()
    for place in 0..<grid.count {
      let (x, y) = (place % size, place / size)
      let isOpen = (-1...1).allSatisfy { isOnGround(x + $0, y) && !taken.contains(place + $0) }
      if isOpen, random.chance(0.2) {
        spikes.append(place)
        taken.insert(place)
      }
    }
    return spikes
  }

  /// Opens a cell of every wall that is three cells high, so that levels can be solved.
  private func openLongWalls(keeping spikes: [Int]) {
    let size = grid.width
    let taken = Set(spikes)
    func isSpace(_ x: Int, _ y: Int) -> Bool { tile(x, y) == Cell.space && !taken.contains(y * size + x) }
    for place in 0..<grid.count {
      let (x, y) = (place % size, place / size)
      for side in [1, -1] where (0..<3).allSatisfy({ tile(x, y + $0) == Tile.rock && isSpace(x + side, y + $0) }) {
        setTile(x, y + random.below(3), Cell.space)
      }
    }
  }

  override func steer(_ move: Int) {
    super.steer(move)
    hasSupport = standsOnWall
    if hasSupport { jumps = 2 }
    hasJumped = moveY > 0 && jumps > 0 && time - jumpTime > Self.cooldown
    moveY = hasJumped ? 1 : 0
    if hasJumped {
      jumps -= 1
      jumpTime = time
    }
  }

  override func drive() {
    agent.vx = (1 - mixing) * agent.vx + mixing * topSpeed * moveX
    if moveY != 0 { agent.vy = topSpeed * moveY * 2 }
  }

  override func touched(_ i: Int) {
    if self[i].kind == Kind.goal {
      reward += 10
      isComplete = true
      isOver = true
    } else if self[i].kind == Kind.spike {
      isOver = true
    }
  }

  override func play() {
    mirrorAgent()
    if abs(agent.vx) + abs(agent.vy) > 0.05 {
      let puff = add(BodyKind.trail, x: agent.x, y: agent.y - agent.ry * 0.5, vy: 0.01, rx: 0.3, ry: 0.2)
      self[puff].lifespan = 8
      self[puff].alpha = 0.5
    }
    if agent.vy > -2 { agent.vy -= 0.15 }
  }

  override func picture(of body: Body) -> UInt8? {
    guard body.kind == BodyKind.player else { return body.picture }
    if abs(agent.vx) < 0.01, moveX == 0, hasSupport { return Picture.stand }
    return hasSupport ? stride(Picture.walk1, Picture.walk2) : Picture.walk1
  }

  override func paintOverlay(_ painter: Painter) {
    guard options.mode != .memory else { return }
    let size: Float = options.mode == .easy ? 3 : 2
    let (left, top) = (painter.view.visibility - size - 0.25, Float(0.25))
    let goal = self[Self.goal]
    let (dx, dy) = (goal.x - agent.x, goal.y - agent.y)
    let distance = (dx * dx + dy * dy).squareRoot()
    painter.picture(Picture.dial, x: left, y: top, width: size, height: size)
    painter.picture(
      Picture.needle, x: left, y: top, width: size, height: size, rotation: -ExactMath.angle(y: dy, x: dx))
    painter.rectangle(
      x: left, y: top + size, width: size * distance / (Float(grid.width) * 1.41421356), height: size / 8,
      .init(252, 186, 3))
    if hasJumped, !hasSupport {
      let place = painter.place(agent.x - agent.rx, agent.y - agent.ry * 2 / 3)
      painter.picture(
        BodyKind.trail, x: place.x, y: place.y, width: 2 * agent.rx, height: agent.ry * 2 / 3, alpha: 0.47)
    }
  }

  override var solverPhase: Int { jumps * 8 + min(7, time - jumpTime) }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&jumps, in: 0...2)
    try archive.code(&jumpTime, in: 0...1_000_000)
    try archive.code(&hasJumped)
    try archive.code(&hasSupport)
    try archive.code(&wallTheme)
    guard bodies.count > Self.goal else { throw .state("it has no goal") }
  }
}
