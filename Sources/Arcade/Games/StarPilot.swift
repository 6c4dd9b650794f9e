/// Starpilot: fly to the right for 500 steps through waves of ships, turrets, meteors and clouds, then through the finish.
final class StarPilot: World {
  enum Kind {
    static let bullet: UInt8 = 1
    static let enemyBullet: UInt8 = 2
    static let turretBullet: UInt8 = 3
    static let flyer: UInt8 = 4
    static let meteor: UInt8 = 5
    static let cloud: UInt8 = 6
    static let turret: UInt8 = 7
    static let fastFlyer: UInt8 = 8
    static let finish: UInt8 = 9
  }

  /// How one kind of thing is in a mode.
  private struct Manner {
    var speed: Float = 1
    var health: Float = 0
    var radius: Float = 0.5
    var weight: Float = 1
  }

  private static let pace: Float = 0.4
  private static let slowSpeed: Float = 0.5
  private static let flightTime = 500
  private static let shipThemes = 7

  private var manners = [Manner](repeating: Manner(), count: 9)
  private var bulletRadius: Float = 0.4
  /// What is still to come, the next one last.
  private var waiting: [Body] = []

  override func configure() {
    isCentered = false
    let isExtreme = options.mode == .extreme
    topSpeed = isExtreme ? 0.5 : 0.75
    bulletRadius = isExtreme ? 0.2 : 0.4
    for kind in 0...3 { manners[kind].weight = 0 }
    manners[Int(Kind.flyer)] = Manner(speed: options.mode == .easy ? 0.75 : 1, health: isExtreme ? 5 : 2, weight: 3)
    manners[Int(Kind.fastFlyer)] = Manner(speed: 1.5, health: isExtreme ? 2 : 1)
    manners[Int(Kind.turret)] = Manner(health: isExtreme ? 10 : 5, radius: 2)
    manners[Int(Kind.meteor)] = Manner(health: 500, radius: 2)
    manners[Int(Kind.cloud)] = Manner(radius: 2)
    manners[Int(Kind.bullet)].speed = 2
    manners[Int(Kind.enemyBullet)].speed = options.mode == .easy ? 1.25 : 2
    manners[Int(Kind.turretBullet)].speed = 2
    if options.mode == .easy {
      for kind in [Kind.meteor, Kind.cloud, Kind.turret, Kind.fastFlyer] { manners[Int(kind)].weight = 0 }
    }
  }

  override func build() {
    resize(width: 16, height: 16)
    agent.rotation = ExactMath.pi / 2
    waiting = []
    var time = 1 + random.integer(10..<30)
    while time <= Self.flightTime {
      addWave(at: time)
      time += random.integer(10..<30)
    }
    // The next one last; ties in an order that no library's sort decides.
    waiting = waiting.enumerated().sorted { ($0.element.spawnTime, $0.offset) > ($1.element.spawnTime, $1.offset) }
      .map(\.element)
    chooseTheme(0)
  }

  private func chooseKind() -> UInt8 {
    var left = random.unit() * manners[2...].reduce(0) { $0 + $1.weight }
    for kind in 2..<UInt8(manners.count) {
      left -= manners[Int(kind)].weight
      if left <= 0, manners[Int(kind)].weight > 0 { return kind }
    }
    return Kind.flyer
  }

