/// One level being played: a grid, bodies, the player's controls, and the physics that all games share.
///
/// A game is a subclass that builds levels and says what touching means. A step is, in this order: ``steer(_:)`` and ``drive()`` turn
/// the action into a velocity; every body moves (`World+Motion.swift`); the player's and others' contacts are told to the game;
/// what is gone is taken away; ``play()`` does the rest.
///
/// Steps allocate nothing once the list of bodies is as long as it gets. Nothing here depends on the clock, on hashing or on the C
/// library's functions, so a level and what follows from actions is the same everywhere.
class World {
  final let game: Game
  final let options: GameOptions
  final let art: ArtSet
  final let bodies = BodyList()
  final let grid = Grid()
  /// What each kind of cell does, by its number.
  final let traits = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
  /// The picture of each kind of cell (`picture * ArtSet.mostThemes + theme`), or −1.
  final let cellPictures = UnsafeMutablePointer<Int16>.allocate(capacity: 256)
  final var random = LevelRandom(state: 0)
  /// The kind of cell that the world's outside is made of.
  final var outside = Cell.outside

  /// The steps since the level began.
  final var time = 0
  final var reward: Float = 0
  final var isOver = false
  final var isComplete = false

  // The player's controls in this step.
  final var moveX: Float = 0
  final var moveY: Float = 0
  final var turn: Float = 0
  final var button = 0
  final var lastMove = 7
  /// A number below a million drawn at every step.
  final var stepDraw = 0

  // How the player moves; each game has its own.
  final var mixing: Float = 0.5
  final var topSpeed: Float = 0.5
  final var topJump: Float = 0.5
  /// Whether everybody moves by whole cells.
  final var movesByCells = false
  /// Whether bodies can stop or bounce off each other.
  final var bodiesCollide = false
  /// Whether the game is told which cells solid bodies overlap.
  final var heedsCells = false

  /// The cells that the view is wide and high where the player is followed.
  final var visibility: Float = 16
  /// Whether the view follows the player.
  final var isCentered = true
  final var hasVelocityPicture = true
  /// Which background, and where in it the world lies, 0 to 1.
  final var backdrop = 0
  final var backdropShift: Float = 0

  /// An empty world; `configure` and `begin` are next.
  init(_ game: Game, _ options: GameOptions) {
    self.game = game
    self.options = options
    art = ArtSet.of(game)
    isCentered = options.centersPlayer
    traits.initialize(repeating: 0, count: 256)
    cellPictures.initialize(repeating: -1, count: 256)
    traits[Int(Cell.wall)] = CellTraits.blocksAll.rawValue
    traits[Int(Cell.outside)] = CellTraits.blocksAll.rawValue
    bodies.append(Body())
  }

  deinit {
    traits.deallocate()
    cellPictures.deallocate()
  }

  // MARK: What games say

  /// Sets what is the same for all levels of a mode.
  func configure() {}
  /// Makes a level; the grid is empty and has the size that the game gave with `resize`.
  func build() {}
  /// Turns a move, 0 to 8, into the controls.
  func steer(_ move: Int) {
    moveX = Float(move / 3 - 1)
    moveY = Float(move % 3 - 1)
  }
  /// Turns the controls into the player's velocity.
  func drive() {
    agent.vx = 0.9 * ((1 - mixing) * agent.vx + mixing * topSpeed * moveX)
    agent.vy = 0.9 * ((1 - mixing) * agent.vy + mixing * topSpeed * moveY)
  }
  /// Does what comes before a step.
  func prepare() {}
  /// Does the rest of a step.
  func play() {}
  /// Told that the player overlaps a body.
  func touched(_ i: Int) {}
  /// Told that a body that `meets` overlaps another.
  func met(_ i: Int, _ j: Int) {}
  /// Told that a solid body overlaps a cell that isn't empty.
  func entered(_ i: Int, _ cell: UInt8, x: Int, y: Int) {}
  /// Whether a body is in the way of another.
  func stops(_ i: Int, _ obstacle: Int, horizontally: Bool) -> Bool { false }
  /// Whether a body bounces off another.
  func rebounds(_ i: Int, _ obstacle: Int) -> Bool { false }
  /// Whether a solid body is held by cells whose trait is `blocksOthers`.
  func isHeld(_ i: Int) -> Bool { false }
  /// The picture of a body; nil for none.
  func picture(of body: Body) -> UInt8? { body.picture }
  /// The size and centre of what is seen.
  func view() -> View {
    isCentered
      ? View(x: agent.x, y: agent.y, visibility: visibility)
      : View(
        x: Float(grid.width) / 2, y: Float(grid.height) / 2, visibility: Float(max(grid.width, grid.height)))
  }
  /// Draws what lies over the scene: gauges, a compass.
  func paintOverlay(_ painter: Painter) {}
  /// Sets the pictures of cells whose theme a level chooses.
  func dress() {}
  /// Reads or writes everything that changes, beside what all worlds have.
  func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {}
  /// The horizontal shift of a background that scrolls by itself, in its widths; nil where it doesn't.
  func backdropScroll() -> Float? { nil }

