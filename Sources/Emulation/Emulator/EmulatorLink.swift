import Documents
import Foundation

/// The messages between a game's process and its owner: a kind and a length of 32 bits each, and that many bytes.
enum EmulatorLink {
  enum Kind: UInt32 { case start = 1, run, save, restore, reset, done = 16, failed }

  /// What a process is to play.
  struct Start: Codable {
    var core: String
    var rom: String
    var options: [String: String]
    /// The file of the memory that both see.
    var shared: String
  }

  /// What it found.
  struct Started: Codable {
    var rate: Double
    var memory: Int
    var state: Int
  }

  /// The shared memory: width and height of the picture (32 bits each), its pixels, the console's memory.
  enum Shared {
    static let pixels = 8
    static let mostPixels = 1024 * 1024 * 3
    static let memory = pixels + mostPixels
    static let mostMemory = 16 << 20
    static let size = memory + mostMemory
  }

  static func send(_ kind: Kind, _ body: [UInt8], to file: Int32) throws {
    var bytes = [UInt8]()
    for word in [kind.rawValue, UInt32(body.count)] { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    bytes += body
    var place = 0
    while place < bytes.count {
      let count = bytes.withUnsafeBytes { write(file, $0.baseAddress?.advanced(by: place), bytes.count - place) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw EmulationError("the other process is gone", .inputOutput) }
      place += count
    }
  }

  /// Reads a message; nil at the end, or where none comes in so many seconds.
  static func receive(from file: Int32, seconds: Double? = nil) throws -> (kind: Kind, body: [UInt8])? {
    let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
    guard let header = try read(8, file, deadline) else { return nil }
    func word(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(header[place + $1]) << (8 * UInt32($1)) } }
    guard let kind = Kind(rawValue: word(0)), let body = try read(Int(word(4)), file, deadline) else { return nil }
    return (kind, body)
  }

  private static func read(_ count: Int, _ file: Int32, _ deadline: ContinuousClock.Instant?) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var place = 0
    while place < count {
      if let deadline {
        let left = (deadline - .now) / .seconds(1)
        var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        guard left > 0, poll(&waiting, 1, Int32(left * 1000) + 1) > 0 else { return nil }
      }
      let got = bytes.withUnsafeMutableBytes {
        Foundation.read(file, $0.baseAddress?.advanced(by: place), count - place)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return nil }
      place += got
    }
    return bytes
  }

  /// Maps the shared memory's file.
  static func map(_ path: String, isNew: Bool) throws -> UnsafeMutableRawBufferPointer {
    let file = open(path, O_RDWR | O_CLOEXEC | (isNew ? O_CREAT | O_EXCL : 0), 0o600)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "open the shared memory") }
    defer { close(file) }
    if isNew, ftruncate(file, off_t(Shared.size)) != 0 {
      throw DataError(errno: errno, path: path, action: "make the shared memory")
    }
    let memory = mmap(nil, Shared.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let memory, memory != MAP_FAILED else {
      throw DataError(errno: errno, path: path, action: "map the shared memory")
    }
    return UnsafeMutableRawBufferPointer(start: memory, count: Shared.size)
  }
}
