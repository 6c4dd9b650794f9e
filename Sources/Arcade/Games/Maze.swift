/// Maze: a mouse looks for the cheese, cell by cell.
final class Maze: World {
  enum Tile { static let goal: UInt8 = 10 }
  enum Picture {
    static let goal: UInt8 = 2
    static let wall: UInt8 = 51
  }

  override func configure() {
    movesByCells = true
    hasVelocityPicture = false
    outside = Cell.wall
    visibility = 8
    isCentered = options.mode == .memory && options.centersPlayer
    show(Cell.wall, as: Picture.wall)
    show(Tile.goal, as: Picture.goal)
  }

  override func build() {
    let size = options.mode == .easy ? 15 : options.mode == .memory ? 31 : 25
    resize(width: size, height: size)
    let mazeSize = random.below((size - 1) / 2) * 2 + 3
    let margin = (size - mazeSize) / 2
    let maze = MazeMaker(size: mazeSize, &random)
    // The player stands in the corner, where no cheese can be.
    let free = maze.free.filter { $0 != 0 }
    grid.fill(Cell.wall)
    for place in maze.squares.indices where maze.squares[place] == .space {
      setTile(margin + place % mazeSize, margin + place / mazeSize, Cell.space)
    }
    let goal = random.pick(free)
    setTile(margin + goal % mazeSize, margin + goal / mazeSize, Tile.goal)
    agent.rx = 0.5
    agent.ry = 0.5
    agent.x = Float(margin) + 0.5
    agent.y = Float(margin) + 0.5
  }

  override func steer(_ move: Int) {
    super.steer(move)
    if moveX != 0 { moveY = 0 }
  }

  override func play() {
    mirrorAgent()
    let (x, y) = (Int(agent.x), Int(agent.y))
    if tile(x, y) == Tile.goal {
      setTile(x, y, Cell.space)
      reward += 10
      isComplete = true
    }
    isOver = reward > 0
  }
}