  private func addWave(at start: Int) {
    let kind = chooseKind()
    let manner = manners[Int(kind)]
    let isShip = kind == Kind.flyer || kind == Kind.fastFlyer
    let count = isShip ? random.below(5) + 1 : 1
    let theme = isShip ? UInt8(random.below(Self.shipThemes)) : 0
    let y = place(manner.radius, from: 0, to: Float(grid.height))
    for n in 0..<count {
      var fireTime = random.integer(10..<100)
      var angle = (random.unit() - 0.5) * ExactMath.pi / 2
      var speed = manner.speed
      if random.below(2) == 1 { angle = 0 }
      if !isShip {
        angle = 0
        speed = Self.slowSpeed
        fireTime = kind == Kind.turret ? random.integer(20..<30) : -1
      }
      speed *= Self.pace
      let fromRight = !(isShip && random.unit() > 0.9 && options.mode != .easy)
      let r = manner.radius
      let i = add(
        kind, x: fromRight ? Float(grid.width) + r : -r, y: y,
        vx: fromRight ? -ExactMath.cos(angle) * speed : ExactMath.cos(angle) * speed, vy: ExactMath.sin(angle) * speed,
        r: r)
      self[i].fireTime = Int32(fireTime)
      self[i].spawnTime = Int32(start + n * 5)
      self[i].health = manner.health
      if isShip {
        self[i].theme = theme
        self[i].rotation = fromRight ? -ExactMath.pi / 2 : ExactMath.pi / 2
      } else {
        chooseTheme(i)
        if kind == Kind.cloud { self[i].layer = 1 }
        if kind == Kind.turret { matchHeight(i) }
      }
      waiting.append(self[i])
      bodies.removeLast()
    }
  }

  private func isDestructible(_ kind: UInt8) -> Bool {
    kind == Kind.flyer || kind == Kind.fastFlyer || kind == Kind.turret || kind == Kind.meteor
  }

  override func touched(_ i: Int) {
    let kind = self[i].kind
    if kind == Kind.finish {
      isOver = true
      reward += 10
      isComplete = true
    } else if isDestructible(kind) || kind == Kind.enemyBullet || kind == Kind.turretBullet {
      isOver = true
    }
  }

  override func met(_ i: Int, _ j: Int) {
    guard self[i].kind == Kind.bullet, isDestructible(self[j].kind) else { return }
    self[i].isGone = true
    self[j].health -= 1
    explode(i, vx: self[j].vx, vy: self[j].vy)
  }

  private func fires(_ body: Body) -> Bool {
    guard body.fireTime > 0 else { return false }
    let age = time - Int(body.spawnTime)
    return body.kind == Kind.turret ? age % Int(body.fireTime) == 0 : age == Int(body.fireTime)
  }

  private func fire(_ i: Int) {
    let body = self[i]
    let kind = body.kind == Kind.turret ? Kind.turretBullet : Kind.enemyBullet
    let (dx, dy) = (agent.x - body.x, agent.y - body.y)
    let distance = (dx * dx + dy * dy).squareRoot()
    guard distance > 0 else { return }
    let speed = manners[Int(kind)].speed * Self.pace / distance
    let bullet = add(kind, x: body.x, y: body.y, vx: dx * speed, vy: dy * speed, r: bulletRadius)
    self[bullet].face(dx, dy, offset: -ExactMath.pi / 2)
  }

  override func play() {
    for i in (1..<max(1, bodies.count)).reversed() {
      if fires(self[i]) { fire(i) }
      if self[i].health <= 0, isDestructible(self[i].kind), !self[i].isGone {
        explode(i, vx: self[i].vx, vy: self[i].vy)
        reward += 1
        self[i].isGone = true
      }
    }
    while let next = waiting.last, time == Int(next.spawnTime) {
      bodies.append(next)
      waiting.removeLast()
    }
    if button != 0 {
      let way: Float = button == 2 ? -1 : 1
      let i = add(
        Kind.bullet, x: agent.x + agent.rx * way, y: agent.y, vx: manners[Int(Kind.bullet)].speed * Self.pace * way,
        r: bulletRadius)
      self[i].meets = true
      self[i].rotation = way > 0 ? -ExactMath.pi / 2 : ExactMath.pi / 2
    }
    if time == Self.flightTime {
      let i = add(
        Kind.finish, x: Float(grid.width), y: Float(grid.height) / 2, vx: -Self.slowSpeed * Self.pace, rx: 2,
        ry: Float(grid.height) / 2)
      chooseTheme(i)
      self[i].rx = self[i].ry * aspect(i)
      self[i].x = Float(grid.width) + self[i].rx
    }
  }

  override func backdropScroll() -> Float? {
    // Cells a step, as a share of the three screens that the background is wide.
    Float(time) * Self.slowSpeed * 2 / 5 / Float(grid.width)
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&waiting, Body()) { (archive, body) throws(ArcadeError) in try body.archive(&archive) }
  }
}
