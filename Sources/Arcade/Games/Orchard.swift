/// Orchard: fruit falls from the trees; the basket is to be under what is ripe and away from what is rotten.
///
/// One for ripe fruit, minus one for rotten fruit; thirty caught end the level with ten more, the fifth that is missed ends it too.
final class Orchard: World {
  enum Kind {
    static let ripe: UInt8 = 2
    static let rotten: UInt8 = 3
  }
  enum Tile { static let leaves: UInt8 = 10 }
  enum Picture { static let leaves: UInt8 = 4 }

  private static let quota = 30
  private static let mostMissed = 5
  private var caught = 0
  private var missed = 0
  private var pause = 10
  private var nextDrop = 0
  private var rottenShare: Float = 0
  private var fallSpeed: Float = 0
  private var wind: Float = 0

  override func configure() {
    isCentered = false
    hasVelocityPicture = false
    mixing = 0.8
    topSpeed = 0.7
    show(Tile.leaves, as: Picture.leaves)
  }

  override func build() {
    let isEasy = options.mode == .easy
    let size = isEasy ? 12 : 16
    resize(width: size, height: size)
    grid.fill(x: 0, y: size - 2, width: size, height: 2, Tile.leaves)
    (caught, missed) = (0, 0)
    pause = (isEasy ? 12 : 7) + random.below(5)
    nextDrop = 1 + random.below(5)
    rottenShare = random.between(0.15, 0.4)
    fallSpeed = random.between(0.16, isEasy ? 0.26 : 0.36)
    wind = random.between(-0.04, 0.04)
    agent.rx = isEasy ? 1 : 0.9
    agent.ry = 0.5
    agent.y = 0.5
  }

  override func steer(_ move: Int) {
    super.steer(move)
    moveY = 0
  }

  override func touched(_ i: Int) {
    switch self[i].kind {
    case Kind.ripe:
      reward += 1
      caught += 1
      self[i].isGone = true
    case Kind.rotten:
      reward -= 1
      self[i].isGone = true
    default: break
    }
  }

  override func play() {
    // The whole basket stays under the trees.
    agent.x = min(max(agent.x, agent.rx), Float(grid.width) - agent.rx)
    for i in 1..<max(1, bodies.count) where self[i].kind == Kind.ripe || self[i].kind == Kind.rotten {
      guard self[i].y < self[i].ry, !self[i].isGone else { continue }
      if self[i].kind == Kind.ripe { missed += 1 }
      self[i].isGone = true
      explode(i)
    }
    if caught >= Self.quota {
      reward += 10
      isComplete = true
      isOver = true
    } else if missed >= Self.mostMissed {
      isOver = true
    }
    guard time >= nextDrop else { return }
    nextDrop = time + pause
    let r: Float = 0.45
    let x = place(r, from: 0.5, to: Float(grid.width) - 0.5)
    let kind = random.chance(rottenShare) ? Kind.rotten : Kind.ripe
    // The wind blows nothing out of the world.
    let drift = x + wind * Float(grid.height) / fallSpeed
    let vx = drift < r || drift > Float(grid.width) - r ? 0 : wind
    add(kind, x: x, y: Float(grid.height) - 1.5, vx: vx, vy: -fallSpeed, r: r)
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&caught, in: 0...Self.quota)
    try archive.code(&missed, in: 0...Self.mostMissed + 20)
    try archive.code(&pause, in: 1...100)
    try archive.code(&nextDrop, in: 0...1_000_000)
    try archive.code(&rottenShare, in: 0...1)
    try archive.code(&fallSpeed, in: 0.01...1)
    try archive.code(&wind, in: -1...1)
  }
}
