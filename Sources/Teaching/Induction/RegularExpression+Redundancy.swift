internal import Expressions

extension RegularExpression {
  /// Whether some alternation has a branch of one string that another branch matches already.
  ///
  /// Nobody writes `[a-z]+|maybe`, although as a generator it gives "maybe" more than `[a-z]+` does.
  var hasRedundantBranch: Bool {
    switch self {
    case .empty, .characters: return false
    case .sequence(let parts): return parts.contains(where: \.hasRedundantBranch)
    case .repetition(let body, _, _): return body.hasRedundantBranch
    case .alternation(let branches):
      let strings = branches.map(\.onlyString)
      for (place, branch) in branches.enumerated() where strings[place] == nil {
        if branch.hasRedundantBranch { return true }
        guard branch.positionCount <= 200 else { continue }
        let automaton = PositionAutomaton(branch)
        if strings.contains(where: { $0.map(automaton.accepts) == true }) { return true }
      }
      return false
    }
  }

  /// The only string that matches, when there is just one and it is written out.
  private var onlyString: [UInt32]? {
    var string: [UInt32] = []
    for part in parts {
      var (body, times) = (part, 1)
      if case .repetition(let inner, let minimum, let maximum) = part, minimum == maximum, minimum <= 64 {
        (body, times) = (inner, minimum)
      }
      guard case .characters(let members) = body, let scalar = members.onlyMember else { return nil }
      string += [UInt32](repeating: scalar, count: times)
    }
    return string
  }
}
