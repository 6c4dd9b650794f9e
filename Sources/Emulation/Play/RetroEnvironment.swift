import Documents
public import Media

/// An emulated game to be played step by step, in Gymnasium's terms and with gym-retro's files.
///
/// ```swift
/// let environment = try RetroEnvironment(
///   GameIntegration(folder: "Airstriker-Genesis-v0"), core: "genesis_plus_gx_libretro.so", cores: "genesis_plus_gx.json")
/// try environment.reset()
/// let result = try environment.step(["LEFT", "B"])
/// print(result.reward, environment.values["score"] ?? 0)
/// ```
public final class RetroEnvironment {
  /// What a step brought.
  public struct Step: Sendable, Equatable {
    /// The reward.
    public var reward: Double
    /// Whether the scenario says that it is over.
    public var isDone: Bool
  }

  /// The game's files.
  public let integration: GameIntegration
  /// The console.
  public let system: EmulatedSystem
  /// The game.
  public let emulator: Emulator
  /// The variables as they are now.
  public private(set) var values: [String: Int] = [:]
  /// Frames since the episode began.
  public private(set) var frames = 0
  /// Whether the episode is over.
  public private(set) var isOver = true
  private var startState: [UInt8]
  private var course: ProgressReward.Course?
  /// The film of the episode, where one is wanted.
  public var movie: Movie?

  /// Starts a game.
  ///
  /// - Parameters:
  ///   - cores: the core's description, `CORE.json`.
  ///   - state: the state that episodes begin with; the integration's own unless given.
  ///   - program: the path of `apprentice`; the one that runs unless given.
  /// - Throws: ``EmulationError`` for a core, game or state that doesn't do.
  public init(
    _ integration: GameIntegration, core: String, cores: String, state: String? = nil, program: String? = nil
  ) throws {
    self.integration = integration
    system = try EmulatedSystem(integration.systemName, in: cores)
    emulator = try Emulator(core: core, rom: integration.rom(), program: program)
    let name = state ?? integration.defaultState
    startState = try name.map { try integration.state($0) } ?? emulator.state()
    for (name, variable) in integration.variables where variable.value(in: emulator.memory, of: system) == nil {
      throw EmulationError(
        "\(integration.folder)/data.json: the variable '\(name)' has the address \(variable.address), which isn't in the memory."
      )
    }
  }

  /// Begins an episode.
  ///
  /// - Throws: ``EmulationError`` for a state of another version, core or game.
  public func reset() throws {
    do { try emulator.restore(startState) } catch let error as EmulationError {
      throw EmulationError("\(integration.name): \(error.description)", error.exitStatus)
    }
    // One frame with nothing pressed shows the state's picture, as gym-retro does.
    try emulator.run([(first: 0, second: 0)])
    frames = 0
    isOver = false
    values = read()
    course = integration.scenario.progress.flatMap { progress in
      let level = progress.level.map { "\(values[$0] ?? 0)" }.joined(separator: ",")
      guard let end = progress.ends[level] ?? progress.ends[""] else { return nil }
      return .init(start: Double(values[progress.variable] ?? 0), end: end)
    }
    movie?.begin(state: startState)
  }

  /// Plays one frame, or several with the same buttons.
  ///
  /// - Throws: ``EmulationError`` for a button that the pad lacks, a step after the end, a core that crashes or hangs.
  public func step(_ pressed: [String], frames count: Int = 1) throws -> Step {
    try step(Array(repeating: system.bits(of: pressed), count: count))
  }

  /// Plays a frame for each element: the buttons' bits.
  ///
  /// - Throws: as ``step(_:frames:)``.
  public func step(_ buttons: [UInt32]) throws -> Step {
    guard !isOver else { throw EmulationError("\(integration.name): the episode is over; reset it first.", .usage) }
    try emulator.run(buttons.map { (first: $0, second: 0) })
    for bits in buttons { movie?.add(bits) }
    frames += buttons.count
    let before = values
    values = read()
    var reward = integration.scenario.reward(values, before)
    isOver = integration.scenario.isDone(values, before)
    if course != nil, let name = integration.scenario.progress?.variable {
      reward += course?.reward(at: Double(values[name] ?? 0), frames: frames) ?? 0
      if course?.hasArrived == true { isOver = true }
    }
    return Step(reward: reward, isDone: isOver)
  }

  /// The picture of the last frame.
  public var observation: RGBImage { emulator.picture }

  private func read() -> [String: Int] {
    let memory = emulator.memory
    return integration.variables.mapValues { $0.value(in: memory, of: system) ?? 0 }
  }
}
