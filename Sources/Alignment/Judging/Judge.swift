/// Something that says how good completions are: the middle of "sample, judge, keep".
///
/// Best-of-n, rejection sampling, PPO, GRPO and win rates take any judge: a reward model (``RewardJudge``), a verifier of
/// answers (``AnswerVerifier``), a form that texts must have (``FormatJudge``), several together (``CombinedJudge``), the
/// other samples (``MajorityVote``) or a closure (``ClosureJudge``).
///
/// ```swift
/// let right = AnswerVerifier(answers: [.init("72")], finder: try AnswerPattern("#### (.*)"))
/// let judge = CombinedJudge([right, FormatJudge(form)], rule: .product)
/// let best = try BestOfN(16, judge: judge).ranked(pools).map(\.best)
/// ```
public protocol Judge {
  /// Its name in records.
  var name: String { get }
  /// Which state of it judged, such as a checkpoint's step; nil where it has one state only.
  var version: String? { get }
  /// The scores of a batch in its order, higher for better.
  func scores(of candidates: [Candidate]) throws -> [Double]
}

extension Judge {
  /// One state only.
  public var version: String? { nil }

  /// The judge's name and version, for a run's record.
  public var identity: JudgeIdentity { JudgeIdentity(name: name, version: version) }

  /// The scores of several pools of candidates, judged as one batch.
  public func scores(of pools: [[Candidate]]) throws -> [[Double]] {
    var all = try scores(of: pools.flatMap { $0 })[...]
    return pools.map { pool in
      defer { all = all.dropFirst(pool.count) }
      return Array(all.prefix(pool.count))
    }
  }
}

/// A judge's name and version, as runs and reports note them.
public struct JudgeIdentity: Sendable, Codable, Hashable {
  /// The judge's name.
  public var name: String
  /// Which state of it.
  public var version: String?

  /// A judge of a name.
  public init(name: String, version: String? = nil) {
    self.name = name
    self.version = version
  }
}

/// A judge made of a closure.
public struct ClosureJudge: Judge {
  /// Its name in records.
  public let name: String
  /// Which state of it.
  public let version: String?
  private let body: ([Candidate]) throws -> [Double]

  /// A judge that scores a batch with `body`.
  public init(_ name: String, version: String? = nil, _ body: @escaping ([Candidate]) throws -> [Double]) {
    self.name = name
    self.version = version
    self.body = body
  }

  /// A judge that scores each candidate by itself.
  public init(_ name: String, version: String? = nil, each body: @escaping (Candidate) throws -> Double) {
    self.init(name, version: version) { try $0.map(body) }
  }

  /// The closure's scores.
  public func scores(of candidates: [Candidate]) throws -> [Double] { try body(candidates) }
}
