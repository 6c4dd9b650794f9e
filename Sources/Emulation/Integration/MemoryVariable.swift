import Documents

/// A number in a console's memory, as gym-retro's `data.json` names it: an address and a type such as `>u2`.
///
/// The type is an order of bytes (`>` the highest first, `<` the lowest first, `|` for one byte), a kind and a number of bytes: `u`
/// unsigned, `i` signed, `d` two decimal digits a byte, `n` one decimal digit a byte.
public struct MemoryVariable: Sendable, Equatable {
  /// The kinds.
  public enum Kind: Character, Sendable, CaseIterable {
    /// Unsigned.
    case unsigned = "u"
    /// Signed, two's complement.
    case signed = "i"
    /// Two decimal digits a byte.
    case decimal = "d"
    /// One decimal digit a byte.
    case nibble = "n"
  }

  /// The address, as the console has it.
  public var address: Int
  /// The kind.
  public var kind: Kind
  /// The number of bytes.
  public var size: Int
  /// Whether the highest byte comes first.
  public var isBigEndian: Bool

  /// A variable of a type's name.
  ///
  /// - Throws: ``EmulationError`` for a type that is none.
  public init(address: Int, type: String) throws {
    let characters = Array(type)
    guard characters.count >= 3, "<>|=".contains(characters[0]),
      let kind = Kind(rawValue: characters[characters.count - 2]),
      let size = characters.last?.wholeNumberValue, (1...8).contains(size)
    else {
      throw EmulationError("'\(type)' is no type of a variable; '>u2', '|i1' and '<d4' are some.")
    }
    (self.address, self.kind, self.size) = (address, kind, size)
    isBigEndian = characters[0] == ">"
  }

  /// The variable's value; nil where its address isn't in the memory.
  public func value(in memory: UnsafeRawBufferPointer, of system: EmulatedSystem) -> Int? {
    let start = address - system.memoryStart
    guard start >= 0, start + size <= memory.count else { return nil }
    var value = 0
    for n in 0..<size {
      let place = start + (isBigEndian ? n : size - 1 - n)
      let byte = Int(memory[system.swapsBytes ? place ^ 1 : place])
      switch kind {
      case .unsigned, .signed: value = value << 8 | byte
      case .decimal: value = value * 100 + (byte >> 4) * 10 + byte & 15
      case .nibble: value = value * 10 + byte & 15
      }
    }
    if kind == .signed, size < 8, value >> (8 * size - 1) & 1 == 1 { value -= 1 << (8 * size) }
    return value
  }
}

/// A search for the address of a number that people see on the screen: what keeps the values that it should have had stays.
///
/// ```
/// var search = MemorySearch(system, types: [">u2", "|u1"])
/// search.keep(3, in: emulator.memory)          // three lives
/// // … one is lost …
/// search.keep(2, in: emulator.memory)
/// print(search.found.map(\.address))
/// ```
public struct MemorySearch: Sendable {
  /// What is left.
  public private(set) var found: [MemoryVariable] = []
  private let system: EmulatedSystem
  private let types: [String]
  private var hasBegun = false

  /// A search among all addresses.
  public init(_ system: EmulatedSystem, types: [String] = ["|u1", ">u2", ">u4", "<u2", "<u4"]) {
    (self.system, self.types) = (system, types)
  }

  /// Keeps the variables that have a value now.
  ///
  /// - Throws: ``EmulationError`` for a type that is none.
  public mutating func keep(_ value: Int, in memory: UnsafeRawBufferPointer) throws {
    let system = system
    if !hasBegun {
      hasBegun = true
      for type in types {
        for address in system.memoryStart..<system.memoryStart + memory.count {
          let variable = try MemoryVariable(address: address, type: type)
          if variable.value(in: memory, of: system) == value { found.append(variable) }
        }
      }
    } else {
      found = found.filter { $0.value(in: memory, of: system) == value }
    }
  }
}