  /// What else tells two states with the player in the same place apart, for the solver.
  var solverPhase: Int { 0 }

  // MARK: The course of a level

  final var agent: Body {
    @inline(__always) _read { yield bodies.base[0] }
    @inline(__always) _modify { yield &bodies.base[0] }
  }

  /// A body by its place in the list.
  final subscript(_ i: Int) -> Body {
    @inline(__always) _read { yield bodies.base[i] }
    @inline(__always) _modify { yield &bodies.base[i] }
  }

  /// Begins the level of a seed.
  final func begin(level: Int32) {
    random = LevelRandom(game: game, level: level)
    time = 0
    bodies.removeAll()
    backdropShift = random.unit()
    backdrop = random.below(max(1, art.backdrops.count))
    lastMove = 7
    (moveX, moveY, turn, button) = (0, 0, 0, 0)
    var player = Body()
    player.rx = 0.4
    player.ry = 0.4
    player.isSolid = true
    player.layer = 1
    bodies.append(player)
    build()
    dress()
  }

  /// Makes an empty grid and puts the player at an even place in it.
  final func resize(width: Int, height: Int) {
    grid.resize(width: width, height: height)
    agent.x = random.unit() * (Float(width) - 2 * agent.rx) + agent.rx
    agent.y = random.unit() * (Float(height) - 2 * agent.ry) + agent.ry
  }

  /// Plays one step.
  ///
  /// - Parameter action: 0 to 14, see ``GameAction``.
  final func step(_ action: Int) {
    time += 1
    reward = 0
    isOver = false
    isComplete = false
    prepare()
    stepDraw = random.below(1_000_000)
    var move = action
    button = 0
    if action >= 9 {
      button = action - 8
      move = 4
    }
    if move != 4 { lastMove = move }
    turn = 0
    steer(move)
    if movesByCells {
      agent.vx = moveX
      agent.vy = moveY
    } else {
      drive()
      agent.spin = 0.5 * agent.spin + 0.5 * (ExactMath.pi / 12) * turn
    }
    moveBodies()
    meetBodies()
    removeGone()
    if isOutside(agent) { isOver = true }
    play()
  }

  private func meetBodies() {
    var i = bodies.count - 1
    while i >= 0 {
      if i > 0, Body.overlap(bodies.base + i, bodies.base) { touched(i) }
      if bodies.base[i].meets {
        var j = bodies.count - 1
        while j >= 0 {
          let (one, other) = (bodies.base + i, bodies.base + j)
          if i != j, Body.overlap(one, other), !one.pointee.isGone, !other.pointee.isGone { met(i, j) }
          j -= 1
        }
      }
      if heedsCells, bodies.base[i].isSolid { enterCells(i) }
      i -= 1
    }
  }

  /// Takes away what is gone and what has left the world.
  final func removeGone() {
    let (width, height) = (Float(grid.width), Float(grid.height))
    bodies.removeAll { b in
      b.pointee.isGone || b.pointee.x + b.pointee.rx < 0 || b.pointee.y + b.pointee.ry < 0
        || b.pointee.x - b.pointee.rx > width || b.pointee.y - b.pointee.ry > height
    }
  }

  final func isOutside(_ b: Body) -> Bool {
    b.x + b.rx < 0 || b.y + b.ry < 0 || b.x - b.rx > Float(grid.width) || b.y - b.ry > Float(grid.height)
  }

  /// Reads or writes the whole state.
  final func archive(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&random.generator)
    try grid.archive(&archive)
    try bodies.archive(&archive)
    try archive.code(&outside)
    try archive.code(&time, in: 0...1_000_000)
    for path in [\World.reward, \.moveX, \.moveY, \.turn] { try archive.code(&self[keyPath: path]) }
    try archive.code(&backdropShift, in: 0...1)
    try archive.code(&isOver)
    try archive.code(&isComplete)
    try archive.code(&button, in: 0...6)
    try archive.code(&lastMove, in: 0...8)
    try archive.code(&stepDraw, in: 0...1_000_000)
    try archive.code(&backdrop, in: 0...max(0, art.backdrops.count - 1))
    try archiveRules(&archive)
    if archive.isReading { dress() }
  }
}
