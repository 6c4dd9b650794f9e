/// Caveflyer: fly through a cave to the goal; targets may be shot for more, everything else is to be avoided.
final class CaveFlyer: World {
  enum Kind {
    static let goal: UInt8 = 1
    static let obstacle: UInt8 = 2
    static let target: UInt8 = 3
    static let bullet: UInt8 = 4
    static let enemy: UInt8 = 5
    static let exhaust: UInt8 = 9
  }
  enum Tile { static let rock: UInt8 = 10 }
  enum Picture { static let rock: UInt8 = 8 }

  override func configure() {
    mixing = 0.9
    outside = Tile.rock
    visibility = options.mode == .easy ? 10 : 16
    traits[Int(Tile.rock)] = [CellTraits.blocksAll, .bouncesEnemies].bits
    show(Tile.rock, as: Picture.rock)
  }

  override func build() {
    let size = options.mode == .easy ? 30 : options.mode == .memory ? 60 : 40
    resize(width: size, height: size)
    var cave = CaveMaker(width: size, height: size, rock: (0..<size * size).map { _ in random.chance(0.5) })
    for _ in 0..<4 { cave.smooth() }
    let room = cave.largestRoom()
    cave.rock = Array(repeating: true, count: size * size)
    for place in room { cave.rock[place] = false }
    let ends = random.distinct(2, below: room.count).map { room[$0] }
    let (start, goal) = (ends.first ?? 0, ends.last ?? 0)
    agent.x = Float(start % size) + 0.5
    agent.y = Float(start / size) + 0.5
    self[add(Kind.goal, inCell: goal, r: 0.5)].meets = true
    let path = cave.path(from: start, to: goal)
    if options.mode != .memory { cave.keep(around: path, steps: 4) }
    for _ in 0..<4 {
      cave.smooth()
      for place in path { cave.rock[place] = false }
    }
    for i in 0..<grid.count { grid.cells[i] = cave.rock[i] ? Tile.rock : Cell.space }
    let way = Set(path)
    populate((0..<grid.count).filter { !cave.rock[$0] && !way.contains($0) })
  }

  private func populate(_ free: [Int]) {
    let chunk = free.count / 80
    for (n, index) in random.distinct(3 * chunk, below: free.count).enumerated() {
      let i = add(n < chunk ? Kind.obstacle : n < 2 * chunk ? Kind.target : Kind.enemy, inCell: free[index], r: 0.5)
      self[i].meets = true
      if self[i].kind == Kind.target {
        self[i].health = 5
      } else if self[i].kind == Kind.enemy {
        let speed = (0.1 * random.unit() + 0.1) * random.sign()
        if random.chance(0.5) { self[i].vx = speed } else { self[i].vy = speed }
        self[i].isSolid = true
        self[i].bounces = true
      }
    }
  }

  override func steer(_ move: Int) {
    var thrust = Float(move % 3 - 1)
    if thrust < 0 { thrust *= 0.33 }
    let angle = ExactMath.pi / 2 - agent.rotation
    let (dx, dy) = (ExactMath.cos(angle), ExactMath.sin(angle))
    if thrust > 0 {
      let i = add(
        Kind.exhaust, x: agent.x - agent.rx * dx, y: agent.y - agent.ry * dy, r: 0.5 * agent.rx)
      self[i].lifespan = 4
      self[i].rotation = -angle - ExactMath.pi / 2
      self[i].growth = 1.25
      self[i].fading = 0.8
    }
    moveX = thrust * dx
    moveY = thrust * dy
    turn = Float(move / 3 - 1)
  }

  override func drive() {
    agent.vx = 0.9 * (agent.vx + mixing * topSpeed * moveX * 0.2)
    agent.vy = 0.9 * (agent.vy + mixing * topSpeed * moveY * 0.2)
  }

  override func touched(_ i: Int) {
    switch self[i].kind {
    case Kind.goal:
      reward += 10
      isComplete = true
      isOver = true
    case Kind.obstacle, Kind.enemy, Kind.target: isOver = true
    default: break
    }
  }

  override func met(_ i: Int, _ j: Int) {
    guard self[j].kind == Kind.bullet else { return }
    if self[i].kind == Kind.target {
      self[i].health -= 1
      if self[i].health <= 0, !self[i].isGone {
        explode(i)
        self[i].isGone = true
        reward += 3
      }
    }
    if !self[j].isGone {
      self[j].isGone = true
      explode(j, vx: self[i].vx, vy: self[i].vy)
    }
  }

  override func play() {
    if button == 1 {
      let angle = ExactMath.pi / 2 - agent.rotation
      let i = add(
        Kind.bullet, x: agent.x, y: agent.y, vx: ExactMath.cos(angle), vy: ExactMath.sin(angle), rx: 0.1, ry: 0.25)
      self[i].lifespan = 10
      self[i].rotation = agent.rotation
    }
    for i in (0..<bodies.count).reversed() {
      let body = self[i]
      if body.kind == Kind.enemy {
        self[i].face(body.vx, body.vy, offset: -ExactMath.pi / 2)
      } else if body.kind == Kind.bullet {
        let isInRock = (0..<4).contains { corner in
          let x = corner % 2 == 0 ? body.x - body.rx : body.x + body.rx
          return tile(at: x, corner < 2 ? body.y - body.ry : body.y + body.ry) == Tile.rock
        }
        if isInRock {
          self[i].isGone = true
          explode(i)
        }
      }
    }
    removeGone()
  }
}
