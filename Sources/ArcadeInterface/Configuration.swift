import Arcade
public import CArcade

/// `arcade_configure`.
@c @implementation
public func arcade_configure(_ how: UnsafeMutablePointer<arcade_configuration>?, _ size: Int) {
  guard let how else { preconditionFailure("apprentice_arcade: the configuration is NULL") }
  precondition(
    size >= MemoryLayout<arcade_configuration>.size,
    "apprentice_arcade: the configuration has \(size) bytes and not \(MemoryLayout<arcade_configuration>.size)")
  let options = GameOptions()
  how.initialize(to: arcade_configuration())
  how.pointee.size = size
  how.pointee.count = 1
  how.pointee.threads = 1
  how.pointee.centers_player = options.centersPlayer ? 1 : 0
  how.pointee.uses_backgrounds = options.usesBackgrounds ? 1 : 0
}

/// A configuration from C in the arcade's terms.
struct Configuration {
  var game: Game
  var options: GameOptions
  var count: Int
  var batch: Int
  var threads: Int
  var seed: UInt64
  var autoreset: Autoreset
  var keepsFinalObservations: Bool

  init(_ pointer: UnsafePointer<arcade_configuration>?) throws {
    guard let how = pointer?.pointee else { throw InterfaceError("The configuration is NULL.") }
    guard how.size >= MemoryLayout<arcade_configuration>.size else {
      throw InterfaceError("The configuration isn't filled in: call arcade_configure(&how, sizeof how) first.")
    }
    guard let name = how.game else {
      throw InterfaceError("The configuration names no game; 'coinrun' is one, and arcade_description has them all.")
    }
    game = try Game(named: String(cString: name))
    options = GameOptions(
      mode: try how.mode.map { try GameMode(named: String(cString: $0)) } ?? GameOptions().mode,
      levels: Int(how.levels), firstLevel: Int(how.first_level))
    options.usesSequentialLevels = how.uses_sequential_levels != 0
    options.centersPlayer = how.centers_player != 0
    options.usesBackgrounds = how.uses_backgrounds != 0
    options.usesMonochromeAssets = how.uses_monochrome_assets != 0
    options.restrictsThemes = how.restricts_themes != 0
    options.paintsVelocity = how.paints_velocity != 0
    guard how.count <= 1 << 20 else {
      throw InterfaceError("\(how.count) environments are more than this library makes (\(1 << 20)).")
    }
    (count, threads, seed) = (Int(how.count), Int(how.threads), how.seed)
    batch = how.batch == 0 ? count : Int(how.batch)
    switch how.autoreset {
    case Int32(ARCADE_AUTORESET_SAME_STEP): autoreset = .sameStep
    case Int32(ARCADE_AUTORESET_NEXT_STEP): autoreset = .nextStep
    case Int32(ARCADE_AUTORESET_DISABLED): autoreset = .disabled
    default:
      throw InterfaceError("There is no autoreset \(how.autoreset); there are 0 (same step), 1 (next step), 2 (none).")
    }
    keepsFinalObservations = how.keeps_final_observations != 0
  }
}
