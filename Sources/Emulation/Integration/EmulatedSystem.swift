import Documents

/// A console as a core's description has it (gym-retro's `CORE.json`): its buttons, where its memory begins, the order of bytes.
public struct EmulatedSystem: Sendable, Equatable {
  /// Its name, with which games' names end: `Genesis`.
  public var name: String
  /// The buttons by libretro's numbers; nil for numbers that the pad lacks.
  public var buttons: [String?]
  /// The address of the memory's first byte.
  public var memoryStart: Int
  /// Whether the core keeps 16-bit words in the host's order of bytes where the console has the other.
  public var swapsBytes: Bool

  /// Reads a console of a description.
  ///
  /// - Throws: `DataError` for a description that is wrong or lacks the console.
  public init(_ name: String, in path: String) throws {
    let all = try StructuredFile(path: path).fields()
    let own = try all.fields(name)
    self.name = name
    buttons = try own.list("buttons").map(\.string)
    memoryStart = try own["rambase"] == nil ? 0 : own.integer("rambase", in: 0...Int(UInt32.max))
    let overlay = own["overlay"]?.array ?? []
    swapsBytes = overlay.count == 3 && overlay[0].string == "=" && overlay[1].string == ">" && overlay[2].int == 2
  }

  /// The bits of some buttons.
  ///
  /// - Throws: ``EmulationError`` for a button that the pad lacks.
  public func bits(of pressed: [String]) throws -> UInt32 {
    var bits: UInt32 = 0
    for button in pressed {
      guard let number = buttons.firstIndex(of: button) else {
        let names = buttons.compactMap { $0 }
        throw EmulationError(
          "There is no button '\(button)' on a \(name); there are \(names.joined(separator: ", ")).", .usage)
      }
      bits |= 1 << UInt32(number)
    }
    return bits
  }
}
