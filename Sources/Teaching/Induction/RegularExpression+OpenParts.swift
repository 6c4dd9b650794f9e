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
    case .repetition(let body, let minimum, let maximum):
      return .repetition(
        body.filling(openPartsBy: kinds), minimum: minimum, maximum: maximum)
    }
  }
}
