/// The kinds of fact that a post states and a summary should keep.
public enum FactKind: String, Sendable, Codable, CaseIterable, Comparable {
  /// Who the post is about: a first name.
  case person
  /// What it is about: the person's belonging or animal.
  case thing
  /// What went wrong with the thing.
  case problem
  /// Where it went wrong.
  case place
  /// The day on which it went wrong.
  case day
  /// What the person wants now.
  case request

  /// How much a summary gains by stating this fact: 2 for the problem, 1 for each other fact.
  public var weight: Double { self == .problem ? 2 : 1 }

  /// Facts come in the order in which a report lists them, the person first.
  public static func < (first: FactKind, second: FactKind) -> Bool {
    first.order < second.order
  }

  private var order: Int {
    switch self {
    case .person: 0
    case .thing: 1
    case .problem: 2
    case .place: 3
    case .day: 4
    case .request: 5
    }
  }
}
