extension RegularExpression {
  /// The same language with nested sequences flattened, neighbours of the same body joined into one repetition
  /// (`aaa*` into `a{2,}`), alternations of characters joined into a class, and repetitions of repetitions unfolded.
  ///
  /// Two expressions that differ only so are one hypothesis.
  public func simplified() -> RegularExpression {
    switch self {
    case .empty, .characters: return self
    case .sequence(let parts): return Self.simplified(sequence: parts)
    case .alternation(let branches): return Self.simplified(alternation: branches)
    case .repetition(let body, let minimum, let maximum):
      return Self.simplified(repetition: body.simplified(), minimum, maximum)
    }
  }

  private static func simplified(sequence parts: [RegularExpression]) -> RegularExpression {
    var joined: [RegularExpression] = []
    for part in parts.lazy.map({ $0.simplified() }) {
      for item in part.parts {
        if let last = joined.last, let both = last.joined(with: item) {
          joined[joined.count - 1] = both
        } else {
          joined.append(item)
        }
      }
    }
    switch joined.count {
    case 0: return .empty
    case 1: return joined[0]
    default: return .sequence(joined)
    }
  }

  /// The same language with blocks that follow themselves in a sequence written as repetitions:
  /// `[0-9]{2}:[0-9]{2}:[0-9]{2}` into `[0-9]{2}(?::[0-9]{2}){2}`; short blocks first, the longest
  /// runs of them.
  package func folded() -> RegularExpression {
    guard case .sequence(var parts) = self else { return self }
    var length = 1
    while 2 * length <= parts.count {
      var start = 0
      while start + 2 * length <= parts.count {
        let block = parts[start..<(start + length)]
        var copies = 1
        while start + (copies + 1) * length <= parts.count,
          parts[(start + copies * length)..<(start + (copies + 1) * length)].elementsEqual(block)
        {
          copies += 1
        }
        if copies > 1 {
          let body = RegularExpression.sequence(Array(block)).simplified()
          parts.replaceSubrange(
            start..<(start + copies * length),
            with: [.repetition(body, minimum: copies, maximum: copies)])
        }
        start += 1
      }
      length += 1
    }
    return RegularExpression.sequence(parts).simplified()
  }

  private func joined(with next: RegularExpression) -> RegularExpression? {
    let (body, minimum, maximum) = asRepetition
    let (nextBody, nextMinimum, nextMaximum) = next.asRepetition
    guard body == nextBody else { return nil }
    let both: Int? =
      if let maximum, let nextMaximum { maximum + nextMaximum } else { nil }
    return .repetition(body, minimum: minimum + nextMinimum, maximum: both)
  }

  private var asRepetition: (RegularExpression, Int, Int?) {
    if case .repetition(let body, let minimum, let maximum) = self {
      return (body, minimum, maximum)
    }
    return (self, 1, 1)
  }

  private static func simplified(alternation branches: [RegularExpression]) -> RegularExpression {
    var flat: [RegularExpression] = []
    var characters: CharacterClass?
    var optional = false
    for branch in branches.lazy.map({ $0.simplified() }) {
      let inner: [RegularExpression] =
        if case .alternation(let nested) = branch { nested } else { [branch] }
      for item in inner {
        switch item {
        case .empty: optional = true
        case .characters(let members): characters = characters?.union(members) ?? members
        default: if !flat.contains(item) { flat.append(item) }
        }
      }
    }
    if let characters { flat.append(.characters(characters)) }
    let result: RegularExpression
    switch flat.count {
    case 0: return optional ? .empty : .characters(.none)
    case 1: result = flat[0]
    default:
      // One order for all: by their notation, which is written once for each.
      let named = flat.map { (branch: $0, name: $0.description) }.sorted { $0.name < $1.name }
      result = .alternation(named.map(\.branch))
    }
    return optional ? simplified(repetition: result, 0, 1) : result
  }

  private static func simplified(
    repetition body: RegularExpression, _ minimum: Int, _ maximum: Int?
  ) -> RegularExpression {
    if maximum == 0 || body == .empty { return .empty }
    if minimum == 1, maximum == 1 { return body }
    if case .repetition(let inner, let low, let high) = body {
      // (x{low,high}){minimum,maximum} is one repetition when the counts it reaches have no gap.
      if high == nil, low <= 1 {
        return .repetition(inner, minimum: low * minimum, maximum: nil)
      }
      if low <= 1, let high, let maximum {
        return .repetition(inner, minimum: low * minimum, maximum: high * maximum)
      }
      if low <= 1, maximum == nil {
        return .repetition(inner, minimum: low * minimum, maximum: nil)
      }
      if minimum == maximum, low == high {
        return .repetition(inner, minimum: low * minimum, maximum: low * minimum)
      }
    }
    return .repetition(body, minimum: minimum, maximum: maximum)
  }
}
