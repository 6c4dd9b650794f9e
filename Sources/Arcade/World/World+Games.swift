extension World {
  /// The world of a game.
  static func make(_ game: Game, _ options: GameOptions) -> World {
    let world: World =
      switch game {
      case .bigfish: BigFish(game, options)
      case .bossfight: BossFight(game, options)
      case .caveflyer: CaveFlyer(game, options)
      case .chaser: Chaser(game, options)
      case .climber: Climber(game, options)
      case .coinrun: CoinRun(game, options)
      case .dodgeball: DodgeBall(game, options)
      case .fruitbot: FruitBot(game, options)
      case .heist: Heist(game, options)
      case .jumper: Jumper(game, options)
      case .leaper: Leaper(game, options)
      case .maze: Maze(game, options)
      case .miner: Miner(game, options)
      case .ninja: Ninja(game, options)
      case .plunder: Plunder(game, options)
      case .starpilot: StarPilot(game, options)
      case .lander: Lander(game, options)
      case .orchard: Orchard(game, options)
      case .shepherd: Shepherd(game, options)
      case .slalom: Slalom(game, options)
      }
    world.configure()
    world.configureOutside()
    return world
  }

  private func configureOutside() {
    // Nobody solid leaves the world by himself, whatever it is made of outside.
    traits[Int(outside)] |= CellTraits.blocksAll.rawValue
  }
}
