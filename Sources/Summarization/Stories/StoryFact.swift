/// Something that happens in a generated story: who did what to whom or what, and where.
public struct StoryFact: Sendable, Hashable, Codable {
  /// The one who does it, by first name.
  public var subject: String
  /// The verb in the past tense.
  public var verb: String
  /// A person's name, or a thing with its article.
  public var target: String
  /// The place, without article.
  public var place: String

  /// A fact.
  public init(subject: String, verb: String, target: String, place: String) {
    (self.subject, self.verb, self.target, self.place) = (subject, verb, target, place)
  }

  /// The fact as summaries state it, such as `Mara stole the lantern at the mill.`.
  public var statement: String { "\(subject) \(verb) \(target) at the \(place)." }

  /// The worth of the fact by what it is: 4 for what changes a story, 2 for what matters in it, ½ for daily life.
  public var gravity: Double { StoryLexicon.gravity[verb] ?? 0 }

  /// The worth of the fact where it is mentioned so many times: each further mention, up to the fourth, adds half.
  public func weight(mentions: Int) -> Double { gravity * (1 + 0.5 * Double(min(4, max(1, mentions)) - 1)) }

  /// Reads a statement; nil of any other words.
  public init?(statement: some StringProtocol) {
    var words = String(statement).split(whereSeparator: \.isWhitespace).map(String.init)
    guard let last = words.popLast(), words.count >= 5 else { return nil }
    let place = last.hasSuffix(".") ? String(last.dropLast()) : last
    guard words.suffix(2) == ["at", "the"], words.count == 5 || (words.count == 6 && words[2] == "the") else {
      return nil
    }
    let target = words[2..<words.count - 2].joined(separator: " ")
    let fact = StoryFact(subject: words[0], verb: words[1], target: target, place: place)
    guard fact.isPossible else { return nil }
    self = fact
  }

  /// Whether its words are of this world, each in its place.
  var isPossible: Bool {
    StoryLexicon.people.contains(subject) && StoryLexicon.places.contains(place)
      && (StoryLexicon.deedsToPeople.contains(verb) && StoryLexicon.people.contains(target)
        || StoryLexicon.deedsToThings.contains(verb) && StoryLexicon.things.contains(target))
  }
}

/// The closed vocabulary of the stories.
enum StoryLexicon {
  static let people = [
    "Mara", "Tobin", "Elsa", "Corin", "Dora", "Piet", "Lisa", "Aldo", "Nina", "Omar", "Rosa", "Egon", "Hilda", "Jonas",
    "Vita", "Bruno", "Ada",
    "Felix", "Greta", "Silas", "Irma", "Kaspar", "Tilda", "Yorick",
  ]
  static let things = [
    "lantern", "ring", "crown", "map", "sword", "harp", "mirror", "chest", "letter", "clock", "boat", "bell", "cloak",
    "book", "horse", "key",
    "coin", "flute", "statue", "lamp", "wagon", "shield", "carpet", "goblet",
  ].map { "the " + $0 }
  static let places = [
    "mill", "harbour", "tower", "market", "bridge", "chapel", "forest", "inn", "quarry", "castle", "well", "stable",
    "garden", "school", "forge",
    "theatre",
  ]

  static let graveToThings = ["stole", "burned", "broke"]
  static let graveToPeople = ["betrayed", "wounded", "married"]
  static let notableToThings = ["found", "sold", "hid"]
  static let notableToPeople = ["hired", "warned", "freed"]
  static let minorToThings = ["washed", "painted", "admired"]
  static let minorToPeople = ["thanked", "greeted", "followed"]

  static let deedsToThings = Set(graveToThings + notableToThings + minorToThings)
  static let deedsToPeople = Set(graveToPeople + notableToPeople + minorToPeople)

  static let gravity: [String: Double] = {
    var made: [String: Double] = [:]
    for verb in graveToThings + graveToPeople { made[verb] = 4 }
    for verb in notableToThings + notableToPeople { made[verb] = 2 }
    for verb in minorToThings + minorToPeople { made[verb] = 0.5 }
    return made
  }()

  static let fillers = [
    "The wind turned in the evening.", "Nobody slept well that night.", "The bread was stale again.",
    "Two dogs barked in the lane.",
    "It rained until the lamps were lit.", "The roads were empty.", "Old songs were sung by the fire.",
    "The summer had been long and dry.",
    "A cart went by without stopping.", "There was frost on the windows.",
  ]
  static let doubts = ["dreamed that", "feared that", "falsely claimed that", "only pretended that"]
  static let recalls = ["Everyone still spoke of the day when", "Nobody forgot that", "It was remembered how"]
}
