/// The facts of a post: one value for each kind, and the price as a detail.
public struct PostFacts: Sendable, Codable, Hashable {
  /// The first name of the person concerned.
  public var person: String
  /// The thing, without article.
  public var thing: String
  /// The thing's mishap, as a phrase in the past tense.
  public var problem: String
  /// The place, without article.
  public var place: String
  /// The weekday.
  public var day: String
  /// The person's wish, with its article.
  public var request: String
  /// The price of the thing in euros: true, but of no use in a short summary.
  public var price: Int

  /// Makes the facts of a post.
  public init(
    person: String, thing: String, problem: String, place: String, day: String, request: String,
    price: Int
  ) {
    self.person = person
    self.thing = thing
    self.problem = problem
    self.place = place
    self.day = day
    self.request = request
    self.price = price
  }

  /// The value of one kind of fact.
  public subscript(kind: FactKind) -> String {
    get {
      switch kind {
      case .person: person
      case .thing: thing
      case .problem: problem
      case .place: place
      case .day: day
      case .request: request
      }
    }
    set {
      switch kind {
      case .person: person = newValue
      case .thing: thing = newValue
      case .problem: problem = newValue
      case .place: place = newValue
      case .day: day = newValue
      case .request: request = newValue
      }
    }
  }

  /// Whether posts with these facts are kept for evaluation: one combination in eight.
  ///
  /// Decided by the six key facts alone (FNV-1a over their text, mixed), whatever the world's seed
  /// and the post's index, so that no training post of any world states what a held-out post does.
  var isHeldOut: Bool {
    let text = FactKind.allCases.map { self[$0] }.joined(separator: "|")
    let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return StableGenerator.mixed(hash) % 8 == 0
  }
}
