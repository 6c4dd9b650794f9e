/// Slalom: downhill without a stop, between the flags of gates and around trees; one for each gate, ten at the bottom.
final class Slalom: World {
  enum Kind {
    /// The left flag of a gate: `home` is the gate's width, `health` is 0 once it is passed.
    static let left: UInt8 = 2
    static let right: UInt8 = 3
    static let tree: UInt8 = 4
    static let finish: UInt8 = 5
  }

  private static let gates = 10
  private static let spacing = 5

  override func configure() {
    hasVelocityPicture = false
    mixing = 0.4
    topSpeed = 0.7
    visibility = 14
  }

  override func build() {
    let isEasy = options.mode == .easy
    let (width, height) = (14, 8 + Self.gates * Self.spacing)
    resize(width: width, height: height)
    agent.rx = 0.35
    agent.ry = 0.45
    agent.y = Float(height) - 1
    agent.x = Float(width) / 2
    var middle = agent.x
    for gate in 0..<Self.gates {
      let y = Float(height - 6 - gate * Self.spacing)
      let gap = random.between(isEasy ? 3 : 2, isEasy ? 4 : 2.8)
      let reach: Float = isEasy ? 4 : 5
      middle = max(gap / 2 + 0.6, min(Float(width) - gap / 2 - 0.6, middle + random.between(-reach, reach)))
      let i = add(Kind.left, x: middle - gap / 2, y: y, rx: 0.3, ry: 0.5)
      self[i].home = gap
      add(Kind.right, x: middle + gap / 2, y: y, rx: 0.3, ry: 0.5)
      for _ in 0..<(isEasy ? 1 : 2) {
        // Beside the gate and never in it, nor in front of it.
        let x = random.between(0.6, Float(width) - 0.6)
        guard abs(x - middle) > gap / 2 + 1.2 else { continue }
        add(Kind.tree, x: x, y: y + random.between(-1.2, 1.2), rx: 0.4, ry: 0.6)
      }
    }
    add(Kind.finish, x: Float(width) / 2, y: 1, rx: Float(width) / 2, ry: 0.4)
  }

  override func view() -> View {
    guard isCentered else { return super.view() }
    let size = Float(grid.width)
    return View(x: size / 2, y: agent.y - size / 2 + 2, visibility: size)
  }

  override func steer(_ move: Int) {
    super.steer(move)
    moveY = 0
  }

  override func drive() {
    agent.vx = (1 - mixing) * agent.vx + mixing * topSpeed * moveX
    agent.vy = options.mode == .easy ? -0.3 : -0.4
  }

  override func touched(_ i: Int) {
    switch self[i].kind {
    case Kind.tree: isOver = true
    case Kind.finish:
      reward += 10
      isComplete = true
      isOver = true
    default: break
    }
  }

  override func play() {
    mirrorAgent()
    agent.rotation = agent.vx * 0.8
    for i in 1..<bodies.count where self[i].kind == Kind.left && self[i].health > 0 && agent.y <= self[i].y {
      self[i].health = 0
      if agent.x > self[i].x, agent.x < self[i].x + self[i].home { reward += 1 }
    }
  }
}
