import Documents
import Foundation

/// A game's integration as gym-retro keeps it: a folder `NAME-SYSTEM-v0` with `data.json`, `scenario.json`, `metadata.json`, states,
/// `rom.sha`, and the game itself once it was imported.
public struct GameIntegration: Sendable, Equatable {
  /// The folder.
  public let folder: String
  /// The game's name, the folder's without its version.
  public let name: String
  /// The variables by name.
  public let variables: [String: MemoryVariable]
  /// When it rewards and when it is over.
  public let scenario: Scenario
  /// The state that episodes begin with; nil for the console's own start.
  public let defaultState: String?
  /// The SHA-1 digests of games that it fits.
  public let digests: [String]

  /// Reads a folder.
  ///
  /// - Throws: `DataError` for files that are wrong or missing.
  public init(folder: String) throws {
    self.folder = folder
    let last = URL(fileURLWithPath: folder).lastPathComponent
    name = last.replacing(#/-v[0-9]+$/#, with: "")
    let info = try StructuredFile(path: "\(folder)/data.json").fields().fields("info")
    var variables: [String: MemoryVariable] = [:]
    for name in info.members.keys {
      let own = try info.fields(name)
      do {
        variables[name] = try MemoryVariable(
          address: own.integer("address", in: 0...Int(UInt32.max)), type: own.string("type"))
      } catch let error as EmulationError { throw info.error(at: name, "has a wrong type: \(error.description)") }
    }
    self.variables = variables
    scenario = try Scenario(contentsOf: "\(folder)/scenario.json")
    let metadata = "\(folder)/metadata.json"
    defaultState =
      FileManager.default.fileExists(atPath: metadata)
      ? try StructuredFile(path: metadata).fields()["default_state"]?.string : nil
    let sums = (try? FileContents.text(of: "\(folder)/rom.sha")) ?? ""
    digests = sums.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
  }

  /// The console that the name ends with.
  public var systemName: String { name.split(separator: "-").last.map(String.init) ?? "" }

  /// The names of the states that are there.
  public var states: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".state") }
      .map { String($0.dropLast(6)) }.sorted()
  }

  /// The path of the game.
  ///
  /// - Throws: ``EmulationError`` where it was never imported.
  public func rom() throws -> String {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    guard let name = names.first(where: { $0.hasPrefix("rom.") && $0 != "rom.sha" }) else {
      throw EmulationError(
        "\(folder) has no game: 'apprentice games import' finds your own by its checksum.", .noInput)
    }
    return "\(folder)/\(name)"
  }

  /// The bytes of a state.
  ///
  /// - Throws: ``EmulationError`` for a state that isn't there, `DataError` for one that can't be read.
  public func state(_ name: String) throws -> [UInt8] {
    let path = "\(folder)/\(name).state"
    guard FileManager.default.fileExists(atPath: path) else {
      let hint = states.nearest(to: name).map { " Did you mean '\($0)'?" } ?? ""
      throw EmulationError(
        "\(self.name) has no state '\(name)'; it has \(states.joined(separator: ", ")).\(hint)", .usage)
    }
    // Gzip, which most are in, is undone by whoever reads a file.
    return Array(try FileContents.data(of: path))
  }
}
