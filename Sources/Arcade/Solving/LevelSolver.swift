import HeapModule

/// A search for actions that complete a level, played by the game's own physics: what it finds is a proof.
///
/// Best-first over states that differ in the player's place and speed and in what has been collected, with actions held for some steps.
/// Nothing found within the limit proves nothing.
public struct LevelSolver {
  /// The games that it knows a distance for.
  public static let games: [Game] = [.maze, .heist, .coinrun, .climber, .jumper, .ninja, .leaper, .miner]

  private let game: Game
  private let options: GameOptions
  private let level: Int32
  private let limit: Int

  /// A solver of one level.
  ///
  /// - Parameter limit: how many states are looked at before it gives up.
  /// - Throws: ``ArcadeError`` for a mode that the game lacks.
  public init(_ game: Game, _ options: GameOptions, level: Int32, limit: Int = 60_000) throws(ArcadeError) {
    _ = try options.seeds(for: game)
    self.game = game
    self.options = options
    self.level = level
    self.limit = limit
  }

  private struct Node: Comparable {
    var cost: Float
    var number: Int
    static func < (a: Node, b: Node) -> Bool { (a.cost, a.number) < (b.cost, b.number) }
  }

  /// How a state was reached.
  private struct Step {
    var parent: Int
    var action: Int
    var count: Int
    var state: [UInt8]
  }

  /// Actions that complete the level, or nil where none were found.
  ///
  /// - Throws: ``ArcadeError``: never for a level of these games.
  public func solve() throws(ArcadeError) -> [Int]? {
    let world = World.make(game, options)
    world.begin(level: level)
    var distance = GoalDistance(world)
    var steps = [Step(parent: -1, action: 4, count: 0, state: try Self.state(of: world))]
    var queue = Heap([Node(cost: distance.estimate(world), number: 0)])
    var seen: Set<Int> = [Self.key(world)]
    let timeLimit = game.timeLimit(options.mode)
    while let node = queue.popMin(), steps.count < limit {
      for (action, count) in Self.moves(game) {
        try Self.restore(steps[node.number].state, to: world)
        var played = 0
        while played < count, world.time < timeLimit, !world.isOver {
          world.step(action)
          played += 1
          if world.isComplete { return path(steps, node.number) + Array(repeating: action, count: played) }
        }
        if world.isOver || world.time >= timeLimit || !seen.insert(Self.key(world)).inserted { continue }
        steps.append(Step(parent: node.number, action: action, count: played, state: try Self.state(of: world)))
        // Somewhat greedy: the first way will do.
        let cost = distance.estimate(world) + 0.02 * Float(world.time)
        queue.insert(Node(cost: cost, number: steps.count - 1))
      }
    }
    return nil
  }

  private func path(_ steps: [Step], _ last: Int) -> [Int] {
    var pieces: [[Int]] = []
    var number = last
    while number > 0 {
      pieces.append(Array(repeating: steps[number].action, count: steps[number].count))
      number = steps[number].parent
    }
    return pieces.reversed().flatMap { $0 }
  }

  private static func state(of world: World) throws(ArcadeError) -> [UInt8] {
    var archive = StateArchive()
    try world.archive(&archive)
    return archive.bytes
  }

  private static func restore(_ state: [UInt8], to world: World) throws(ArcadeError) {
    var archive = StateArchive(state)
    try world.archive(&archive)
  }

  /// Actions and how long each is held.
  private static func moves(_ game: Game) -> [(Int, Int)] {
    switch game {
    case .maze, .miner: [(1, 1), (3, 1), (5, 1), (7, 1)] + (game == .miner ? [(4, 1)] : [])
    case .heist: [(1, 2), (3, 2), (5, 2), (7, 2)]
    case .leaper: [(1, 5), (3, 5), (5, 5), (7, 5), (4, 2)]
    case .ninja: [(1, 3), (2, 2), (4, 3), (5, 1), (7, 3), (8, 2), (8, 4), (9, 1), (10, 1), (11, 1)]
    default: [(1, 3), (2, 3), (4, 3), (5, 3), (7, 3), (8, 3), (7, 1), (1, 1)]
    }
  }

  /// States that the search takes for one.
  private static func key(_ world: World) -> Int {
    var hasher = Fingerprint()
    let player = world.agent
    if world.movesByCells {
      hasher.add(Int(player.x) &+ Int(player.y) &* 64)
      if world.game == .miner { for i in 0..<world.grid.count { hasher.add(Int(world.grid.cells[i])) } }
    } else {
      hasher.add(Int(player.x * 4))
      hasher.add(Int(player.y * 4))
      hasher.add(Int(player.vx * 8 + 100))
      hasher.add(Int(player.vy * 4 + 100))
      hasher.add(world.solverPhase)
    }
    // What is left to collect, and where what moves is.
    hasher.add(world.bodies.count)
    if world.game == .leaper { hasher.add(world.time) }
    if world.game == .coinrun || world.game == .climber { hasher.add(world.time / 6 % 16) }
    return hasher.value
  }
}

/// A hash that is the same in every run.
private struct Fingerprint {
  private(set) var value = 0x1234_5678
  mutating func add(_ number: Int) {
    value = (value ^ number) &* 0x100_0000_01B3
    value ^= value >> 29
  }
}
