/// The gold judge's verdict on one summary.
public struct GoldScore: Sendable, Codable, Hashable {
  /// The share of the post's key facts that the summary states, by weight, in 0...1.
  public var coverage: Double
  /// `0.5 ^ u` for `u` claims that the post doesn't support, in 0...1.
  public var faithfulness: Double
  /// 1 up to 18 words, falling in a straight line to 0 at 42, in 0...1.
  public var brevity: Double
  /// `coverage × faithfulness × brevity`, in 0...1.
  public var total: Double { coverage * faithfulness * brevity }

  /// Makes a verdict of its three parts.
  public init(coverage: Double, faithfulness: Double, brevity: Double) {
    self.coverage = coverage
    self.faithfulness = faithfulness
    self.brevity = brevity
  }

  enum CodingKeys: String, CodingKey {
    case coverage, faithfulness, brevity, total
  }

  /// Reads a verdict; the total follows from the parts and isn't read.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    coverage = try container.decode(Double.self, forKey: .coverage)
    faithfulness = try container.decode(Double.self, forKey: .faithfulness)
    brevity = try container.decode(Double.self, forKey: .brevity)
  }

  /// Writes the three parts and, for people who read the file, the total.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(coverage, forKey: .coverage)
    try container.encode(faithfulness, forKey: .faithfulness)
    try container.encode(brevity, forKey: .brevity)
    try container.encode(total, forKey: .total)
  }
}
