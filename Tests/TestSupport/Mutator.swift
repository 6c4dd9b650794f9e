package import Documents
import Statistics

/// Seeded changes to good files: the same for the same seed on every platform.
package struct Mutator: RandomNumberGenerator {
  private var generator: SeededGenerator
  /// What a hostile file would say.
  private let words: [[UInt8]]
  /// How many of the first bytes are changed; later ones are mere numbers.
  private let reach: Int

  package init(seed: UInt64, words: [String], reach: Int = .max) {
    generator = SeededGenerator(seed: seed)
    self.words = words.map { Array($0.utf8) } + Self.numbers
    self.reach = reach
  }

  /// Little-endian counts and offsets at the edges of their types.
  private static let numbers: [[UInt8]] = [
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    [0, 0, 0, 0, 1, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80], [0, 0, 0, 0], [9, 0, 0, 0],
  ]

  package mutating func next() -> UInt64 { generator.next() }

  /// One to four changes: bits and bytes turned, pieces taken out, doubled, moved or cut off, words written over or in.
  package mutating func mutated(_ whole: [UInt8]) -> [UInt8] {
    var bytes = whole
    for _ in 0...Int.random(in: 0..<4, using: &self) {
      guard !bytes.isEmpty else { break }
      let place = Int.random(in: 0..<min(bytes.count, reach), using: &self)
      let end = min(bytes.count, place + Int.random(in: 1...24, using: &self))
      switch Int.random(in: 0..<8, using: &self) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 2: bytes.removeSubrange(place..<end)
      case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 4: bytes.removeLast(Int.random(in: 0...bytes.count, using: &self))
      case 5:
        let piece = Array(bytes[place..<end])
        bytes.insert(contentsOf: piece, at: Int.random(in: 0..<min(bytes.count, reach), using: &self))
      case 6:
        let word = words.randomElement(using: &self) ?? []
        bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
      default: bytes.insert(contentsOf: words.randomElement(using: &self) ?? [], at: place)
      }
    }
    return bytes
  }
}

extension Mutator {
  /// A document with one to three of its values replaced, doubled or taken out: still JSON, so that what reads its meaning
  /// is reached.
  package mutating func mutated(document: JSONValue) -> JSONValue {
    var value = document
    for _ in 0...Int.random(in: 0..<3, using: &self) { value = changed(value) }
    return value
  }

  private mutating func changed(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var object) where !object.members.isEmpty && Int.random(in: 0..<12, using: &self) > 0:
      let i = Int.random(in: 0..<object.members.count, using: &self)
      switch Int.random(in: 0..<10, using: &self) {
      case 0: object.members.remove(at: i)
      case 1: object.members[i].key += "x"
      default: object.members[i].value = changed(object.members[i].value)
      }
      return .object(JSONObject(object.members))
    case .array(var list) where !list.isEmpty && Int.random(in: 0..<12, using: &self) > 0:
      let i = Int.random(in: 0..<list.count, using: &self)
      switch Int.random(in: 0..<10, using: &self) {
      case 0: list.remove(at: i)
      case 1: list.append(list[i])
      default: list[i] = changed(list[i])
      }
      return .array(list)
    case .int(let number) where Bool.random(using: &self):
      let others = [number &+ 1, number &- 1, number &* 2, number / 2, 0 &- number, 0]
      return .int(others.randomElement(using: &self) ?? 0)
    default:
      let others: [JSONValue] = [
        nil, true, false, 0, 1, -1, 2, 3, 7, .int(1 << 20), .int(1 << 31), .int(.max), .int(.min), 0.5, -0.5,
        1e308, 1e-308, "", "x", "default", "linear", [], .object(JSONObject()), [1], ["a"],
      ]
      return others.randomElement(using: &self) ?? nil
    }
  }
}

/// What became of mutated files.
package struct Outcomes {
  package var read = 0
  package var refused = 0
  /// Errors that don't say where: there must be none.
  package var vague: [String] = []

  /// Parses `count` mutations of the seeds.
  ///
  /// - Parameter isPlaced: whether an error is of the parser's own kind and names the place.
  package init(
    of seeds: [[UInt8]], count: Int, _ mutator: Mutator, isPlaced: (any Error) -> Bool,
    _ parse: ([UInt8]) throws -> Void
  ) {
    var mutator = mutator
    for i in 0..<count {
      do {
        try parse(mutator.mutated(seeds[i % seeds.count]))
        read += 1
      } catch {
        refused += 1
        if !isPlaced(error) { vague.append("\(type(of: error)): \(error)") }
      }
    }
  }
}
