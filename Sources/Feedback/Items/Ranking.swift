/// Somebody ordered several responses to one prompt from best to worst, ties allowed.
public struct Ranking: Sendable, Codable, Equatable, Identifiable {
  /// Unique in a store.
  public var id: String
  /// The prompt of all responses.
  public var prompt: Prompt
  /// The responses, in any order.
  public let responses: [Response]
  /// For each response its rank, the best lowest; equal ranks are ties.
  public let ranks: [Int]
  /// The indices of the responses in the order in which the labeller saw them, where known.
  public let shownOrder: [Int]?
  /// The labeller, the date and the time taken.
  public var provenance: Provenance

  /// Records a ranking of two or more responses, each with its rank.
  public init(
    id: String = newIdentifier(), prompt: Prompt, responses: [Response], ranks: [Int],
    shownOrder: [Int]? = nil, provenance: Provenance
  ) {
    let problem = Self.problem(responses, ranks, shownOrder)
    precondition(problem == nil, problem ?? "")
    self.id = id
    self.prompt = prompt
    self.responses = responses
    self.ranks = ranks
    self.shownOrder = shownOrder
    self.provenance = provenance
  }

  /// Reads a ranking and checks that its parts fit each other.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(String.self, forKey: .id)
    prompt = try container.decode(Prompt.self, forKey: .prompt)
    responses = try container.decode([Response].self, forKey: .responses)
    ranks = try container.decode([Int].self, forKey: .ranks)
    shownOrder = try container.decodeIfPresent([Int].self, forKey: .shownOrder)
    provenance = try container.decode(Provenance.self, forKey: .provenance)
    if let problem = Self.problem(responses, ranks, shownOrder) {
      throw DecodingError.dataCorruptedError(
        forKey: .ranks, in: container, debugDescription: problem)
    }
  }

  /// The reason why these parts are no ranking; nil where they are one.
  static func problem(_ responses: [Response], _ ranks: [Int], _ order: [Int]?) -> String? {
    if responses.count < 2 { return "a ranking needs at least two responses" }
    if ranks.count != responses.count {
      return "there are \(responses.count) responses and \(ranks.count) ranks"
    }
    if let order, order.sorted() != Array(responses.indices) {
      return "the order shown does not name each response once"
    }
    return nil
  }

  /// All pairs of the ranking as comparisons, ties among them marked as such.
  ///
  /// K responses give K(K − 1)/2 of them. Identifiers are the ranking's with the pair's positions.
  public var comparisons: [Comparison] {
    let place = shownOrder.map { order in
      Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    }
    return responses.indices.flatMap { i in
      responses.indices.dropFirst(i + 1).map { j in
        var shownFirst: Comparison.Side?
        if let a = place?[i], let b = place?[j] { shownFirst = a < b ? .first : .second }
        return Comparison(
          id: "\(id)/\(i)-\(j)", prompt: prompt, first: responses[i], second: responses[j],
          preferred: ranks[i] == ranks[j] ? nil : (ranks[i] < ranks[j] ? .first : .second),
          shownFirst: shownFirst, provenance: provenance)
      }
    }
  }
}
