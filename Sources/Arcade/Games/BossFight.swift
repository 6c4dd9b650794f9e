/// Bossfight: the boss's shields go down after some time; every round of hits then earns a reward and a new pattern of fire.
final class BossFight: World {
  enum Kind {
    static let playerBullet: UInt8 = 1
    static let boss: UInt8 = 2
    static let shields: UInt8 = 3
    static let bossBullet: UInt8 = 4
    static let bulletTrail: UInt8 = 5
    static let reflected: UInt8 = 6
    static let barrier: UInt8 = 7
  }

  /// The boss and its shields are the first bodies after the player.
  private static let boss = 1
  private static let shields = 2
  private static let bossRadius: Float = 3
  private static let bottomMargin: Float = 6
  private static let flight = 20
  private static let damageTime = 40
  private static let vulnerableTime = 500

  private var attacks: [UInt8] = []
  private var attack = 0
  private var round = 0
  private var roundHealth = 1
  private var lastFire = 0
  private var untilSwap = 0
  private var shieldTime = 0
  private var untilTurn = 0
  private var damagedUntil = 0
  private var shieldsAreUp = false
  private var playerLaser: UInt8 = 0
  private var bossLaser: UInt8 = 0
  private var bulletSpeed: Float = 0.5
  /// Draws of the last step, which the next one's collisions use.
  private var drawn: Float = 0
  private var drawnX: Float = 0
  private var drawnY: Float = 0

  override func configure() {
    isCentered = false
    topSpeed = 0.85
    bulletSpeed = options.mode == .easy ? 0.5 : 0.75
  }

  override func build() {
    resize(width: 20, height: 20)
    (damagedUntil, lastFire, drawn, drawnX, drawnY) = (0, 0, 0, 0, 0)
    add(Kind.boss, x: 10, y: 10, r: Self.bossRadius)
    chooseTheme(Self.boss)
    matchHeight(Self.boss)
    let boss = self[Self.boss]
    add(Kind.shields, x: boss.x, y: boss.y, rx: 1.2 * boss.rx, ry: 1.2 * boss.ry)
    roundHealth = random.below(9) + 1
    let rounds = 1 + random.below(5)
    shieldTime = 2 + random.below(options.mode == .easy ? 2 : 4)
    self[Self.boss].health = Float(roundHealth * rounds)
    chooseTheme(0)
    playerLaser = UInt8(random.below(3))
    bossLaser = UInt8(random.below(3))
    attacks = (0..<rounds).map { _ in UInt8(random.below(4)) }
    round = 0
    beginRound()
    agent.rx = 0.75
    matchHeight(0)
    scatterAgent()
    agent.y = agent.ry
    addBarriers()
  }

  private func beginRound() {
    shieldsAreUp = true
    untilTurn = Self.flight
    untilSwap = shieldTime
    attack = Int(attacks[round % attacks.count])
    self[Self.boss].vx = 0
    self[Self.boss].vy = 0
  }

  private func addBarriers() {
    for _ in 0...random.below(3) {
      let r: Float = 0.6
      let low = 2 * agent.ry + r + 0.5
      let i = add(
        Kind.barrier, x: random.unit() * (Float(grid.width) - 2 * r) + r,
        y: random.unit() * (Self.bottomMargin - low - r) + low, r: r)
      chooseTheme(i)
      matchHeight(i)
      self[i].health = 3
      self[i].meets = true
      let barrier = self[i]
      if (0..<i).contains(where: { barrier.overlaps(bodies.base[$0]) }) { bodies.removeLast() }
    }
  }

  override func touched(_ i: Int) {
    let kind = self[i].kind
    if kind == Kind.boss || kind == Kind.barrier || kind == Kind.bossBullet { isOver = true }
  }

  override func met(_ i: Int, _ j: Int) {
    let other = self[j].kind
    if self[i].kind == Kind.playerBullet {
      if other == Kind.shields, shieldsAreUp {
        let angle = ExactMath.pi * (1.25 + 0.5 * drawn)
        self[i].kind = Kind.reflected
        self[i].vx = ExactMath.cos(angle) * 0.5
        self[i].vy = ExactMath.sin(angle) * 0.5
        self[i].lifespan = 4
        self[i].age = 0
        self[i].fading = 0.8
      } else if other == Kind.boss, !shieldsAreUp {
        hitBoss(by: i)
      }
    } else if self[i].kind == Kind.barrier {
      if other == Kind.bossBullet || other == Kind.playerBullet {
        self[j].isGone = true
        explode(j)
      } else if other == Kind.bulletTrail {
        self[j].isGone = true
      }
    }
  }

