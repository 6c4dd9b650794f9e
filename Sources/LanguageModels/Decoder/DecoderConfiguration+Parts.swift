// The parts that only some families have.
extension DecoderConfiguration {
  /// A mixture of experts (Shazeer 2017, Fedus 2021): a layer has several feed-forward parts, and each token takes the few that a
  /// router scores best.
  public struct Experts: Sendable, Equatable, Codable {
    /// The way in which the router's logits become scores.
    public enum Scoring: String, Sendable, Codable {
      case softmax
      /// Each by itself (DeepSeek V3).
      case sigmoid
    }
    /// The way in which groups of experts are scored, of which only the best are chosen from.
    public enum GroupScoring: String, Sendable, Codable {
      /// By the best expert (DeepSeek V2).
      case best
      /// By the two best together (DeepSeek V3).
      case twoBest
    }

    /// Experts in a layer.
    public var count: Int
    /// Experts for each token.
    public var perToken: Int
    /// Features inside each expert.
    public var width: Int
    /// Features inside the part that every token takes besides; 0 for none.
    public var sharedWidth = 0
    /// Whether that part is weighed by a gate of its own (Qwen2).
    public var gatesShared = false
    /// The way in which logits become scores.
    public var scoring = Scoring.softmax
    /// Whether the chosen scores are made to sum to one.
    public var normalizes = true
    /// Multiplies the scores, normalised or not.
    public var scale = 1.0
    /// Groups of experts; 1 for none.
    public var groups = 1
    /// Groups that may be chosen from.
    public var chosenGroups = 1
    /// How groups are scored.
    public var groupScoring = GroupScoring.best
    /// Whether a learnt number is added to each expert's score for the choice alone (Wang 2024).
    public var correctsScores = false
    /// Bias on the router.
    public var routerBias = false
    /// The layers with one feed-forward part all the same.
    public var denseLayers: Set<Int> = []

    /// Experts of a width, of which each token takes some.
    public init(count: Int, perToken: Int, width: Int) {
      (self.count, self.perToken, self.width) = (count, perToken, width)
    }
  }

  /// Keys and values that are made of one short vector a token, which is all that a cache keeps (DeepSeek V2).
  public struct LatentAttention: Sendable, Equatable, Codable {
    /// Features of the vector that queries are made of; nil where they are made of the token itself.
    public var queryRank: Int?
    /// Features of the vector that keys and values are made of.
    public var rank: Int
    /// Features of a head's query and key that don't know their position.
    public var plainWidth: Int
    /// Features that are turned by position, the same key for all heads.
    public var turnedWidth: Int
    /// Features of a head's value.
    public var valueWidth: Int
    /// Whether turned features lie in pairs rather than in halves.
    public var isInterleaved = true

    /// A latent vector of this rank, and heads of these widths.
    public init(queryRank: Int?, rank: Int, plainWidth: Int, turnedWidth: Int, valueWidth: Int) {
      self.queryRank = queryRank
      (self.rank, self.plainWidth, self.turnedWidth, self.valueWidth) = (rank, plainWidth, turnedWidth, valueWidth)
    }

    /// The parameters of a layer's attention, as ``MultiHeadLatentAttention`` lists them.
    func shapes(_ c: DecoderConfiguration) -> [(name: String, shape: [Int])] {
      let queries = c.heads * (plainWidth + turnedWidth)
      var found: [(String, [Int])] = []
      func linear(_ name: String, _ rows: Int, _ columns: Int, bias: Bool = false) {
        found.append(("\(name).weight", [rows, columns]))
        if bias { found.append(("\(name).bias", [rows])) }
      }
      if let queryRank {
        linear("q_a_proj", queryRank, c.width, bias: c.attentionBias)
        found.append(("q_a_layernorm.weight", [queryRank]))
        linear("q_b_proj", queries, queryRank)
      } else {
        linear("q_proj", queries, c.width)
      }
      linear("kv_a_proj_with_mqa", rank + turnedWidth, c.width, bias: c.attentionBias)
      found.append(("kv_a_layernorm.weight", [rank]))
      linear("kv_b_proj", c.heads * (plainWidth + valueWidth), rank)
      linear("o_proj", c.width, c.heads * valueWidth, bias: c.outputBias)
      return found
    }
  }

  /// The gate x·σ(αx)·(y + 1), with x cut at c from above and y at −c and c.
  public struct ClampedGate: Sendable, Equatable, Codable {
    /// α.
    public var alpha: Double
    /// c.
    public var limit: Double

    /// A gate of these numbers.
    public init(alpha: Double, limit: Double) { (self.alpha, self.limit) = (alpha, limit) }
  }

  /// The experts of a layer; nil where it has one feed-forward part.
  func experts(ofLayer layer: Int) -> Experts? {
    experts.flatMap { $0.denseLayers.contains(layer) ? nil : $0 }
  }
}
