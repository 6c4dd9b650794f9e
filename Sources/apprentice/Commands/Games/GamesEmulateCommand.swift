import ArgumentParser
import Documents
import Emulation

/// `apprentice games emulate`.
struct GamesEmulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emulate",
    abstract: "Play an emulated game at random or by a film, and write a film (.bk2) or a video (.mp4, .gif).",
    discussion: """
      EXAMPLE:
        apprentice games emulate integrations/Airstriker-Genesis-v0 --core genesis_plus_gx_libretro.so --out play.mp4
      """)

  @Argument(help: .init("The integration's folder.", valueName: "folder"))
  var integration: String

  @Option(help: .init("The libretro core.", valueName: "file"))
  var core: String

  @Option(
    help: .init("The core's description, CORE.json; beside the core unless given.", valueName: "file"))
  var cores: String?

  @Option(help: .init("The state to begin with.", valueName: "name"))
  var state: String?

  @Option(help: .init("A film whose buttons are pressed; random ones unless given.", valueName: "file"))
  var movie: String?

  @Option(help: .init("The most steps of four frames.", valueName: "count"))
  var steps = 450

  @Option(help: .init("The seed of random play.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("Files to be written: .bk2, .mp4 or .gif.", valueName: "file"))
  var out: [String] = []

  @OptionGroup var output: OutputOptions

  func run() throws {
    var play = RetroPlay(integration: integration, core: core, cores: cores, state: state)
    (play.movie, play.steps, play.seed, play.outputs) = (movie, steps, seed, out)
    let result = try play.run()
    output.show(
      [
        "steps": .int(result.steps), "frames": .int(result.frames), "return": .double(result.sum),
        "done": .bool(result.isDone),
      ],
      text: "\(result.frames) frames, return \(result.sum)\(result.isDone ? ", over" : "")")
  }
}

/// `apprentice games emulator`: the process of an emulated game, which its owner starts.
struct GamesEmulatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emulator", abstract: "Be the process of one emulated game.",
    discussion: """
      'games emulate' starts it and talks to it over its standard streams.

      EXAMPLE:
        apprentice games emulator
      """, shouldDisplay: false)

  func run() throws { try EmulatorWorker.run() }
}