  private func hitBoss(by i: Int) {
    self[Self.boss].health -= 1
    let health = Int(self[Self.boss].health)
    if health % roundHealth == 0 {
      reward += 1
      if health == 0 {
        isOver = true
        reward += 10
        isComplete = true
      } else {
        round += 1
        beginRound()
        untilTurn = Self.damageTime
        damagedUntil = time + Self.damageTime
      }
    }
    if !self[i].isGone {
      self[i].isGone = true
      explode(i, vx: self[Self.boss].vx, vy: self[Self.boss].vy)
    }
  }

  private func fire(_ angle: Float) {
    let boss = self[Self.boss]
    let i = add(
      Kind.bossBullet, x: boss.x, y: boss.y, vx: bulletSpeed * ExactMath.cos(angle),
      vy: bulletSpeed * ExactMath.sin(angle), r: 0.5)
    self[i].theme = bossLaser
    self[i].lifespan = 50
    self[i].spin = ExactMath.pi / 8
  }

  private func attackActively() {
    let pi = ExactMath.pi
    switch attack {
    case 0 where time % 8 == 0:
      for i in -2...2 { fire(pi * 1.5 + Float(i) * pi / 8) }
    case 1 where time % 5 == 0:
      let k = abs(8 - time / 5 % 16)
      for i in 0..<4 { fire(pi * (1.25 + 0.5 * Float(k) / 8) + Float(i) * pi / 2) }
    case 2 where time % 10 == 0:
      for i in 0..<8 { fire(pi / 4 * Float(i) + drawn * 2 * pi) }
    case 3 where time % 4 == 0: fire(pi * (1 + drawn))
    default: break
    }
  }

  private func flyOn() {
    guard untilTurn <= 0 else {
      untilTurn -= 1
      return
    }
    let r = Self.bossRadius
    let x = drawnX * (Float(grid.width) - 2 * r) + r
    let y = drawnY * (Float(grid.height) - 2 * r - Self.bottomMargin) + r + Self.bottomMargin
    self[Self.boss].vx = (x - self[Self.boss].x) / Float(Self.flight)
    self[Self.boss].vy = (y - self[Self.boss].y) / Float(Self.flight)
    untilTurn = Self.flight
    if untilSwap > 0 {
      untilSwap -= 1
    } else {
      untilSwap = shieldsAreUp ? Self.vulnerableTime : shieldTime
      shieldsAreUp.toggle()
    }
  }

  override func play() {
    self[Self.shields].x = self[Self.boss].x
    self[Self.shields].y = self[Self.boss].y
    drawn = random.unit()
    let fireDraw = random.unit()
    drawnX = random.unit()
    drawnY = random.unit()
    flyOn()
    if button == 1, time - lastFire >= 3 {
      let i = add(Kind.playerBullet, x: agent.x, y: agent.y, vy: 1, r: 0.25)
      self[i].theme = playerLaser
      self[i].meets = true
      self[i].lifespan = 25
      lastFire = time
    }
    if damagedUntil >= time {
      let boss = self[Self.boss]
      if time % 3 == 0 {
        add(
          BodyKind.explosion, x: boss.x + (2 * drawnX - 1) * boss.rx, y: boss.y + (2 * drawnY - 1) * boss.ry, r: 0.75)
      }
    } else if shieldsAreUp {
      attackActively()
    } else if fireDraw < 0.1 {
      fire(ExactMath.pi * (1 + drawn))
    }
    for i in (0..<bodies.count).reversed() where self[i].kind == Kind.bossBullet {
      let bullet = self[i]
      let trail = add(
        Kind.bulletTrail, x: bullet.x, y: bullet.y, vx: bullet.vx * 0.5, vy: bullet.vy * 0.5, rx: bullet.rx,
        ry: bullet.ry, picture: Kind.bossBullet)
      self[trail].fading = 0.7
      self[trail].theme = bossLaser
      self[trail].spin = bullet.spin
      self[trail].rotation = bullet.rotation
      self[trail].lifespan = 8
    }
  }

  override func picture(of body: Body) -> UInt8? {
    body.kind == Kind.shields && !shieldsAreUp ? nil : body.picture
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&attacks, 0) { (archive, value) throws(ArcadeError) in try archive.code(&value) }
    guard !attacks.isEmpty, attacks.allSatisfy({ $0 < 4 }) else { throw .state("an attack in it is unknown") }
    guard bodies.count > Self.shields else { throw .state("it has no boss") }
    try archive.code(&attack, in: 0...3)
    try archive.code(&round, in: 0...1000)
    try archive.code(&roundHealth, in: 1...9)
    for path in [\BossFight.lastFire, \.untilSwap, \.shieldTime, \.untilTurn, \.damagedUntil] {
      try archive.code(&self[keyPath: path], in: -1...1_000_000)
    }
    try archive.code(&shieldsAreUp)
    try archive.code(&playerLaser)
    try archive.code(&bossLaser)
    for path in [\BossFight.drawn, \.drawnX, \.drawnY] { try archive.code(&self[keyPath: path]) }
  }
}
