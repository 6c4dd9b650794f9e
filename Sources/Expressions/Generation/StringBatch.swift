/// Several strings laid out one after the other, to find the probability of each under an expression
/// in one walk over the expression's tree.
///
/// The generator is that of ``PositionAutomaton``, computed otherwise: a vector holds, for every
/// place in every string, the weight of having generated what comes before it, and each node of the
/// tree maps one vector to the next. A node is split into the probability `e` of generating nothing
/// and a map `N` that always moves on, so that loops over bodies that may be empty are geometric
/// series: with `q = p / (1 − p e)`, a star is `(1 − p) / (1 − p e) · Σₖ qᵏ Nᵏ`.
///
/// Building an automaton costs more than this whole walk when strings are short; strings of more
/// than ``lengthLimit`` scalars would underflow and belong to the automaton.
package struct StringBatch: Sendable {
  /// The longest string that a batch may hold.
  package static let lengthLimit = 100

  private var scalars: [UInt32] = []
  /// The probability of typing each character; 0 after the end of a string, where nothing is generated.
  private var typed: [Double] = []
  private var starts: [Int] = []
  private var ends: [Int] = []

  /// The number of places, one more than characters for each string.
  package var count: Int { scalars.count }

  /// Lays out strings of at most ``lengthLimit`` scalars each.
  package init(_ strings: [[UInt32]]) {
    for string in strings {
      starts.append(scalars.count)
      scalars += string
      typed += string.map(CharacterClass.typed)
      ends.append(scalars.count)
      scalars.append(0)
      typed.append(0)
    }
  }

  /// The probability that the expression generates exactly each string, in their order.
  package func probabilities(of expression: RegularExpression) -> [Double] {
    let count = count
    let vectors = 2 + 3 * expression.depth
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: vectors * count) { memory in
      guard let base = memory.baseAddress else { return [] }
      let start = base
      let result = base + count
      start.initialize(repeating: 0, count: count)
      for place in starts { start[place] = 1 }
      let empty = advance(expression, start, result, base + 2 * count)
      return zip(starts, ends).map { $0 == $1 ? empty : result[$1] }
    }
  }

  private typealias Vector = UnsafeMutablePointer<Double>

  /// Writes `N f` to `out` and gives back `e`; `free` is room for the vectors of the nodes below.
  private func advance(
    _ node: RegularExpression, _ f: Vector, _ out: Vector, _ free: Vector
  ) -> Double {
    switch node {
    case .empty:
      out.update(repeating: 0, count: count)
      return 1
    case .characters(let members):
      step(members, f, out, factor: 1, feedback: 0)
      return 0
    case .sequence(let parts):
      return power(f, out, free, rounds: parts.count) { parts[$0] }
    case .alternation(let branches):
      let share = 1 / Double(branches.count)
      var empty = 0.0
      out.update(repeating: 0, count: count)
      for branch in branches {
        empty += share * advance(branch, f, free, free + count)
        for place in 0..<count { out[place] += share * free[place] }
      }
      return empty
    case .repetition(let body, let minimum, let maximum?):
      return bounded(body, minimum, maximum, f, out, free)
    case .repetition(let body, let minimum, nil):
      if minimum <= 1 { return loop(body, minimum: minimum, f, out, free) }
      let before = power(f, out, free, rounds: minimum - 1) { _ in body }
      for place in 0..<count { free[place] = out[place] + before * f[place] }
      let result = free + count
      let last = loop(body, minimum: 1, free, result, free + 2 * count)
      for place in 0..<count { out[place] = last * out[place] + result[place] }
      return before * last
    }
  }

  /// One character: weights move one place on where the class holds the character.
  ///
  /// With `feedback` they may go round again: `out ← factor · M (f + feedback · out)`.
  private func step(
    _ members: CharacterClass, _ f: Vector, _ out: Vector, factor: Double, feedback: Double
  ) {
    let share = members.typedShare
    let scale = share > 0 ? factor / share : 0
    var last = 0.0
    out[0] = 0
    for place in 0..<(count - 1) {
      let weight = f[place] + feedback * last
      last =
        weight != 0 && members.contains(scalars[place]) ? weight * typed[place] * scale : 0
      out[place + 1] = last
    }
  }

  /// Parts one after the other.
  private func power(
    _ f: Vector, _ out: Vector, _ free: Vector, rounds: Int,
    _ part: (Int) -> RegularExpression
  ) -> Double {
    let result = free + count
    var empty = 1.0
    out.update(repeating: 0, count: count)
    for round in 0..<rounds {
      for place in 0..<count { free[place] = out[place] + empty * f[place] }
      let one = advance(part(round), free, result, free + 2 * count)
      var isAlive = false
      for place in 0..<count {
        out[place] = one * out[place] + result[place]
        isAlive = isAlive || out[place] != 0
      }
      empty *= one
      if !isAlive, empty == 0 { break }
    }
    return empty
  }

  /// `{minimum,maximum}` with every count equally likely.
  private func bounded(
    _ body: RegularExpression, _ minimum: Int, _ maximum: Int, _ f: Vector, _ out: Vector,
    _ free: Vector
  ) -> Double {
    if minimum == maximum { return power(f, out, free, rounds: minimum) { _ in body } }
    let share = 1 / Double(maximum - minimum + 1)
    let strict = free
    let (input, result) = (free + count, free + 2 * count)
    strict.update(repeating: 0, count: count)
    out.update(repeating: 0, count: count)
    var empty = 1.0
    var total = minimum == 0 ? share : 0
    for round in 1...maximum {
      for place in 0..<count { input[place] = strict[place] + empty * f[place] }
      let one = advance(body, input, result, free + 3 * count)
      var isAlive = false
      for place in 0..<count {
        strict[place] = one * strict[place] + result[place]
        isAlive = isAlive || strict[place] != 0
      }
      empty *= one
      if round >= minimum {
        total += share * empty
        for place in 0..<count { out[place] += share * strict[place] }
      }
      if !isAlive, empty == 0 { break }
    }
    return total
  }

  /// A star or a plus.
  private func loop(
    _ body: RegularExpression, minimum: Int, _ f: Vector, _ out: Vector, _ free: Vector
  ) -> Double {
    let p = PositionAutomaton.continuation
    if case .characters(let members) = body {
      // Plus is (1 − p) Σ pᵏ⁻¹ Mᵏ, star the same times p.
      step(members, f, out, factor: 1, feedback: p)
      let scale = minimum == 1 ? 1 - p : (1 - p) * p
      for place in 0..<count { out[place] *= scale }
      return minimum == 1 ? 0 : 1 - p
    }
    let (power, result) = (free, free + count)
    let one = advance(body, f, power, free + 2 * count)
    let q = p / (1 - p * one)
    let empty = (1 - p) / (1 - p * one)
    var isAlive = true
    out.update(repeating: 0, count: count)
    while isAlive {
      isAlive = false
      for place in 0..<count {
        power[place] *= q
        out[place] += empty * power[place]
        isAlive = isAlive || power[place] != 0
      }
      if !isAlive { break }
      _ = advance(body, power, result, free + 2 * count)
      power.update(from: result, count: count)
    }
    guard minimum == 1 else { return empty }
    for place in 0..<count { power[place] = empty * f[place] + out[place] }
    _ = advance(body, power, result, free + 2 * count)
    for place in 0..<count { out[place] = result[place] + one * out[place] }
    return one * empty
  }
}

extension RegularExpression {
  /// Whether something longer than a character is repeated without a maximum.
  package var repeatsGroupsWithoutEnd: Bool {
    switch self {
    case .empty, .characters: return false
    case .sequence(let parts), .alternation(let parts):
      return parts.contains(where: \.repeatsGroupsWithoutEnd)
    case .repetition(.characters, _, _): return false
    case .repetition(let body, _, let maximum):
      return maximum == nil || body.repeatsGroupsWithoutEnd
    }
  }

  /// The height of the tree.
  package var depth: Int {
    switch self {
    case .empty, .characters: return 1
    case .sequence(let parts), .alternation(let parts):
      return 1 + parts.reduce(0) { max($0, $1.depth) }
    // An open repetition of more than one round is two nodes, one inside the other.
    case .repetition(let body, _, _): return 2 + body.depth
    }
  }
}
