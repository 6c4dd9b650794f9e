/// The fifteen actions: nine moves of two axes and six buttons.
public enum GameAction: Int, Sendable, CaseIterable {
  /// A move.
  case leftDown, left, leftUp, down, none, up, rightDown, right, rightUp
  /// A button; the player stands still.
  case buttonD, buttonA, buttonW, buttonS, buttonQ, buttonE

  /// The number of actions.
  public static let count = 15

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
}
