import Foundation

/// The messages of the protocol, version 1.
///
/// A message is eight bytes, its kind and the length of what follows (both unsigned, 32 bits, the lowest byte first), and that
/// many bytes. The submission reads from descriptor 4 and writes to descriptor 3; every message of its own is answered by one.
enum Message {
  /// From the evaluator, before all others: the terms, as JSON.
  static let hello: UInt32 = 1
  /// From the evaluator: what a step or a reset brought.
  static let result: UInt32 = 2
  /// From the evaluator: it is over, as JSON with a reason.
  static let bye: UInt32 = 3
  /// From the submission, to the terms, as JSON with its version; answered by the first observations, as a result.
  static let ready: UInt32 = 16
  /// From the submission: an action (a byte) for each environment.
  static let step: UInt32 = 17
  /// From the submission: training is over, now or at the latest when a result said so; answered by a result.
  static let rollout: UInt32 = 18
  /// From the submission: new episodes in all environments, which only the beginning of a phase has: always an early reset.
  static let reset: UInt32 = 19

  /// The bytes before the body.
  static let headerSize = 8
  /// The longest body that a submission may send.
  static let longest = 1 << 16

  static func header(_ kind: UInt32, _ length: Int) -> [UInt8] { bytes(of: kind) + bytes(of: UInt32(length)) }

  static func bytes(of word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }

  static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.prefix(4).enumerated().reduce(0) { $0 | UInt32($1.element) << (8 * UInt32($1.offset)) }
  }
}

/// The body of a result: flags, steps left, rewards, ends, observations.
///
/// | bytes | content |
/// |---|---|
/// | 4 | flags: 1, the phase is over |
/// | 4 | training steps that are left, of all environments; 0 in the rollout |
/// | 4·n | rewards as 32-bit floats; 0 in the rollout, where scores are the evaluator's |
/// | n | ends: 1 by the game's rules, 2 by the time limit, 0 none |
/// | 12288·n | observations, where they aren't in shared memory |
enum ResultLayout {
  static let isOver: UInt32 = 1
  static func size(_ environments: Int) -> Int { 8 + 5 * environments }
}

/// The terms that a submission is told.
public struct CompetitionTerms: Sendable, Codable, Equatable {
  /// The version of the protocol.
  public var version: Int
  /// The environments that take their steps together.
  public var environments: Int
  /// Height, width and channels of an observation.
  public var observation: [Int]
  /// The number of actions.
  public var actions: Int
  /// Training steps of all environments together.
  public var trainingSteps: Int
  /// Wall time of training.
  public var trainingSeconds: Double
  /// Episodes that are scored.
  public var rolloutEpisodes: Int
  /// Wall time of those.
  public var rolloutSeconds: Double
  /// `inline` or `shared`.
  public var observations: String
  /// A number for whatever the submission draws.
  public var seed: UInt64

  enum CodingKeys: String, CodingKey {
    case version = "protocol"
    case environments, observation, actions, observations, seed
    case trainingSteps = "training_steps"
    case trainingSeconds = "training_seconds"
    case rolloutEpisodes = "rollout_episodes"
    case rolloutSeconds = "rollout_seconds"
  }
}
