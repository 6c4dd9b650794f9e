internal import Expressions

extension RegularExpression {
  /// The same language as another generator: what fills a repeated `.` is all of one kind.
  ///
  /// Somebody who shows that anything may stand between brackets writes `[hello]` and `[12]`, not
  /// nine draws from the keyboard. So an open part is the alternation of itself with each kind in
  /// the place of `.`, and a word costs it the choice of a kind once instead of once a letter.
  func filling(openPartsBy kinds: [CharacterClass]) -> RegularExpression {
    if kinds.isEmpty { return self }
    switch self {
    case .empty, .characters: return self
    case .sequence(let parts):
      return .sequence(parts.map { $0.filling(openPartsBy: kinds) })
    case .alternation(let branches):
      return .alternation(branches.map { $0.filling(openPartsBy: kinds) })
    case .repetition(.characters(.any), let minimum, let maximum):
      return .alternation(
        (kinds + [.any]).map {
          .repetition(.characters($0), minimum: minimum, maximum: maximum)
        })
    case .repetition(.characters(let members), let minimum, let maximum):
      // So it is with a class that allows marks besides: `[a-z0-9.]+` is shown by "john" and "bob22".
      let narrower = members.allowsMarks ? kinds.filter { $0 != members && members.isSuperset(of: $0) } : []
      if narrower.isEmpty { return self }
      return .alternation(
        (narrower + [members]).map {
          .repetition(.characters($0), minimum: minimum, maximum: maximum)
        })
    case .repetition(let body, let minimum, let maximum):
      return .repetition(
        body.filling(openPartsBy: kinds), minimum: minimum, maximum: maximum)
    }
  }
}

extension CharacterClass {
  private static let marks = punctuation.union(CharacterClass(of: " "))

  /// Whether the class holds some marks or the space, but not all that there is.
  fileprivate var allowsMarks: Bool { !isDisjoint(with: Self.marks) && !holdsAllBeyondASCII }
}
