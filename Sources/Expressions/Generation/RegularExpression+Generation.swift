extension RegularExpression {
  /// Draws a string from the expression as a generator, with the probabilities that
  /// ``PositionAutomaton`` gives; nothing when a class without members is in the way.
  ///
  /// Characters outside printable ASCII are not drawn from classes that have printable members.
  public func sample(using generator: inout some RandomNumberGenerator) -> String? {
    var scalars: [UInt32] = []
    guard append(to: &scalars, using: &generator) else { return nil }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars.lazy.compactMap(Unicode.Scalar.init))
    return String(text)
  }

  private func append(
    to scalars: inout [UInt32], using generator: inout some RandomNumberGenerator
  ) -> Bool {
    switch self {
    case .empty: return true
    case .characters(let members):
      guard let scalar = members.sample(using: &generator) else { return false }
      scalars.append(scalar)
      return true
    case .sequence(let parts):
      for part in parts where !part.append(to: &scalars, using: &generator) { return false }
      return true
    case .alternation(let branches):
      return branches.randomElement(using: &generator)?.append(to: &scalars, using: &generator)
        ?? false
    case .repetition(let body, let minimum, let maximum):
      var rounds = minimum
      if let maximum {
        rounds = Int.random(in: minimum...max(minimum, maximum), using: &generator)
      } else {
        while Double.random(in: 0..<1, using: &generator) < PositionAutomaton.continuation {
          rounds += 1
        }
      }
      for _ in 0..<rounds where !body.append(to: &scalars, using: &generator) { return false }
      return true
    }
  }
}
