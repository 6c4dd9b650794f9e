import Arcade
import ArgumentParser
import Documents

/// `apprentice games record`.
struct GamesRecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Write a sheet of levels (.png) or an animation (.gif, .mp4).",
    discussion: """
      Somebody restless plays: he changes his mind every few steps.

      EXAMPLE:
        apprentice games record jumper --levels 16 --out jumper.png
        apprentice games record starpilot --levels 4 --steps 150 --out starpilot.gif
      """)

  @Argument(help: .init("Which game.", valueName: "game"))
  var game: String

  @OptionGroup var level: GameLevelOptions

  @Option(help: .init("How many levels.", valueName: "count"))
  var levels = 16

  @Option(help: .init("The steps played before a sheet or in an animation; 30 and 150 by default.", valueName: "count"))
  var steps: Int?

  @Option(
    help: .init("A level's width in pixels: 64 or 128 as agents see it, 512 drawn for people.", valueName: "pixels"))
  var size = 128

  @Option(help: .init("The file: .png, .gif or .mp4.", valueName: "file"))
  var out: String

  func validate() throws {
    guard [64, 128, 512].contains(size) else { throw ValidationError("--size \(size): give 64, 128 or 512.") }
  }

  func run() throws {
    let isSheet = out.lowercased().hasSuffix(".png")
    let recorder = Recorder(
      try Game(named: game), try level.options(), levels: levels, steps: steps ?? (isSheet ? 30 : 150), size: size)
    try recorder.write(to: out)
    print("\(out): \(levels) levels of \(game)")
  }
}
