/// How far a state seems from completing its level, in cells: the order in which the solver looks.
struct GoalDistance {
  /// The steps from each cell to a goal that doesn't move, through cells that don't stop the player; kept for a set of goals.
  private var maps: [[Int]: [Float]] = [:]

  init(_ world: World) {}

  mutating func estimate(_ world: World) -> Float {
    let player = world.agent
    switch world.game {
    case .coinrun: return 64 - player.x
    case .ninja:
      let goal = world.bodies.base[1]
      return abs(goal.x - player.x) * 2 + abs(goal.y - player.y) * 0.5
    case .climber:
      let crystals = places(world) { $0.kind == Climber.Kind.crystal }
      let next = crystals.min { world.bodies.base[$0].y < world.bodies.base[$1].y }
      guard let next else { return 0 }
      let crystal = world.bodies.base[next]
      return Float(crystals.count) * 80 + abs(crystal.y - player.y) * 2 + abs(crystal.x - player.x) * 0.5
    case .leaper:
      let finish = places(world) { $0.kind == Leaper.Kind.finish }.first.map { world.bodies.base[$0].y } ?? 0
      return (finish - player.y) * 4
    case .heist: return heist(world)
    case .jumper: return along(world, to: [cell(world, world.bodies.base[1])])
    case .maze: return along(world, to: world.grid.places(of: Maze.Tile.goal))
    case .miner:
      let diamonds = (0..<world.grid.count).filter {
        world.grid.cells[$0] == Miner.Tile.diamond || world.grid.cells[$0] == Miner.Tile.movingDiamond
      }
      let goals = diamonds.isEmpty ? [cell(world, world.bodies.base[1])] : diamonds
      let nearest =
        goals.map { place -> Float in
          let (x, y) = (Float(place % world.grid.width) + 0.5, Float(place / world.grid.width) + 0.5)
          return abs(x - player.x) + abs(y - player.y)
        }.min() ?? 0
      return Float(diamonds.count) * 40 + nearest
    default: return 0
    }
  }

  private func places(_ world: World, _ isChosen: (Body) -> Bool) -> [Int] {
    (0..<world.bodies.count).filter { isChosen(world.bodies.base[$0]) }
  }

  private func cell(_ world: World, _ body: Body) -> Int {
    max(0, min(world.grid.count - 1, Int(body.y) * world.grid.width + Int(body.x)))
  }

  private mutating func heist(_ world: World) -> Float {
    let locks = places(world) { $0.kind == Heist.Kind.lock }
    let keys = places(world) { $0.kind == Heist.Kind.key }
    let gem = places(world) { $0.kind == Heist.Kind.gem }
    let closed = Set(
      locks.filter { lock in keys.contains { world.bodies.base[$0].theme == world.bodies.base[lock].theme } }
        .map { cell(world, world.bodies.base[$0]) })
    let open = locks.filter { !closed.contains(cell(world, world.bodies.base[$0])) }
    // A lock that can be opened is next, then a key, then the gem.
    let goals = (open.isEmpty ? keys.isEmpty ? gem : keys : open).map { cell(world, world.bodies.base[$0]) }
    return Float(locks.count + keys.count) * 100 + along(world, to: goals, closed: closed)
  }

  /// The way from the player to the nearest of some cells.
  private mutating func along(_ world: World, to goals: [Int], closed: Set<Int> = []) -> Float {
    let key = goals + [-1] + closed.sorted()
    let map = maps[key] ?? flood(world, goals, closed)
    maps[key] = map
    return map[cell(world, world.agent)]
  }

  private func flood(_ world: World, _ goals: [Int], _ closed: Set<Int>) -> [Float] {
    let (width, count) = (world.grid.width, world.grid.count)
    let solid = CellTraits.blocksAll.rawValue | CellTraits.blocksPlayer.rawValue
    var map = [Float](repeating: 10_000, count: count)
    var queue = goals
    for goal in goals { map[goal] = 0 }
    var next = 0
    while next < queue.count {
      let place = queue[next]
      next += 1
      for (step, isInside) in [
        (-1, place % width > 0), (1, place % width < width - 1), (-width, place >= width),
        (width, place < count - width),
      ] where isInside {
        let other = place + step
        if map[other] < 10_000 || world.traits[Int(world.grid.cells[other])] & solid != 0 || closed.contains(other) {
          continue
        }
        map[other] = map[place] + 1
        queue.append(other)
      }
    }
    return map
  }
}
