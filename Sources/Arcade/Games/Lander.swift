/// Lander: thrust against gravity, three stars on the way, and softly down on the pad: ten; whatever else is touched ends it.
final class Lander: World {
  enum Kind { static let star: UInt8 = 2 }
  enum Tile {
    static let rock: UInt8 = 10
    static let pad: UInt8 = 11
  }
  enum Picture {
    static let rock: UInt8 = 3
    static let pad: UInt8 = 4
  }

  private static let stars = 3
  /// The largest speed, in cells a step, at which the pad holds.
  private static let softest: Float = 0.16
  private var gravity: Float = 0

  override func configure() {
    isCentered = false
    heedsCells = true
    show(Tile.rock, as: Picture.rock)
    show(Tile.pad, as: Picture.pad)
  }

  override func build() {
    let isEasy = options.mode == .easy
    let size = isEasy ? 12 : 16
    resize(width: size, height: size)
    gravity = random.between(0.008, isEasy ? 0.012 : 0.02)
    let padWidth = isEasy ? 4 : 3
    let pad = random.below(size - padWidth + 1)
    var height = 1 + random.below(3)
    var padHeight = 0
    for x in 0..<size {
      if x == pad { padHeight = height }
      let isPad = x >= pad && x < pad + padWidth
      if !isPad { height = max(1, min(isEasy ? 4 : 6, height + random.below(3) - 1)) }
      let top = isPad ? padHeight : height
      grid.fill(x: x, y: 0, width: 1, height: top, Tile.rock)
      if isPad { setTile(x, top - 1, Tile.pad) }
    }
    agent.rx = 0.45
    agent.ry = 0.45
    agent.x = random.between(1.5, Float(size) - 1.5)
    agent.y = Float(size) - 1.5
    agent.vx = random.between(-0.1, 0.1)
    for _ in 0..<Self.stars {
      scatter(
        Kind.star, rx: 0.35, ry: 0.35, x: 1, y: Float(size) / 2, width: Float(size) - 2, height: Float(size) / 2 - 1)
    }
  }

  override func drive() {
    agent.vx = max(-0.35, min(0.35, agent.vx + 0.02 * moveX))
    agent.vy = max(-0.4, min(0.35, agent.vy - gravity + (moveY > 0 ? 0.03 : 0)))
    agent.rotation = agent.vx
  }

  override func touched(_ i: Int) {
    guard self[i].kind == Kind.star else { return }
    reward += 1
    self[i].isGone = true
  }

  override func entered(_ i: Int, _ cell: UInt8, x: Int, y: Int) {
    guard i == 0, !isOver else { return }
    isOver = true
    let speed = (agent.vx * agent.vx + agent.vy * agent.vy).squareRoot()
    if cell == Tile.pad, speed <= Self.softest {
      reward += 10
      isComplete = true
    }
  }

  override func play() {
    guard moveY > 0 else { return }
    let puff = add(BodyKind.trail, x: agent.x, y: agent.y - agent.ry, vy: -0.05, r: 0.2)
    self[puff].lifespan = 6
    self[puff].alpha = 0.6
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&gravity, in: 0...1)
  }
}
