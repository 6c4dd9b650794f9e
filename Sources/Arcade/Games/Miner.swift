/// Miner: dig through dirt to all diamonds; boulders and diamonds fall and roll, and crush who stands below.
final class Miner: World {
  enum Kind { static let exit: UInt8 = 6 }
  enum Tile {
    static let boulder: UInt8 = 10
    static let diamond: UInt8 = 11
    static let movingBoulder: UInt8 = 12
    static let movingDiamond: UInt8 = 13
    static let dirt: UInt8 = 14
    static let edge: UInt8 = 15
  }
  enum Picture {
    static let boulder: UInt8 = 1
    static let diamond: UInt8 = 2
    static let dirt: UInt8 = 9
    static let edge: UInt8 = 10
  }

  private var remaining = 0

  override func configure() {
    movesByCells = true
    hasVelocityPicture = false
    outside = Tile.edge
    visibility = 8
    isCentered = options.mode == .memory && options.centersPlayer
    traits[Int(Tile.edge)] = CellTraits.blocksAll.rawValue
    traits[Int(Tile.boulder)] = CellTraits.blocksPlayer.rawValue
    traits[Int(Tile.movingBoulder)] = CellTraits.blocksPlayer.rawValue
    for boulder in [Tile.boulder, Tile.movingBoulder] { show(boulder, as: Picture.boulder) }
    for diamond in [Tile.diamond, Tile.movingDiamond] { show(diamond, as: Picture.diamond) }
    show(Tile.dirt, as: Picture.dirt)
    show(Tile.edge, as: Picture.edge)
  }

  override func build() {
    let size = options.mode == .easy ? 10 : options.mode == .memory ? 35 : 20
    resize(width: size, height: size)
    agent.rx = 0.5
    agent.ry = 0.5
    let diamonds = grid.count * 12 / 400
    let boulders = grid.count * 80 / 400
    let places = random.distinct(diamonds + boulders + 1, below: grid.count)
    let (x, y) = (places[0] % size, places[0] / size)
    agent.x = Float(x) + 0.5
    agent.y = Float(y) + 0.5
    grid.fill(Tile.dirt)
    for place in places[1...diamonds] { grid.cells[place] = Tile.diamond }
    for place in places[(diamonds + 1)...] { grid.cells[place] = Tile.boulder }
    let dirt = grid.places(of: Tile.dirt)
    setTile(x, y, Cell.space)
    for dy in -1...1 {
      for dx in -1...1 where tile(x + dx, y + dy) == Tile.boulder { setTile(x + dx, y + dy, Tile.dirt) }
    }
    // Nothing may lie above the exit.
    let exits = dirt.filter { $0 + size >= grid.count || grid.cells[$0 + size] == Tile.dirt }
    let exit = random.pick(exits.isEmpty ? dirt : exits)
    grid.cells[exit] = Cell.space
    self[add(Kind.exit, inCell: exit, r: 0.5)].layer = -1
    remaining = diamonds
  }

  override func steer(_ move: Int) {
    super.steer(move)
    if moveX != 0 { moveY = 0 }
  }

  override func touched(_ i: Int) {
    guard self[i].kind == Kind.exit, remaining == 0 else { return }
    reward += 10
    isComplete = true
    isOver = true
  }

  private func isRound(_ cell: UInt8) -> Bool { cell >= Tile.boulder && cell <= Tile.movingDiamond }

  /// The kind of cell at a place of the list; what lies below and above the world is its edge.
  private func cell(_ place: Int) -> UInt8 { place >= 0 && place < grid.count ? grid.cells[place] : Tile.edge }

  /// Pushes a boulder beside the player into a free cell.
  private func push() {
    guard moveX != 0, agent.vx == 0 else { return }
    let (place, step) = (agentPlace, moveX > 0 ? 1 : -1)
    let column = place % grid.width
    guard step > 0 ? column < grid.width - 2 : column > 1, cell(place + step) == Tile.boulder,
      cell(place + 2 * step) == Cell.space
    else { return }
    grid.cells[place + step] = Cell.space
    grid.cells[place + 2 * step] = Tile.boulder
    agent.x += Float(step)
  }

  override func play() {
    mirrorAgent()
    push()
    let (x, y) = (Int(agent.x), Int(agent.y))
    let dug = tile(x, y)
    if dug == Tile.diamond { reward += 1 }
    if dug == Tile.diamond || dug == Tile.dirt { setTile(x, y, Cell.space) }
    fall(agentPlace)
  }

  /// Lets stones and diamonds fall, one cell each, from the bottom row up.
  private func fall(_ player: Int) {
    let width = grid.width
    let cells = grid.cells
    var count = 0
    func isFree(_ place: Int) -> Bool { cell(place) == Cell.space && place != player }
    for place in 0..<grid.count {
      let kind = cells[place]
      guard isRound(kind) else { continue }
      let isStone = kind == Tile.boulder || kind == Tile.movingBoulder
      if !isStone { count += 1 }
      let isMoving = kind == Tile.movingBoulder || kind == Tile.movingDiamond
      let rest = isStone ? Tile.boulder : Tile.diamond
      let below = place - width
      let under = cell(below)
      let column = place % width
      if under == Cell.space, below != player {
        cells[place] = Cell.space
        cells[below] = isStone ? Tile.movingBoulder : Tile.movingDiamond
      } else if below == player, isMoving {
        isOver = true
      } else if isRound(under), column > 0, isFree(place - 1), isFree(below - 1) {
        cells[place] = Cell.space
        cells[place - 1] = rest
      } else if isRound(under), column < width - 1, isFree(place + 1), isFree(below + 1) {
        cells[place] = Cell.space
        cells[place + 1] = rest
      } else {
        cells[place] = rest
      }
    }
    remaining = count
  }

  override func archiveRules(_ archive: inout StateArchive) throws(ArcadeError) {
    try archive.code(&remaining, in: 0...Grid.most * Grid.most)
  }
}
