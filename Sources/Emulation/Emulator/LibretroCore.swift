import CRetro
import Documents
import Foundation

/// A libretro core in this process: one, since cores keep their state in global variables.
///
/// The interface is libretro's, version 1, as far as games need it that draw with the processor and are played with pads.
final class LibretroCore {
  /// What a core is asked by number.
  private enum Request {
    static let overscan: UInt32 = 2
    static let canDuplicate: UInt32 = 3
    static let systemFolder: UInt32 = 9
    static let pixelFormat: UInt32 = 10
    static let variable: UInt32 = 15
    static let variables: UInt32 = 16
    static let variableUpdate: UInt32 = 17
    static let log: UInt32 = 27
    static let saveFolder: UInt32 = 31
    static let geometry: UInt32 = 37
  }
  private enum PixelFormat: UInt32 { case rgb1555, xrgb8888, rgb565 }

  /// The core whose functions call back.
  nonisolated(unsafe) private static var current: LibretroCore?

  private let library: UnsafeMutableRawPointer
  private var options: [String: UnsafeMutablePointer<CChar>] = [:]
  private let chosen: [String: String]
  private let folder: UnsafeMutablePointer<CChar>?
  private var format = PixelFormat.rgb1555
  private var romBytes: [UInt8]
  private let romPath: String

  /// The buttons of each player that are held, a bit for each by libretro's numbers.
  var buttons: [UInt32] = [0, 0]
  /// Whether the next picture is wanted: what nobody looks at isn't converted.
  var wantsPicture = true
  /// The last picture, red, green and blue, rows from the top.
  private(set) var picture: [UInt8] = []
  private(set) var width = 0
  private(set) var height = 0
  /// Frames a second by the game's clock.
  private(set) var rate = 60.0

