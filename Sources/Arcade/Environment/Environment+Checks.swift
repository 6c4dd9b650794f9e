import Media

extension Environment {
  /// What is wrong with the world, in words; nothing in a world that plays by its rules.
  package func problems() -> [String] {
    let world = episode.world
    var problems: [String] = []
    for i in 0..<world.bodies.count {
      let body = world.bodies.base[i]
      let numbers = [body.x, body.y, body.vx, body.vy, body.rx, body.ry, body.rotation, body.alpha]
      if !numbers.allSatisfy({ $0.isFinite && abs($0) < 1e5 }) {
        problems.append("body \(i) has a number out of bounds")
      }
      if body.rx < 0 || body.ry < 0 { problems.append("body \(i) has no size") }
      if let picture = world.picture(of: body),
        world.art.pictures[ArtSet.slot(picture, world.shownTheme(picture, body.theme))] == nil
      {
        problems.append("body \(i) of kind \(body.kind) has no picture \(picture)")
      }
    }
    let player = world.agent
    if !episode.isOver, world.isOutside(player) { problems.append("the player has left the world") }
    let cell = world.tile(at: player.x, player.y)
    if world.traits[Int(cell)] & CellTraits.blocksAll.rawValue != 0, !episode.isOver {
      problems.append("the player's middle is in a wall")
    }
    for i in 0..<world.grid.count {
      let cell = world.grid.cells[i]
      if cell != Cell.space, world.cellPictures[Int(cell)] < 0, world.traits[Int(cell)] == 0 {
        problems.append("cell \(i) of kind \(cell) is none of the game's")
        break
      }
    }
    return problems
  }

  /// A number for all that is seen in 60 random steps of a level, the same on every platform (FNV-1a of the observations' bytes).
  package static func digest(_ game: Game, _ mode: GameMode) throws(ArcadeError) -> String {
    let environment = try Environment(game, GameOptions(mode: mode), seed: 0)
    let level = mode == .exploration ? game.explorationSeed ?? 0 : 7
    environment.begin(level: level)
    var random = LevelRandom(state: 7)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for _ in 0..<60 {
      for byte in environment.observation().bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      if try environment.step(random.below(GameAction.count)).isDone { environment.begin(level: level) }
    }
    return String(hash, radix: 16)
  }
}
