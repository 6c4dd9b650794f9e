import Arcade
import Foundation
import Media
import Testing

/// Actions drawn for a test, the same for the same seed.
struct ActionStream {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> Int32 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int32(state >> 33) % Int32(GameAction.count)
  }
}

@Suite struct EnvironmentTests {
  @Test(arguments: Game.allCases)
  func levelsAreAFunctionOfTheirSeed(_ game: Game) throws {
    let one = try Environment(game, seed: 1)
    let other = try Environment(game, seed: 2)
    var pictures: Set<[UInt8]> = []
    for level in 0..<12 as Range<Int32> {
      one.begin(level: level)
      let first = one.observation()
      // Whatever was played before.
      _ = try other.step(3)
      other.begin(level: level)
      #expect(other.observation() == first)
      pictures.insert(first.bytes)
    }
    #expect(pictures.count == 12, "levels look different")
  }

  @Test(arguments: Game.allCases)
  func sameActionsGiveTheSameCourseWhateverTheThreads(_ game: Game) throws {
    let options = GameOptions(mode: .easy)
    let single = try VectorEnvironment(game, options, count: 12, seed: 5)
    let double = try VectorEnvironment(game, options, count: 12, seed: 5, threads: 3)
    let alone = try Environment(game, options, seed: 5)
    var stream = ActionStream(seed: 8)
    var isAloneOver = false
    for _ in 0..<150 {
      let actions = (0..<12).map { _ in stream.next() }
      try single.step(actions)
      try double.step(actions)
      #expect(Array(single.observations) == Array(double.observations))
      #expect(Array(single.rewards) == Array(double.rewards))
      #expect(Array(single.terminated) == Array(double.terminated))
      if isAloneOver { continue }
      let result = try alone.step(Int(actions[0]))
      #expect(result.reward == single.rewards[0])
      isAloneOver = result.isDone
      if !isAloneOver { #expect(alone.observation() == single.observation(of: 0)) }
    }
  }

  @Test(arguments: Game.allCases)
  func aStateGoesOnAsItsEnvironmentWould(_ game: Game) throws {
    for mode in game.modes {
      let options = GameOptions(mode: mode)
      let original = try Environment(game, options, seed: 3)
      let copy = try Environment(game, options, seed: 77)
      var stream = ActionStream(seed: 4)
      for _ in 0..<40 where try original.step(Int(stream.next())).isDone { original.reset() }
      let state = original.state()
      try copy.restore(state)
      #expect(copy.state() == state)
      for _ in 0..<60 {
        let action = Int(stream.next())
        let (one, other) = (try original.step(action), try copy.step(action))
        #expect(one == other)
        #expect(original.observation() == copy.observation())
        if one.isDone {
          original.reset()
          copy.reset()
        }
        #expect(original.level == copy.level)
      }
      #expect(original.state() == copy.state())
    }
  }

  @Test func aReplayBringsTheSameReward() throws {
    let options = GameOptions(mode: .easy)
    let environment = try Environment(.bigfish, options, seed: 1)
    environment.begin(level: 11)
    var stream = ActionStream(seed: 2)
    var actions: [Int] = []
    var sum: Float = 0
    while true {
      let action = Int(stream.next())
      actions.append(action)
      let result = try environment.step(action)
      sum += result.reward
      if result.isDone { break }
    }
    let replay = Replay(.bigfish, options, level: 11, actions: actions)
    var frames = 0
    let again = try JSONDecoder().decode(Replay.self, from: Data(replay.line.utf8))
    #expect(again == replay)
    #expect(try again.play { _, _ in frames += 1 } == sum)
    #expect(frames == actions.count + 1)
  }

  @Test func timeLimitsTruncateAndDoNotTerminate() throws {
    let environment = try Environment(.maze, GameOptions(mode: .easy), seed: 1)
    environment.begin(level: 3)
    for step in 1...500 {
      let result = try environment.step(4)
      #expect(result.isTruncated == (step == 500))
      #expect(!result.isTerminated)
      #expect(result.isDone == (step == 500))
    }
    #expect(throws: ArcadeError.self) { try environment.step(4) }
  }

  @Test func autoresetsDoAsGymnasiumNamesThem() throws {
    let options = GameOptions(mode: .easy, levels: 2, firstLevel: 40)
    let same = try VectorEnvironment(.maze, options, count: 1, seed: 6, autoreset: .sameStep)
    let next = try VectorEnvironment(.maze, options, count: 1, seed: 6, autoreset: .nextStep)
    let none = try VectorEnvironment(.maze, options, count: 1, seed: 6, autoreset: .disabled)
    for _ in 0..<500 { for environment in [same, next, none] { try environment.step([4]) } }
    for environment in [same, next, none] { #expect(environment.truncated[0]) }
    // The last observation of an episode in which nobody moved is like its first.
    let fresh = try Environment(.maze, options, seed: 0)
    fresh.begin(level: same.level(of: 0))
    #expect(same.observation(of: 0) == fresh.observation())
    let last = next.observation(of: 0)
    #expect(last == none.observation(of: 0))
    try next.step([7])
    #expect(!next.truncated[0])
    #expect(next.rewards[0] == 0)
    fresh.begin(level: next.level(of: 0))
    #expect(next.observation(of: 0) == fresh.observation())
    #expect(throws: ArcadeError.self) { try none.step([4]) }
    try none.reset(where: [true])
    try none.step([4])
  }

  @Test func spacesSayWhatThereIs() throws {
    #expect(Environment.observationSpace == .box(shape: [64, 64, 3], low: 0, high: 255))
    #expect(Environment.actionSpace == .discrete(GameAction.allCases.count))
    let environments = try VectorEnvironment(.maze, count: 3, seed: 1)
    #expect(environments.observationSpace == .box(shape: [3, 64, 64, 3], low: 0, high: 255))
    #expect(environments.observations.count == 3 * 64 * 64 * 3)
  }

  @Test func levelsStayWithinTheirRange() throws {
    let environments = try VectorEnvironment(
      .leaper, GameOptions(mode: .easy, levels: 5, firstLevel: 100), count: 8, seed: 2)
    var seen: Set<Int32> = []
    var stream = ActionStream(seed: 3)
    for _ in 0..<400 {
      try environments.step((0..<8).map { _ in stream.next() })
      for i in 0..<8 { seen.insert(environments.level(of: i)) }
    }
    #expect(seen == [100, 101, 102, 103, 104])
  }

  @Test func sequentialLevelsGoOnWithinAnEpisode() throws {
    var options = GameOptions(mode: .easy, levels: 1, firstLevel: 0)
    options.usesSequentialLevels = true
    // Level 0 is looked through for a way to the cheese by the solver.
    let plain = try #require(try LevelSolver(.maze, GameOptions(mode: .easy), level: 0).solve())
    let environment = try Environment(.maze, options, seed: 1)
    environment.begin(level: 0)
    var sum: Float = 0
    for action in plain {
      let result = try environment.step(action)
      sum += result.reward
      #expect(!result.isDone)
    }
    #expect(sum == 10)
    #expect(environment.level == 997)
    #expect(environment.previousLevel.isComplete)
    #expect(environment.previousLevel.seed == 0)
  }

  @Test func optionsChangeWhatIsSeenAndNotWhatHappens() throws {
    for game in Game.allCases {
      let plain = try Environment(game, seed: 1)
      plain.begin(level: 5)
      let first = plain.observation()
      for change in [\GameOptions.usesBackgrounds, \.usesMonochromeAssets] as [WritableKeyPath<GameOptions, Bool>] {
        var options = GameOptions()
        options[keyPath: change].toggle()
        let other = try Environment(game, options, seed: 1)
        other.begin(level: 5)
        #expect(other.observation() != first)
        var stream = ActionStream(seed: 9)
        plain.begin(level: 5)
        for _ in 0..<40 {
          let action = Int(stream.next())
          let result = try plain.step(action)
          #expect(try other.step(action) == result)
          if result.isDone { break }
        }
      }
    }
  }
}
