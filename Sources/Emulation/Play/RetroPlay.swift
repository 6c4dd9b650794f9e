import Documents
import Foundation
import Media
import Statistics

/// One episode of an emulated game, played at random or by a film, with what is to be written of it.
public struct RetroPlay: Sendable {
  /// What came of it.
  public struct Outcome: Sendable, Equatable {
    /// Steps that were played.
    public var steps: Int
    /// Frames that were played.
    public var frames: Int
    /// The sum of rewards.
    public var sum: Double
    /// Whether the scenario ended it.
    public var isDone: Bool
  }

  /// The integration's folder.
  public var integration: String
  /// The core.
  public var core: String
  /// The core's description.
  public var cores: String
  /// The state to begin with; the integration's own unless given.
  public var state: String?
  /// A film whose buttons are pressed.
  public var movie: String?
  /// The most steps of four frames.
  public var steps = 450
  /// The seed of random play.
  public var seed: UInt64 = 1
  /// Files to be written: `.bk2`, `.mp4` or `.gif`.
  public var outputs: [String] = []
  /// The path of `apprentice`; the one that runs unless given.
  public var program: String?

  /// An episode; the core's description lies beside the core unless given.
  public init(integration: String, core: String, cores: String? = nil, state: String? = nil) {
    (self.integration, self.core, self.state) = (integration, core, state)
    self.cores = cores ?? core.replacing("_libretro.so", with: ".json").replacing("_libretro.dylib", with: ".json")
  }

  /// Plays, and writes.
  ///
  /// - Throws: ``EmulationError`` for what doesn't fit, `DataError` for files that can't be read or written.
  public func run() throws -> Outcome {
    for path in outputs where ![".bk2", ".mp4", ".gif"].contains(where: path.lowercased().hasSuffix) {
      throw EmulationError(
        "\(path): films are written as .bk2, videos as .mp4 or .gif; give a name that ends so.", .usage)
    }
    let environment = try RetroEnvironment(
      GameIntegration(folder: integration), core: core, cores: cores, state: state, program: program)
    let film = try movie.map { try Movie(contentsOf: $0, system: environment.system) }
    environment.movie = Movie(game: environment.integration.name, system: environment.system)
    try environment.reset()
    if let film, !film.state.isEmpty { try environment.emulator.restore(film.state) }
    var generator = SeededGenerator(seed: seed)
    var (sum, count, isDone) = (0.0, 0, false)
    var pictures: [RGBImage] = []
    let wantsPictures = outputs.contains { !$0.lowercased().hasSuffix(".bk2") }
    let names = environment.system.buttons.compactMap { $0 }.filter { !["START", "MODE", "SELECT"].contains($0) }
    while !isDone, count < steps {
      let frames: [UInt32]
      if let film {
        frames = Array(film.frames.dropFirst(count * 4).prefix(4))
        if frames.isEmpty { break }
      } else {
        let pressed = names.filter { _ in generator.index(below: 4) == 0 }
        frames = Array(repeating: try environment.system.bits(of: pressed), count: 4)
      }
      let step = try environment.step(frames)
      sum += step.reward
      isDone = step.isDone
      count += 1
      if wantsPictures { pictures.append(environment.observation) }
    }
    for path in outputs {
      let name = path.lowercased()
      // Fifteen steps a second are seven hundredths each.
      if name.hasSuffix(".mp4") {
        try MP4File.write(pictures, rate: 15, to: path)
      } else if name.hasSuffix(".gif") {
        try GIFFile.write(pictures, delay: 7, to: path)
      } else {
        try environment.movie?.write(to: path)
      }
    }
    return Outcome(steps: count, frames: environment.frames, sum: sum, isDone: isDone)
  }
}
