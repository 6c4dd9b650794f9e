/// The kinds of fact that a post states and a summary should keep.
public enum FactKind: String, Sendable, Codable, CaseIterable, Comparable {
  /// The person of the post: a first name.
  case person
  /// The person's belonging or animal that the post is about.
  case thing
  /// The thing's mishap.
  case problem
  /// The place of the mishap.
  case place
  /// The day on which it went wrong.
  case day
  /// The person's wish.
  case request

  /// The gain of a summary by stating this fact: 2 for the problem, 1 for each other fact.
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