  /// Opens a core and starts a game.
  ///
  /// - Parameter chosen: options of the core's; the others have their first values.
  init(core path: String, rom: String, options chosen: [String: String]) throws {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw EmulationError("\(path): this isn't a core that can be loaded: \(String(cString: dlerror()))")
    }
    self.library = library
    self.chosen = chosen
    romPath = rom
    romBytes = Array(try FileContents.data(of: rom))
    folder = strdup(NSTemporaryDirectory())
    Self.current = self
    typealias Number = @convention(c) () -> UInt32
    let version: Number = try function("retro_api_version")
    guard version() == 1 else { throw EmulationError("\(path): it speaks version \(version()) of libretro, not 1.") }
    try setCallbacks()
    typealias Plain = @convention(c) () -> Void
    (try function("retro_init") as Plain)()
    try load()
    typealias Info = @convention(c) (UnsafeMutablePointer<retro_system_av_info>) -> Void
    var info = retro_system_av_info()
    (try function("retro_get_system_av_info") as Info)(&info)
    rate = info.timing.fps
    runFrame = try function("retro_run")
  }

  private var runFrame: @convention(c) () -> Void = {}

  private func function<Function>(_ name: String) throws -> Function {
    guard let symbol = dlsym(library, name) else { throw EmulationError("The core lacks the function \(name).") }
    return unsafeBitCast(symbol, to: Function.self)
  }

  private func setCallbacks() throws {
    let environment: retro_environment_t = { LibretroCore.current?.answer($0, $1) ?? false }
    let video: retro_video_refresh_t = { LibretroCore.current?.show($0, $1, $2, $3) }
    let sample: retro_audio_sample_t = { _, _ in }
    let batch: retro_audio_sample_batch_t = { _, count in count }
    let poll: retro_input_poll_t = {}
    let state: retro_input_state_t = { port, device, _, id in
      guard let core = LibretroCore.current, device & 0xFF == 1, port < 2, id < 32 else { return 0 }
      return Int16(core.buttons[Int(port)] >> id & 1)
    }
    (try function("retro_set_environment") as @convention(c) (retro_environment_t) -> Void)(environment)
    (try function("retro_set_video_refresh") as @convention(c) (retro_video_refresh_t) -> Void)(video)
    (try function("retro_set_audio_sample") as @convention(c) (retro_audio_sample_t) -> Void)(sample)
    (try function("retro_set_audio_sample_batch") as @convention(c) (retro_audio_sample_batch_t) -> Void)(batch)
    (try function("retro_set_input_poll") as @convention(c) (retro_input_poll_t) -> Void)(poll)
    (try function("retro_set_input_state") as @convention(c) (retro_input_state_t) -> Void)(state)
  }

  private func load() throws {
    typealias Load = @convention(c) (UnsafePointer<retro_game_info>) -> Bool
    let load: Load = try function("retro_load_game")
    let isLoaded = romPath.withCString { path in
      romBytes.withUnsafeBytes { bytes in
        var game = retro_game_info(path: path, data: bytes.baseAddress, size: bytes.count, meta: nil)
        return load(&game)
      }
    }
    guard isLoaded else { throw EmulationError("\(romPath): the core refuses this game.") }
  }

  // MARK: What the core asks and shows

  private func answer(_ command: UInt32, _ data: UnsafeMutableRawPointer?) -> Bool {
    // The upper bits mark what is experimental or private.
    switch command & 0xFFFF {
    case Request.canDuplicate, Request.overscan:
      data?.storeBytes(of: command & 0xFFFF == Request.canDuplicate, as: Bool.self)
      return true
    case Request.systemFolder, Request.saveFolder:
      data?.storeBytes(of: UnsafePointer(folder), as: UnsafePointer<CChar>?.self)
      return true
    case Request.pixelFormat:
      guard let wanted = data.flatMap({ PixelFormat(rawValue: $0.load(as: UInt32.self)) }) else { return false }
      format = wanted
      return true
    case Request.variables:
      guard var place = data?.assumingMemoryBound(to: retro_variable.self) else { return false }
      while let key = place.pointee.key {
        let name = String(cString: key)
        // "What it is; first|second|third": the first is the default.
        let words = place.pointee.value.map { String(cString: $0) } ?? ""
        let first = words.split(separator: ";", maxSplits: 1).last.map { $0.drop { $0 == " " } } ?? ""
        let standard = first.split(separator: "|").first.map(String.init) ?? ""
        free(options[name])
        options[name] = strdup(chosen[name] ?? standard)
        place += 1
      }
      return true
    case Request.variable:
      guard let variable = data?.assumingMemoryBound(to: retro_variable.self), let key = variable.pointee.key,
        let value = options[String(cString: key)]
      else { return false }
      variable.pointee.value = UnsafePointer(value)
      return true
    case Request.variableUpdate:
      data?.storeBytes(of: false, as: Bool.self)
      return true
    case Request.log:
      if let data { apprentice_retro_give_log(data) }
      return data != nil
    case Request.geometry: return true
    default: return false
    }
  }

  private func show(_ data: UnsafeRawPointer?, _ width: UInt32, _ height: UInt32, _ pitch: Int) {
    // Nothing means that the last picture stays.
    guard wantsPicture, let data else { return }
    (self.width, self.height) = (Int(width), Int(height))
    let size = self.width * self.height * 3
    if picture.count != size { picture = [UInt8](repeating: 0, count: size) }
    let format = format
    picture.withUnsafeMutableBufferPointer { target in
      guard var place = target.baseAddress else { return }
      for y in 0..<self.height {
        let row = data + y * pitch
        for x in 0..<self.width {
          let (red, green, blue): (UInt32, UInt32, UInt32)
          switch format {
          case .xrgb8888:
            let pixel = row.load(fromByteOffset: 4 * x, as: UInt32.self)
            (red, green, blue) = (pixel >> 16 & 0xFF, pixel >> 8 & 0xFF, pixel & 0xFF)
          case .rgb565:
            let pixel = UInt32(row.load(fromByteOffset: 2 * x, as: UInt16.self))
            let (r, g, b) = (pixel >> 11, pixel >> 5 & 0x3F, pixel & 0x1F)
            (red, green, blue) = (r << 3 | r >> 2, g << 2 | g >> 4, b << 3 | b >> 2)
          case .rgb1555:
            let pixel = UInt32(row.load(fromByteOffset: 2 * x, as: UInt16.self))
            let (r, g, b) = (pixel >> 10 & 0x1F, pixel >> 5 & 0x1F, pixel & 0x1F)
            (red, green, blue) = (r << 3 | r >> 2, g << 3 | g >> 2, b << 3 | b >> 2)
          }
          place[0] = UInt8(red)
          place[1] = UInt8(green)
          place[2] = UInt8(blue)
          place += 3
        }
      }
    }
  }

  // MARK: Play

  /// Plays one frame.
  func run() { runFrame() }

  /// Begins anew, as by the console's button.
  func reset() throws { (try function("retro_reset") as @convention(c) () -> Void)() }

  /// The console's main memory.
  var memory: UnsafeRawBufferPointer {
    get throws {
      let main: UInt32 = 2
      let data: @convention(c) (UInt32) -> UnsafeMutableRawPointer? = try function("retro_get_memory_data")
      let size: @convention(c) (UInt32) -> Int = try function("retro_get_memory_size")
      return UnsafeRawBufferPointer(start: data(main), count: data(main) == nil ? 0 : size(main))
    }
  }

  /// The whole state.
  func state() throws -> [UInt8] {
    let size: @convention(c) () -> Int = try function("retro_serialize_size")
    let save: @convention(c) (UnsafeMutableRawPointer?, Int) -> Bool = try function("retro_serialize")
    var bytes = [UInt8](repeating: 0, count: size())
    guard bytes.withUnsafeMutableBytes({ save($0.baseAddress, $0.count) }) else {
      throw EmulationError("The core can't save the game's state.")
    }
    return bytes
  }

  /// Goes on from a state.
  func restore(_ state: [UInt8]) throws {
    let size: @convention(c) () -> Int = try function("retro_serialize_size")
    let load: @convention(c) (UnsafeRawPointer?, Int) -> Bool = try function("retro_unserialize")
    guard state.withUnsafeBytes({ load($0.baseAddress, $0.count) }) else {
      throw EmulationError(
        "The core refuses this state of \(state.count) bytes; its own have \(size()). States of other versions, cores or games don't fit."
      )
    }
  }
}
