/// The games of the Procgen benchmark (Cobbe and others, 2019, arXiv:1912.01588), and four of our own for competitions.
///
/// The rules of the benchmark's are the published ones; code, levels' numbers and pictures are this package's own.
public enum Game: String, Sendable, CaseIterable, Codable {
  /// Eat smaller fish, avoid larger ones, become the largest.
  case bigfish
  /// Dodge a boss ship's fire and shoot while its shields are down.
  case bossfight
  /// Fly through caves to a friendly ship; targets may be shot on the way.
  case caveflyer
  /// Collect the orbs of a maze while enemies hunt.
  case chaser
  /// Climb platforms and collect all stars.
  case climber
  /// Run and jump to the coin at the right end.
  case coinrun
  /// Throw balls at the enemies of a walled room, then leave through the door.
  case dodgeball
  /// Fly past gaps in walls, eat fruit, leave the rest.
  case fruitbot
  /// Collect keys, open locks, steal the gem.
  case heist
  /// Find the carrot in open caves by double jumps, a compass in the corner.
  case jumper
  /// Cross roads and rivers.
  case leaper
  /// Find the cheese.
  case maze
  /// Dig for diamonds under boulders, then reach the exit.
  case miner
  /// Jump from ledge to ledge to the mushroom; throwing stars explode bombs.
  case ninja
  /// Sink ships of the kind that the panel shows and spare the others.
  case plunder
  /// Fly to the right through waves of enemies.
  case starpilot

  // The games of competitions, which no list of games names.

  /// Set the craft down on its pad, softly.
  case lander
  /// Catch what is ripe, let what is rotten fall.
  case orchard
  /// Drive the flock into its pen.
  case shepherd
  /// Ski between the flags and around the trees.
  case slalom

  /// The benchmark's games.
  public static let allCases: [Game] = [
    .bigfish, .bossfight, .caveflyer, .chaser, .climber, .coinrun, .dodgeball, .fruitbot, .heist, .jumper, .leaper,
    .maze, .miner, .ninja, .plunder, .starpilot,
  ]
  /// The games of our own, which a competition may keep back.
  public static let contestGames: [Game] = [.lander, .orchard, .shepherd, .slalom]

  /// One sentence on what is to be done.
  public var summary: String {
    switch self {
    case .bigfish: "Eat smaller fish, avoid larger ones, become the largest."
    case .bossfight: "Dodge the boss's fire; shoot (D) while its shields are down."
    case .caveflyer: "Turn and thrust through caves to the green saucer; shoot (D) red ones for more."
    case .chaser: "Collect every orb of the maze; crystals make the hunters weak for a while."
    case .climber: "Climb the platforms and collect all crystals."
    case .coinrun: "Run and jump to the coin at the right end; mind saws, lava and walkers."
    case .dodgeball: "Throw balls (D) at everybody in the room, then leave through the door; don't touch walls."
    case .fruitbot: "Steer through gaps in walls; eat fruit, leave other food; throw keys (D) at locks."
    case .heist: "Collect keys, open the locks of their colours, take the gem."
    case .jumper: "Double-jump to the carrot; the compass shows where it is."
    case .leaper: "Cross roads between cars and rivers on logs to the finish line."
    case .maze: "Find the way to the cheese."
    case .miner: "Dig for all diamonds without being crushed, then go to the door."
    case .ninja: "Jump from ledge to ledge to the mushroom; throwing stars (D, A, W, S) explode bombs."
    case .plunder: "Fire (D) at ships of the kind shown in the corner and spare the others."
    case .starpilot: "Fly on, shoot enemies to the right (D) and to the left (A), dodge everything else."
    case .lander: "Thrust (up, left, right) against gravity; take the stars and set down on the pad, softly."
    case .orchard: "Hold the basket under ripe fruit and away from rotten fruit."
    case .shepherd: "Sheep flee from you: drive all of them into the pen."
    case .slalom: "Ski between the flags and around the trees to the finish."
    }
  }

  /// The modes that the game has, beside easy and hard.
  public var modes: [GameMode] {
    GameMode.allCases.filter { mode in
      switch mode {
      case .easy, .hard: true
      case .extreme: [.chaser, .dodgeball, .leaper, .starpilot].contains(self)
      case .memory: [.caveflyer, .dodgeball, .heist, .jumper, .maze, .miner].contains(self)
      case .exploration: explorationSeed != nil
      }
    }
  }

  /// The one level that the mode exploration plays, for the games that have it.
  public var explorationSeed: Int32? {
    switch self {
    case .coinrun: 1_949_448_038
    case .caveflyer: 1_259_048_185
    case .leaper: 1_318_677_581
    case .jumper: 1_434_825_276
    case .maze: 158_988_835
    case .heist: 876_640_971
    case .climber: 1_561_126_160
    case .ninja: 1_123_500_215
    default: nil
    }
  }

  /// The steps after which an episode is cut off.
  public func timeLimit(_ mode: GameMode) -> Int {
    switch self {
    case .bigfish: 6000
    case .bossfight, .plunder: 4000
    case .leaper, .maze, .lander, .shepherd: 500
    case .jumper where mode == .memory: 2000
    default: 1000
    }
  }

  /// The returns between which scores are normalised: a policy's that sees nothing, and the best possible one (the paper's appendix
  /// C); nil for modes without published ones.
  public func normalization(_ mode: GameMode) -> (low: Double, high: Double)? {
    let table: [Game: (hard: (Double, Double), easy: (Double, Double))] = [
      .coinrun: ((5, 10), (5, 10)), .starpilot: ((1.5, 35), (2.5, 64)), .caveflyer: ((2, 13.4), (3.5, 12)),
      .dodgeball: ((1.5, 19), (1.5, 19)), .fruitbot: ((-0.5, 27.2), (-1.5, 32.4)), .chaser: ((0.5, 14.2), (0.5, 13)),
      .miner: ((1.5, 20), (1.5, 13)), .jumper: ((1, 10), (1, 10)), .leaper: ((1.5, 10), (1.5, 10)),
      .maze: ((4, 10), (5, 10)), .bigfish: ((0, 40), (1, 40)), .heist: ((2, 10), (3.5, 10)),
      .climber: ((1, 12.6), (2, 12.6)), .plunder: ((3, 30), (4.5, 30)), .ninja: ((2, 10), (3.5, 10)),
      .bossfight: ((0.5, 13), (0.5, 13)),
    ]
    guard let row = table[self] else { return nil }
    switch mode {
    case .hard: return (row.hard.0, row.hard.1)
    case .easy: return (row.easy.0, row.easy.1)
    default: return nil
    }
  }

  /// The game of a name.
  ///
  /// - Throws: ``ArcadeError`` that names the nearest game.
  public init(named name: String) throws(ArcadeError) {
    guard let game = Game(rawValue: name) else {
      throw ArcadeError.unknown("game", name, among: Game.allCases.map(\.rawValue))
    }
    self = game
  }
}
