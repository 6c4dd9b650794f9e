import Documents
import Foundation
public import Media

/// An emulated game in a process of its own.
///
/// Cores keep their state in global variables, crash and hang; here a game that does is an error with the game's name, and the next
/// one is begun in a new process. Pictures and the console's memory are seen in memory that both processes share.
///
/// ```
/// let emulator = try Emulator(core: "genesis_plus_gx_libretro.so", rom: "rom.md")
/// try emulator.run([(first: 1 << 3, second: 0), (first: 0, second: 0)])      // START held for one frame of two
/// print(emulator.picture.width, emulator.memory.count)
/// ```
public final class Emulator {
  /// The path of the game.
  public let rom: String
  /// Frames a second by the game's clock.
  public let rate: Double
  /// The bytes of a whole state.
  public let stateSize: Int
  /// Seconds after which a game that doesn't answer counts as hung.
  public var patience = 20.0

  private let process: Process
  private let input: FileHandle
  private let output: FileHandle
  private let shared: UnsafeMutableRawBufferPointer
  private let memorySize: Int

  /// Starts a game.
  ///
  /// - Parameters:
  ///   - program: the path of `apprentice`, which is the game's process; the one that runs unless given.
  ///   - options: options of the core's, by its own names.
  /// - Throws: ``EmulationError`` for a core or a game that can't be loaded.
  public init(core: String, rom: String, options: [String: String] = [:], program: String? = nil) throws {
    for path in [core, rom] where !FileManager.default.isReadableFile(atPath: path) {
      throw EmulationError("\(path): there is no such file, or it can't be read.", .noInput)
    }
    signal(SIGPIPE, SIG_IGN)
    self.rom = rom
    let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let path = "\(folder)/apprentice-game-\(UUID().uuidString)"
    shared = try EmulatorLink.map(path, isNew: true)
    let (asked, answered) = (Pipe(), Pipe())
    process = Process()
    process.executableURL = URL(fileURLWithPath: program ?? Self.own)
    process.arguments = ["games", "emulator"]
    process.standardInput = asked
    process.standardOutput = answered
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch {
      unlink(path)
      throw EmulationError("The game's process can't be started: \(error).", .inputOutput)
    }
    input = asked.fileHandleForWriting
    output = answered.fileHandleForReading
    try? asked.fileHandleForReading.close()
    try? answered.fileHandleForWriting.close()
    // Airstriker stops with an address error after its first life unless the console is as forgiving as it really is.
    let all = ["genesis_plus_gx_addr_error": "disabled"].merging(options) { $1 }
    let start = EmulatorLink.Start(
      core: URL(fileURLWithPath: core).path, rom: URL(fileURLWithPath: rom).path, options: all, shared: path)
    var answer: [UInt8]
    do {
      answer = try Self.ask(
        .start, Array(try JSONEncoder().encode(start)), input, output, seconds: 20, rom, process)
    } catch {
      unlink(path)
      process.terminate()
      throw error
    }
    let started = try JSONDecoder().decode(EmulatorLink.Started.self, from: Data(answer))
    (rate, memorySize, stateSize) = (started.rate, min(started.memory, EmulatorLink.Shared.mostMemory), started.state)
  }

  deinit {
    try? input.close()
    // A process that hangs doesn't hear that its owner is gone.
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    munmap(shared.baseAddress, shared.count)
  }

  private static var own: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  private static func ask(
    _ kind: EmulatorLink.Kind, _ body: [UInt8], _ input: FileHandle, _ output: FileHandle, seconds: Double,
    _ rom: String, _ process: Process
  ) throws -> [UInt8] {
    do { try EmulatorLink.send(kind, body, to: input.fileDescriptor) } catch {
      throw EmulationError("\(rom): the game's process has ended; its core crashed.", .internal)
    }
    guard let (answer, bytes) = try EmulatorLink.receive(from: output.fileDescriptor, seconds: seconds) else {
      let isHung = process.isRunning
      kill(process.processIdentifier, SIGKILL)
      throw EmulationError(
        isHung
          ? "\(rom): the game's core didn't answer in \(Int(seconds)) s and was ended."
          : "\(rom): the game's core crashed.", .internal)
    }
    guard answer == .done else { throw EmulationError(String(decoding: bytes, as: UTF8.self)) }
    return bytes
  }

  @discardableResult
  private func ask(_ kind: EmulatorLink.Kind, _ body: [UInt8] = []) throws -> [UInt8] {
    try Self.ask(kind, body, input, output, seconds: patience, rom, process)
  }

  /// Plays a frame for each element: the buttons that both players hold.
  ///
  /// - Throws: ``EmulationError`` for a core that crashes or hangs.
  public func run(_ frames: [(first: UInt32, second: UInt32)]) throws {
    var body: [UInt8] = []
    body.reserveCapacity(frames.count * 8)
    for frame in frames {
      for word in [frame.first, frame.second] { withUnsafeBytes(of: word.littleEndian) { body += $0 } }
    }
    try ask(.run, body)
  }

  /// The picture of the last frame.
  public var picture: RGBImage {
    let width = Int(shared.load(fromByteOffset: 0, as: UInt32.self))
    let height = Int(shared.load(fromByteOffset: 4, as: UInt32.self))
    let start = EmulatorLink.Shared.pixels
    return RGBImage(width: width, height: height, bytes: Array(shared[start..<start + width * height * 3]))
  }

  /// The console's main memory as it is after the last frame.
  public var memory: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: shared[EmulatorLink.Shared.memory..<EmulatorLink.Shared.memory + memorySize])
  }

  /// The whole state.
  public func state() throws -> [UInt8] { try ask(.save) }

  /// Goes on from a state of the same core, version and game.
  ///
  /// - Throws: ``EmulationError`` for another one's.
  public func restore(_ state: [UInt8]) throws { try ask(.restore, state) }

  /// Begins anew, as by the console's button.
  public func reset() throws { try ask(.reset) }
}
