/// Plunder: fire at passing ships of the kind that the panel shows; time and every miss cost fuel, every hit brings some.
final class Plunder: World {
  enum Kind {
    static let bullet: UInt8 = 1
    static let legend: UInt8 = 2
    static let legendPanel: UInt8 = 3
    static let panel: UInt8 = 6
    static let ship: UInt8 = 7
  }

  private static let quota = 20
  private static let legendRadius: Float = 2
  /// The kinds of ships there are, and how many of them sail in a level; half of those are targets.
  private static let shipKinds = 6
  private static let kindsInLevel = 2

  private var lastFire = 0
  private var hits = 0
  private var fuel: Float = 1
  private var order: [UInt8] = []
  private var laneGoesRight: [Bool] = []
  private var laneSpeeds: [Float] = []

  private var scale: Float { options.mode == .easy ? 1.5 : 1 }
  private var leftmost: Float { 2 * Self.legendRadius + agent.rx }

  override func configure() {
    isCentered = false
    hasVelocityPicture = false
    topSpeed = 0.85
  }

  override func build() {
    resize(width: 20, height: 20)
    (lastFire, hits, fuel) = (0, 0, 1)
    agent.picture = Kind.ship
    order = random.distinct(Self.shipKinds, below: Self.shipKinds).map(UInt8.init)
    laneGoesRight = []
    laneSpeeds = []
    for _ in 0..<5 {
      laneGoesRight.append(random.chance(0.5))
      laneSpeeds.append(0.15 + 0.1 * random.unit())
    }
    for _ in 0..<(options.mode == .easy ? 0 : random.below(4)) {
      scatter(Kind.panel, rx: 1.2, ry: 0.5, x: 0, y: 5, width: 20, height: 5)
    }
    let r = Self.legendRadius
    add(Kind.legendPanel, x: r, y: r, r: r)
    let legend = add(Kind.legend, x: r, y: r, rx: scale * 1.5, ry: scale * 1.5, picture: Kind.ship)
    self[legend].theme = order[0]
    matchHeight(legend)
    self[legend].rotation = ExactMath.pi / 2
    agent.rx = scale
    agent.rotation = -ExactMath.pi / 2
    agent.theme = order[Self.kindsInLevel / 2 + random.below(Self.kindsInLevel / 2)]
    matchHeight(0)
    scatterAgent()
    agent.y = 1 + agent.ry
    agent.x = max(agent.x, leftmost)
  }

  override func steer(_ move: Int) {
    moveX = Float(move / 3 - 1)
    moveY = 0
  }

  override func met(_ i: Int, _ j: Int) {
    guard self[i].kind == Kind.bullet else { return }
    if self[j].kind == Kind.ship {
      self[i].isGone = true
      self[j].isGone = true
      if order[..<(Self.kindsInLevel / 2)].contains(self[j].theme) {
        hits += 1
        reward += 1
        fuel += 0.1
      } else {
        fuel -= 0.1
      }
      explode(j, vx: self[j].vx / 2, vy: self[j].vy / 2)
    } else if self[j].kind == Kind.panel {
      self[i].isGone = true
    }
  }

  private func spawn() {
    let lane = random.below(laneSpeeds.count)
    let goesRight = laneGoesRight[lane]
    let (width, height) = (Float(grid.width), Float(grid.height))
    let i = add(
      Kind.ship, x: goesRight ? -scale : width + scale,
      y: (Float(lane) * 0.11 + 0.4) * (height / 2 - scale) + height / 2,
      vx: goesRight ? laneSpeeds[lane] : -laneSpeeds[lane], r: scale)
    self[i].theme = order[random.below(Self.kindsInLevel)]
    matchHeight(i)
    self[i].isMirrored = !goesRight
    let ship = self[i]
    if (0..<i).contains(where: { ship.overlaps(bodies.base[$0]) }) { bodies.removeLast() }
  }

  override func play() {
    fuel -= 0.0015
    if random.chance(0.06) { spawn() }
    if button == 1, time - lastFire >= 3 {
      let i = add(Kind.bullet, x: agent.x, y: agent.y, vy: 1, r: 0.25)
      self[i].meets = true
      self[i].lifespan = 50
      lastFire = time
      fuel -= 0.02
    }
    if fuel <= 0 { isOver = true }
    fuel = min(fuel, 1)
    if hits >= Self.quota {
      isOver = true
      reward += 10
      isComplete = true
    }
    agent.x = max(agent.x, leftmost)
  }

  override func paintOverlay(_ painter: Painter) {
    painter.rectangle(x: 0.25, y: 0.25, width: 20 * max(0, fuel), height: 0.5, .init(66, 245, 135))
    painter.rectangle(
      x: 0.25, y: 0.75, width: 20 * Float(hits) / Float(Self.quota), height: 0.5, .init(245, 66, 144))
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&lastFire, in: 0...1_000_000)
    try archive.code(&hits, in: 0...1000)
    try archive.code(&fuel)
    try archive.code(&order, 0) { (archive, value) throws(ArcadeError) in try archive.code(&value) }
    try archive.code(&laneGoesRight, false) { (archive, value) throws(ArcadeError) in try archive.code(&value) }
    try archive.code(&laneSpeeds, 0) { (archive, value) throws(ArcadeError) in try archive.code(&value) }
    guard order.sorted() == (0..<UInt8(Self.shipKinds)).map({ $0 }), laneSpeeds.count == laneGoesRight.count,
      !laneSpeeds.isEmpty
    else { throw .state("its lanes or ships don't fit together") }
  }
}
