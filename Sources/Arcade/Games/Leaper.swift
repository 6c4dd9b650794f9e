/// Leaper: a frog crosses roads between cars and rivers on logs.
final class Leaper: World {
  enum Kind {
    static let log: UInt8 = 1
    static let car: UInt8 = 4
    static let finish: UInt8 = 5
  }
  enum Tile {
    static let road: UInt8 = 10
    static let water: UInt8 = 11
  }
  enum Picture {
    static let road: UInt8 = 2
    static let water: UInt8 = 3
  }

  private static let carRadius: Float = 0.25
  private static let logRadius: Float = 0.45
  /// A leap takes five steps.
  private static let leapFrames: UInt8 = 5
  private static let leapSpeed: Float = 0.5
  private static let decay: Float = 0.1

  private var roadY = 0
  private var roadSpeeds: [Float] = []
  private var waterY = 0
  private var waterSpeeds: [Float] = []

  override func configure() {
    isCentered = false
    topSpeed = Self.leapSpeed
    show(Tile.road, as: Picture.road)
    show(Tile.water, as: Picture.water)
  }

  override func build() {
    let isEasy = options.mode == .easy
    let size = isEasy ? 9 : options.mode == .extreme ? 20 : 15
    resize(width: size, height: size)
    agent.y = agent.ry
    let (cars, logs): (ClosedRange<Float>, ClosedRange<Float>) =
      switch options.mode {
      case .easy: (0.03...0.12, 0.025...0.075)
      case .extreme: (0.1...0.3, 0.1...0.2)
      default: (0.05...0.2, 0.05...0.1)
      }
    func space() -> Int { isEasy ? 0 : random.below(2) }
    roadY = space() + 1
    let lanes = random.below(isEasy ? 4 : 5)
    // Half of the levels have one more lane of either kind.
    let extra = isEasy ? 0 : random.below(4)
    roadSpeeds = (0..<lanes + (extra == 2 ? 1 : 0)).map { _ in
      (random.chance(0.5) ? 1 : -1) * random.between(cars.lowerBound, cars.upperBound)
    }
    grid.fill(x: 0, y: roadY, width: size, height: roadSpeeds.count, Tile.road)
    waterY = roadY + roadSpeeds.count + space() + 1
    var way: Float = random.chance(0.5) ? 1 : -1
    waterSpeeds = (0..<lanes + (extra == 3 ? 1 : 0)).map { _ in
      defer { way = -way }
      return way * random.between(logs.lowerBound, logs.upperBound)
    }
    grid.fill(x: 0, y: waterY, width: size, height: waterSpeeds.count, Tile.water)
    // The traffic begins as long before the level as the slowest takes to cross it.
    for _ in 0..<Int((Float(size) / min(cars.lowerBound, logs.lowerBound)).rounded(.up)) {
      spawn()
      moveBodies()
    }
    let finish = Float(waterY + waterSpeeds.count + 1)
    add(Kind.finish, x: Float(size) / 2, y: finish - 0.5, rx: Float(size) / 2, ry: 0.5)
  }

  private func spawn() {
    let width = Float(grid.width)
    for (lane, speed) in roadSpeeds.enumerated() where random.chance(abs(speed) / 6) {
      let r = Self.carRadius
      let i = add(
        Kind.car, x: speed > 0 ? -r : width + r, y: Float(roadY + lane) + 0.5, vx: speed, rx: 2 * r, ry: r)
      chooseTheme(i)
      if speed < 0 { self[i].rotation = ExactMath.pi }
      keepIfFree(i)
    }
    for (lane, speed) in waterSpeeds.enumerated() where random.chance(abs(speed) / 2) {
      let r = Self.logRadius
      keepIfFree(add(Kind.log, x: speed > 0 ? -r : width + r, y: Float(waterY + lane) + 0.5, vx: speed, r: r))
    }
  }

  private func keepIfFree(_ i: Int) {
    let body = self[i]
    if (0..<i).contains(where: { body.overlaps(bodies.base[$0]) }) { bodies.removeLast() }
  }

  override func drive() {
    if agent.vx == 0, agent.vy == 0 {
      if moveX != 0 {
        agent.vx = topSpeed * moveX
        agent.theme = 1
        agent.rotation = moveX > 0 ? ExactMath.pi / 2 : -ExactMath.pi / 2
      } else if moveY != 0 {
        agent.vy = topSpeed * moveY
        agent.theme = 1
        agent.rotation = moveY > 0 ? 0 : ExactMath.pi
      }
    }
    agent.vx = slowed(agent.vx)
    agent.vy = slowed(agent.vy)
  }

  private func slowed(_ speed: Float) -> Float {
    let left = max(0, abs(speed) - Self.decay)
    return speed > 0 ? left : speed < 0 ? -left : 0
  }

  override func touched(_ i: Int) {
    if self[i].kind == Kind.car {
      isOver = true
    } else if self[i].kind == Kind.finish, agent.vx == 0, agent.vy == 0 {
      reward += 10
      isOver = true
      isComplete = true
    }
  }

  override func prepare() {
    if agent.theme >= 1 { agent.theme = (agent.theme + 1) % Self.leapFrames }
  }

  override func play() {
    spawn()
    let player = agent
    var drift: Float?
    for i in 0..<bodies.count where self[i].kind == Kind.log && player.overlaps(self[i], slack: player.rx) {
      drift = self[i].vx
    }
    let isStill = player.vx == 0 && player.vy == 0
    if tile(Int(player.x), Int(player.y)) == Tile.water, drift == nil, isStill { isOver = true }
    if let drift { agent.x += drift }
    if isOutside(agent) { isOver = true }
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&roadY, in: 0...Grid.most)
    try archive.code(&waterY, in: 0...Grid.most)
    try archive.code(&roadSpeeds, 0) { (archive, value) throws(ArcadeError) in try archive.code(&value) }
    try archive.code(&waterSpeeds, 0) { (archive, value) throws(ArcadeError) in try archive.code(&value) }
  }
}
