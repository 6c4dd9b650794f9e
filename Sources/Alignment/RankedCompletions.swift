/// Completions of one prompt with what a labeller said about pairs of them, as tokens.
public struct RankedCompletions: Sendable, Equatable {
  /// One judgement: how probable it is that `first` is the better one.
  public struct Pair: Sendable, Equatable {
    /// A completion's place in the list.
    public var first: Int
    /// The other's.
    public var second: Int
    /// 1 if the first was preferred, ½ for a tie.
    public var probability: Double
    /// A judgement.
    public init(_ first: Int, over second: Int, probability: Double = 1) {
      self.first = first
      self.second = second
      self.probability = probability
    }
  }

  /// The prompt.
  public var prompt: [Int]
  /// The completions, each ended by the end-of-text token at which it is scored.
  public var completions: [[Int]]
  /// Whether each completion's tokens are the policy's own, which another side's turns in between are not; nil where all are.
  public var isSpoken: [[Bool]]?
  /// The comparisons.
  public var pairs: [Pair]

  /// Judged completions.
  public init(prompt: [Int], completions: [[Int]], isSpoken: [[Bool]]? = nil, pairs: [Pair]) {
    self.prompt = prompt
    self.completions = completions
    self.isSpoken = isSpoken
    self.pairs = pairs
  }

  /// All pairs of a ranking of K, equal ranks as ties with soft label ½.
  ///
  /// - Parameter ranks: each completion's rank, 1 the best.
  public init(prompt: [Int], completions: [[Int]], ranks: [Int]) {
    var pairs: [Pair] = []
    for i in completions.indices {
      for j in completions.indices where j > i {
        if ranks[i] == ranks[j] {
          pairs.append(Pair(i, over: j, probability: 0.5))
        } else {
          pairs.append(ranks[i] < ranks[j] ? Pair(i, over: j) : Pair(j, over: i))
        }
      }
    }
    self.init(prompt: prompt, completions: completions, pairs: pairs)
  }

  /// Tokens in all; the prompt, which the completions share, counts once.
  var tokenCount: Int { completions.reduce(prompt.count) { $0 + $1.count } }
}
