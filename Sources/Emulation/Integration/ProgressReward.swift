import Documents

/// The reward of the Retro Contest (Nichol 2018, arXiv:1804.03720, section 3.4): 9,000 for the whole way to a level's end, and up to
/// 1,000 for being there early.
///
/// Progress is the share of the way from the start to the end along x, and the reward of a step is 9,000 times its change, so that
/// going back costs what going on brought. Arriving brings 1,000·(1 − frames/18,000) more.
public struct ProgressReward: Sendable, Equatable {
  /// The reward of the whole way.
  public static let way = 9_000.0
  /// The reward for arriving at once.
  public static let haste = 1_000.0
  /// The frames after which arriving brings no more: five minutes.
  public static let frames = 18_000

  /// The variable of the place along the way.
  public var variable: String
  /// The variables whose values, joined by commas, name the level.
  public var level: [String]
  /// The end of each level's way; the one under an empty name is every level's.
  public var ends: [String: Double]

  /// Progress by hand.
  public init(variable: String, level: [String] = [], ends: [String: Double]) {
    (self.variable, self.level, self.ends) = (variable, level, ends)
  }

  init(_ fields: StructuredFields) throws {
    try fields.allowOnly("variable", "level", "ends")
    variable = try fields.string("variable")
    level = fields["level"]?.array?.compactMap(\.string) ?? []
    ends = [:]
    if let end = fields["ends"]?.double {
      ends[""] = end
    } else {
      let table = try fields.fields("ends")
      for name in table.members.keys { ends[name] = try table.number(name, in: 1...1e9) }
    }
  }

  /// One episode's progress.
  public struct Course: Sendable, Equatable {
    private let start: Double
    private let end: Double
    /// The share of the way that is done.
    public private(set) var share = 0.0
    /// Whether the end is reached.
    public private(set) var hasArrived = false

    /// A course from a place to an end.
    public init(start: Double, end: Double) { (self.start, self.end) = (start, end) }

    /// The reward of having come to a place after so many frames.
    public mutating func reward(at place: Double, frames: Int) -> Double {
      let way = max(end - start, 1)
      let now = min(max((place - start) / way, 0), 1)
      var reward = ProgressReward.way * (now - share)
      share = now
      if now >= 1, !hasArrived {
        hasArrived = true
        reward += ProgressReward.haste * (1 - min(1, Double(frames) / Double(ProgressReward.frames)))
      }
      return reward
    }
  }
}
