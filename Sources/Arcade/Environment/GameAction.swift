/// The fifteen actions: nine moves of two axes and six buttons.
public enum GameAction: Int, Sendable, CaseIterable {
  /// A move.
  case leftDown, left, leftUp, down, none, up, rightDown, right, rightUp
  /// A button; the player stands still.
  case buttonD, buttonA, buttonW, buttonS, buttonQ, buttonE

  /// The number of actions.
  public static let count = 15

  /// Refuses a number that is no action.
  static func check(_ number: Int32, environment: Int) throws(ArcadeError) {
    guard (0..<Int32(count)).contains(number) else {
      throw ArcadeError(
        "There is no action \(number), which environment \(environment) was given; actions are 0 to \(count - 1).")
    }
  }

  /// The keys that stand for it, as in the benchmark.
  public var keys: [String] {
    switch self {
    case .leftDown: ["LEFT", "DOWN"]
    case .left: ["LEFT"]
    case .leftUp: ["LEFT", "UP"]
    case .down: ["DOWN"]
    case .none: []
    case .up: ["UP"]
    case .rightDown: ["RIGHT", "DOWN"]
    case .right: ["RIGHT"]
    case .rightUp: ["RIGHT", "UP"]
    case .buttonD: ["D"]
    case .buttonA: ["A"]
    case .buttonW: ["W"]
    case .buttonS: ["S"]
    case .buttonQ: ["Q"]
    case .buttonE: ["E"]
    }
  }

  /// The action of the keys that are held: of those whose keys all are, the one of the most keys.
  public init(held keys: Set<String>) {
    self = Self.allCases.filter { keys.isSuperset(of: $0.keys) }.max { $0.keys.count < $1.keys.count } ?? .none
  }
}
