/// Bigfish: eat what is smaller, flee what is larger; after thirty fish the player is the largest.
final class BigFish: World {
  enum Kind { static let fish: UInt8 = 2 }

  private static let smallest: Float = 0.25
  private static let largest: Float = 2
  private static let quota = 30

  private var eaten = 0
  private var gain: Float = 0

  override func configure() { isCentered = false }

  override func build() {
    resize(width: 20, height: 20)
    eaten = 0
    let start: Float = options.mode == .easy ? 1 : 0.5
    gain = (Self.largest - start) / Float(Self.quota)
    agent.rx = start
    agent.ry = start
    agent.y = 1 + start
  }

  override func touched(_ i: Int) {
    guard self[i].kind == Kind.fish else { return }
    if self[i].rx > agent.rx {
      isOver = true
    } else {
      reward += 1
      self[i].isGone = true
      agent.rx += gain
      agent.ry += gain
      eaten += 1
    }
  }

  override func play() {
    if random.below(10) == 1 {
      let r = (Self.largest - Self.smallest) * ExactMath.power7Fifths(random.unit()) + Self.smallest
      let y = random.unit() * (Float(grid.height) - 2 * r)
      let goesRight = random.chance(0.5)
      let speed = 0.15 + random.unit() * 0.25
      let i = add(
        Kind.fish, x: goesRight ? -r : Float(grid.width) + r, y: y, vx: goesRight ? speed : -speed, r: r)
      chooseTheme(i)
      matchHeight(i)
      self[i].isMirrored = !goesRight
    }
    if eaten >= Self.quota {
      isOver = true
      reward += 10
      isComplete = true
    }
    mirrorAgent()
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&eaten, in: 0...Self.quota + 100)
    try archive.code(&gain)
  }
}
