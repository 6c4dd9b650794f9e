public import LanguageModels

/// Best-of-n: draw n completions, have a judge score them, rank them, keep the best.
///
/// ```swift
/// let chooser = BestOfN(16, judge: RewardJudge(reward, endOfText: tokenizer.eos))
/// let pools = try chooser.draw(prompts, engine: engine, parameters: parameters)
/// let answers = pools.compactMap(\.best?.text)
/// ```
public struct BestOfN {
  /// The number of completions to choose from.
  public let n: Int
  /// The judge that chooses.
  public let judge: any Judge

  /// A choice among n by a judge.
  public init(_ n: Int, judge: any Judge) {
    precondition(n > 0, "there is nothing to choose from")
    self.n = n
    self.judge = judge
  }

  /// Draws n completions of each prompt and ranks them.
  public func draw(
    _ prompts: [[Int]], engine: GenerationEngine, parameters: SamplingParameters
  ) throws -> [JudgedPool] {
    try ranked(engine.candidates(of: prompts, samples: n, parameters: parameters))
  }

  /// Ranks what was drawn already: the first n of each pool.
  public func ranked(_ pools: [[Candidate]]) throws -> [JudgedPool] {
    let pools = pools.map { Array($0.prefix(n)) }
    return zip(pools, try judge.scores(of: pools)).map { JudgedPool($0, scores: $1) }
  }
}
