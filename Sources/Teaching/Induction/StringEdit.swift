internal import Expressions
internal import Probability

/// Single-character edits of strings, given as scalars.
package enum StringEdit {
  /// The characters that insertions and substitutions write: the printable ones of ASCII.
  static let alphabet: [UInt32] = Array(0x20...0x7E)

  /// A random edit: a deletion, an insertion, a substitution, a change of case or a doubling, all
  /// at a random place; new characters are the string's own, letters, digits or from the pool.
  static func random(of scalars: [UInt32], pool: [UInt32] = alphabet, using random: inout RandomSource) -> [UInt32] {
    var scalars = scalars
    guard !scalars.isEmpty else {
      return [pool[random.integer(below: pool.count)]]
    }
    let place = random.integer(below: scalars.count)
    switch random.integer(below: 5) {
    case 0: scalars.remove(at: place)
    case 1: scalars.insert(likely(near: scalars, pool, using: &random), at: place)
    case 2: scalars[place] = likely(near: scalars, pool, using: &random)
    case 3:
      if CharacterClass.letter.contains(scalars[place]) {
        scalars[place] ^= 0x20
      } else {
        scalars.append(likely(near: scalars, pool, using: &random))
      }
    default: scalars.insert(scalars[place], at: place)
    }
    return scalars
  }

  /// A character as a person might type it in such a string: one of its own, a letter or digit, or
  /// anything.
  private static func likely(near scalars: [UInt32], _ pool: [UInt32], using random: inout RandomSource) -> UInt32 {
    switch random.integer(below: 4) {
    case 0: return scalars[random.integer(below: scalars.count)]
    case 1: return 0x30 + UInt32(random.integer(below: 10))
    case 2: return 0x61 + UInt32(random.integer(below: 26))
    default: return pool[random.integer(below: pool.count)]
    }
  }

  /// Every string one deletion, insertion or substitution away, over ``alphabet``; duplicates stay.
  package static func all(of scalars: [UInt32]) -> [[UInt32]] {
    var results: [[UInt32]] = []
    results.reserveCapacity(scalars.count * (2 * alphabet.count) + alphabet.count)
    for place in scalars.indices {
      var shorter = scalars
      shorter.remove(at: place)
      results.append(shorter)
      for scalar in alphabet where scalar != scalars[place] {
        var changed = scalars
        changed[place] = scalar
        results.append(changed)
      }
    }
    for place in 0...scalars.count {
      for scalar in alphabet {
        var longer = scalars
        longer.insert(scalar, at: place)
        results.append(longer)
      }
    }
    return results
  }

  /// The Levenshtein distance, or nothing when it is above `limit`.
  package static func distance(_ a: [UInt32], _ b: [UInt32], limit: Int) -> Int? {
    guard abs(a.count - b.count) <= limit else { return nil }
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      var smallest = row[0]
      for (j, y) in b.enumerated() {
        let up = row[j + 1]
        row[j + 1] = min(diagonal + (x == y ? 0 : 1), row[j] + 1, up + 1)
        diagonal = up
        smallest = min(smallest, row[j + 1])
      }
      if smallest > limit { return nil }
    }
    return row[b.count] <= limit ? row[b.count] : nil
  }
}

extension [UInt32] {
  /// The scalars as a string.
  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: lazy.compactMap(Unicode.Scalar.init))
    return String(view)
  }
}
