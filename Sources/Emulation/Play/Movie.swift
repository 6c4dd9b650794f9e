import Documents
import Foundation

/// A film of play: the state that it began with and the buttons of every frame, as a `.bk2` file (a zip archive) that gym-retro and
/// BizHawk know.
public struct Movie: Sendable, Equatable {
  /// The game's name.
  public var game: String
  /// The buttons of the pad, by libretro's numbers.
  public var buttons: [String?]
  /// The state that it began with; empty for the console's own start.
  public private(set) var state: [UInt8] = []
  /// The buttons' bits of each frame.
  public private(set) var frames: [UInt32] = []

  /// An empty film.
  public init(game: String, system: EmulatedSystem) { (self.game, buttons) = (game, system.buttons) }

  /// Begins anew with a state.
  public mutating func begin(state: [UInt8]) {
    self.state = state
    frames = []
  }

  /// Adds a frame.
  public mutating func add(_ bits: UInt32) { frames.append(bits) }

  private static let header = "Header.txt"
  private static let log = "Input Log.txt"
  private static let core = "Core.bin"

  /// Each button's sign in the log's lines.
  private static let signs = [
    "START": "S", "SELECT": "s", "MODE": "M", "UP": "U", "DOWN": "D", "LEFT": "L", "RIGHT": "R", "L": "l", "R": "r",
    "BUTTON": "B", "PAUSE": "P",
  ]

  private func sign(_ button: String) -> Character { Self.signs[button]?.first ?? button.first ?? "?" }

  /// Writes it to a file, whole or not at all.
  ///
  /// - Throws: `DataError` where it can't be written.
  public func write(to path: String) throws {
    let names = buttons.compactMap { $0 }
    let title = { (name: String) in name.count == 1 ? name : name.prefix(1) + name.dropFirst().lowercased() }
    var text = "[Input]\nLogKey:#Reset|Power|#" + names.map { "P1 \(title($0))|" }.joined() + "\n"
    for bits in frames {
      text += "|..|"
      for (number, name) in buttons.enumerated() {
        guard let name else { continue }
        text.append(bits >> UInt32(number) & 1 == 1 ? sign(name) : ".")
      }
      text += "|\n"
    }
    text += "[/Input]\n"
    let head =
      "MovieVersion BizHawk v2.0.0\nPlatform \(game.split(separator: "-").last ?? "")\nGameName \(game)\n"
      + (state.isEmpty ? "" : "StartsFromSavestate 1\n")
    var files = [(Self.header, Array(head.utf8)), (Self.log, Array(text.utf8))]
    if !state.isEmpty { files.append((Self.core, state)) }
    try DurableFile.write(Data(ZipArchive.bytes(of: files)), to: path)
  }

  /// Reads a file.
  ///
  /// - Throws: `DataError` for what isn't a film of this pad.
  public init(contentsOf path: String, system: EmulatedSystem) throws {
    let bytes = Array(try FileContents.data(of: path))
    func bad(_ problem: String) -> DataError { DataError(.badData, path: path, problem: problem) }
    guard let files = ZipArchive.files(in: bytes), let log = files[Self.log] else {
      throw bad("this isn't a film: a zip archive with '\(Self.log)' in it")
    }
    let header = String(decoding: files[Self.header] ?? [], as: UTF8.self)
    game =
      header.split(whereSeparator: \.isNewline).first { $0.hasPrefix("GameName ") }.map { String($0.dropFirst(9)) }
      ?? ""
    buttons = system.buttons
    state = files[Self.core] ?? []
    var order: [Int?] = []
    for (number, line) in String(decoding: log, as: UTF8.self).split(whereSeparator: \.isNewline).enumerated() {
      if line.hasPrefix("LogKey:") {
        let keys = line.split(whereSeparator: { $0 == "|" || $0 == "#" }).filter { $0.hasPrefix("P1 ") }
        order = keys.map { key in buttons.firstIndex { $0 == key.dropFirst(3).uppercased() } }
      } else if line.hasPrefix("|") {
        let parts = line.split(separator: "|", omittingEmptySubsequences: true)
        guard let pad = parts.last, pad.count == order.count else {
          throw bad("line \(number + 1) of its log has not a sign for each of \(order.count) buttons")
        }
        var bits: UInt32 = 0
        for (sign, place) in zip(pad, order) where sign != "." && sign != " " {
          if let place { bits |= 1 << UInt32(place) }
        }
        frames.append(bits)
      }
    }
  }
}

/// Zip archives as films are: files are stored as they are, and read stored or deflated.
enum ZipArchive {
  static func bytes(of files: [(name: String, content: [UInt8])]) -> [UInt8] {
    var (archive, directory): ([UInt8], [UInt8]) = ([], [])
    func number(_ value: some FixedWidthInteger, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    for (name, content) in files {
      let sizes = number(Deflate.checksum(content), 4) + number(content.count, 4) + number(content.count, 4)
      let common = number(20, 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(0x21, 2) + sizes
      directory += number(0x0201_4B50, 4) + number(20, 2) + common + number(name.utf8.count, 2) + number(0, 2)
      directory +=
        number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(archive.count, 4) + Array(name.utf8)
      archive +=
        number(0x0403_4B50, 4) + common + number(name.utf8.count, 2) + number(0, 2) + Array(name.utf8) + content
    }
    let end =
      number(0x0605_4B50, 4) + number(0, 4) + number(files.count, 2) + number(files.count, 2)
      + number(directory.count, 4) + number(archive.count, 4) + number(0, 2)
    return archive + directory + end
  }

  /// The files by name; nil for what isn't an archive.
  static func files(in bytes: [UInt8]) -> [String: [UInt8]]? {
    func number(_ place: Int, _ size: Int) -> Int? {
      guard place >= 0, place + size <= bytes.count else { return nil }
      return (0..<size).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    let earliest = max(0, bytes.count - 22 - 65_535)
    guard bytes.count >= 22,
      let end = (earliest...bytes.count - 22).reversed().first(where: { number($0, 4) == 0x0605_4B50 }),
      let count = number(end + 10, 2), var place = number(end + 16, 4)
    else { return nil }
    var files: [String: [UInt8]] = [:]
    for _ in 0..<count {
      guard number(place, 4) == 0x0201_4B50, let method = number(place + 10, 2), let sum = number(place + 16, 4),
        let packed = number(place + 20, 4), let nameSize = number(place + 28, 2), let extra = number(place + 30, 2),
        let comment = number(place + 32, 2), let local = number(place + 42, 4), place + 46 + nameSize <= bytes.count,
        let ownName = number(local + 26, 2), let ownExtra = number(local + 28, 2)
      else { return nil }
      let start = local + 30 + ownName + ownExtra
      guard packed <= bytes.count, start + packed <= bytes.count else { return nil }
      let raw = Array(bytes[start..<start + packed])
      guard let content = method == 0 ? raw : method == 8 ? Deflate.inflate(raw, isRaw: true) : nil,
        Int(Deflate.checksum(content)) == sum
      else { return nil }
      files[String(decoding: bytes[place + 46..<place + 46 + nameSize], as: UTF8.self)] = content
      place += 46 + nameSize + extra + comment
    }
    return files
  }
}
