import Foundation

/// The process of one emulated game: it does what its owner says on standard input, until that is closed.
public enum EmulatorWorker {
  /// Serves the owner until it goes.
  public static func run() throws {
    // What a core prints must not come between the messages.
    let output = dup(1)
    dup2(2, 1)
    var core: LibretroCore?
    var shared = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    while let (kind, body) = try EmulatorLink.receive(from: 0) {
      do {
        var answer: [UInt8] = []
        if kind == .start {
          let start = try JSONDecoder().decode(EmulatorLink.Start.self, from: Data(body))
          shared = try EmulatorLink.map(start.shared, isNew: false)
          unlink(start.shared)
          let made = try LibretroCore(core: start.core, rom: start.rom, options: start.options)
          // The picture before the first frame is none; memory is there.
          try publish(made, in: shared)
          core = made
          answer = Array(
            try JSONEncoder().encode(
              EmulatorLink.Started(rate: made.rate, memory: made.memory.count, state: made.state().count)))
        } else if let core {
          switch kind {
          case .run: try play(core, body)
          case .save: answer = try core.state()
          case .restore: try core.restore(body)
          case .reset: try core.reset()
          default: throw EmulationError("a message of kind \(kind) has no place here")
          }
          if kind != .save { try publish(core, in: shared) }
        }
        try EmulatorLink.send(.done, answer, to: output)
      } catch { try EmulatorLink.send(.failed, Array("\(error)".utf8), to: output) }
    }
  }

  /// Plays a frame for each pair of words: the buttons of both players.
  private static func play(_ core: LibretroCore, _ body: [UInt8]) throws {
    func word(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(body[place + $1]) << (8 * UInt32($1)) } }
    let count = body.count / 8
    for frame in 0..<count {
      core.buttons = [word(8 * frame), word(8 * frame + 4)]
      core.wantsPicture = frame == count - 1
      core.run()
    }
  }

  private static func publish(_ core: LibretroCore, in shared: UnsafeMutableRawBufferPointer) throws {
    typealias Shared = EmulatorLink.Shared
    shared.storeBytes(of: UInt32(core.width).littleEndian, toByteOffset: 0, as: UInt32.self)
    shared.storeBytes(of: UInt32(core.height).littleEndian, toByteOffset: 4, as: UInt32.self)
    core.picture.withUnsafeBytes { bytes in
      UnsafeMutableRawBufferPointer(rebasing: shared[Shared.pixels..<Shared.memory]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes.prefix(Shared.mostPixels)))
    }
    let memory = try core.memory
    UnsafeMutableRawBufferPointer(rebasing: shared[Shared.memory...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: memory.prefix(Shared.mostMemory)))
  }
}
