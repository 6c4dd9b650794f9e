import Documents

/// One submission's training and rollout in one game and track, once.
public struct CompetitionJob: Sendable, Hashable {
  /// The submission's name.
  public var submission: String
  /// What its files are.
  public var digest: String
  /// The track's name.
  public var track: String
  /// The game's name.
  public var game: String
  /// Which of the repetitions.
  public var repetition: Int

  /// Its name, from which its files have theirs.
  public var name: String { "\(track)/\(game)/\(submission)-\(digest.prefix(12))-\(repetition)" }
}

/// What came of a job.
public struct JobResult: Sendable, Codable, Equatable {
  /// Whether there is a score.
  public enum Status: String, Sendable, Codable {
    /// It was trained and rolled out.
    case scored
    /// It didn't come to its end, or broke the rules; it gets the game's least score.
    case failed
  }

  /// The submission's name.
  public var submission: String
  /// What its files are.
  public var digest: String
  /// The track's name.
  public var track: String
  /// The game's name.
  public var game: String
  /// Which of the repetitions.
  public var repetition: Int
  /// Whether there is a score.
  public var status: Status
  /// What it did, where there is none.
  public var reason: String?
  /// The return of each scored episode.
  public var returns: [Double]
  /// The steps of each scored episode.
  public var lengths: [Int]
  /// Steps of all environments in training.
  public var trainingSteps: Int
  /// Wall time of training.
  public var trainingSeconds: Double
  /// Wall time of the rollout.
  public var rolloutSeconds: Double
  /// Returns in the course of training.
  public var curve: [CurvePoint]

  enum CodingKeys: String, CodingKey {
    case submission, digest, track, game, repetition, status, reason, returns, lengths, curve
    case trainingSteps = "training_steps"
    case trainingSeconds = "training_seconds"
    case rolloutSeconds = "rollout_seconds"
  }

  /// A result of a job that has none yet.
  public init(_ job: CompetitionJob, failed reason: String? = nil) {
    (submission, digest, track, game) = (job.submission, job.digest, job.track, job.game)
    repetition = job.repetition
    status = reason == nil ? .scored : .failed
    self.reason = reason
    (returns, lengths, curve) = ([], [], [])
    (trainingSteps, trainingSeconds, rolloutSeconds) = (0, 0, 0)
  }
}
