/// Puts a post's facts into sentences, with asides and phrases that have nothing to do with them.
struct PostComposer {
  let facts: PostFacts
  var random: StableGenerator
  private(set) var asides: [FactKind: String] = [:]

  private let person: Lexicon.Person
  private let relation: String

  init(facts: PostFacts, random: StableGenerator) {
    self.facts = facts
    self.random = random
    person = Lexicon.person(named: facts.person)
    relation = self.random.pick(
      person.subject == "she" ? Lexicon.womenRelations : Lexicon.menRelations)
  }

  /// A message of three to six sentences: the three that carry the facts and up to three more.
  mutating func message() -> String {
    var sentences = random.chance(0.75) ? personFirst() : problemFirst()
    // Never between two of the three: "it" and "she" must mean the thing and the person.
    if random.chance(0.4) {
      sentences.insert(aside(), at: random.chance(0.5) ? 0 : sentences.count)
    }
    if random.chance(0.3) { sentences.insert(random.pick(Self.greetings), at: 0) }
    if random.chance(0.8) { sentences.append(closing()) }
    return sentences.joined(separator: " ")
  }

  private mutating func personFirst() -> [String] {
    let name = facts.person
    let thing = Lexicon.indefinite(facts.thing)
    let opening = random.pick([
      "My \(relation) \(name) bought \(thing) for \(facts.price) euros.",
      "My \(relation) \(name) has \(thing) that cost \(facts.price) euros.",
      "This is about \(name), my \(relation), and \(thing) for \(facts.price) euros.",
      "Last year \(name), my \(relation), paid \(facts.price) euros for \(thing).",
    ])
    let event = random.pick([
      "On \(facts.day) the \(facts.thing) \(facts.problem) at the \(facts.place).",
      "On \(facts.day) at the \(facts.place) it \(facts.problem).",
      "It \(facts.problem) at the \(facts.place) on \(facts.day).",
      "The \(facts.thing) \(facts.problem) on \(facts.day) at the \(facts.place).",
    ])
    return [opening, event, wish()]
  }

  private mutating func problemFirst() -> [String] {
    let thing = Lexicon.indefinite(facts.thing)
    let event = random.pick([
      "On \(facts.day) \(thing) \(facts.problem) at the \(facts.place).",
      "At the \(facts.place) \(thing) \(facts.problem) on \(facts.day).",
    ])
    let owner = random.pick([
      "It belongs to my \(relation) \(facts.person), who paid \(facts.price) euros for it.",
      "\(facts.person), my \(relation), got it for \(facts.price) euros.",
    ])
    return [event, owner, wish()]
  }

  private mutating func wish() -> String {
    let subject = person.subject.prefix(1).uppercased() + person.subject.dropFirst()
    return random.pick([
      "Now \(person.subject) wants \(facts.request).",
      "\(subject) really needs \(facts.request).",
      "So \(facts.person) asks for \(facts.request).",
      "\(facts.person) hopes for \(facts.request).",
    ])
  }

  /// Mostly a call for witnesses, which says again where, when and who.
  private mutating func closing() -> String {
    switch random.below(4) {
    case 0: random.pick(Self.farewells)
    case 1: "If you were at the \(facts.place) on \(facts.day), please tell \(facts.person)."
    case 2: "\(facts.person) thanks everyone who was at the \(facts.place) on \(facts.day)."
    default: "Whoever saw the \(facts.thing) at the \(facts.place) may tell \(facts.person)."
    }
  }

  /// A sentence about someone else, somewhere else, on another day.
  private mutating func aside() -> String {
    let name = other(.person)
    switch random.below(5) {
    case 0: return "My cousin \(name) was at the \(other(.place)) on \(other(.day))."
    case 1: return "By the way, \(name) says hello from the \(other(.place))."
    case 2: return "\(name) once had \(Lexicon.indefinite(other(.thing))) too."
    case 3: return "On \(other(.day)) we met \(name) at the \(other(.place))."
    default: return "I heard of it from \(name) on \(other(.day))."
    }
  }

  private mutating func other(_ kind: FactKind) -> String {
    let value = random.pick(Lexicon.values(kind)) { $0 != facts[kind] } ?? facts[kind]
    asides[kind] = value
    return value
  }

  static let greetings = [
    "Hello everyone.", "First time posting here.", "This has been a strange week.",
    "I write this late at night.",
  ]
  static let farewells = [
    "Sorry for the long post.", "Thanks for reading.", "Any ideas are welcome.",
    "We all felt sorry.", "I could hardly believe it.",
  ]
}
