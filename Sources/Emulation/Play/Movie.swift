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
    var archive = ZipWriter()
    archive.add(Self.header, Data(head.utf8), isStored: true)
    archive.add(Self.log, Data(text.utf8), isStored: true)
    if !state.isEmpty { archive.add(Self.core, Data(state), isStored: true) }
    try DurableFile.write(archive.data, to: path)
  }

  /// Reads a file.
  ///
  /// - Throws: `DataError` for what isn't a film of this pad.
  public init(contentsOf path: String, system: EmulatedSystem) throws {
    let data = try FileContents.data(of: path)
    func bad(_ problem: String) -> DataError { DataError(.badData, path: path, problem: problem) }
    guard let archive = try? ZipArchive(data, path: path), let log = try? archive.data(Self.log) else {
      throw bad("this isn't a film: a zip archive with '\(Self.log)' in it")
    }
    let header = String(decoding: try archive.data(Self.header) ?? Data(), as: UTF8.self)
    game =
      header.split(whereSeparator: \.isNewline).first { $0.hasPrefix("GameName ") }.map { String($0.dropFirst(9)) }
      ?? ""
    buttons = system.buttons
    state = try archive.data(Self.core).map(Array.init) ?? []
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
