/// The closed vocabulary of facts from which posts are made and by which summaries are judged.
///
/// No value's words occur inside another value or in the templates' own words, so that a value found
/// in a text can only mean its fact.
enum Lexicon {
  struct Person: Sendable {
    var name: String
    var subject: String
    var possessive: String
  }

  static let women = [
    "Anna", "Clara", "Emma", "Greta", "Ines", "Julia", "Kate", "Lena", "Maria", "Olga", "Rita",
    "Vera",
  ]
  static let men = [
    "Adam", "Ben", "David", "Felix", "Hugo", "Ivan", "Karim", "Leo", "Noah", "Peter", "Simon",
    "Tom",
  ]
  static let people =
    women.map { Person(name: $0, subject: "she", possessive: "her") }
    + men.map { Person(name: $0, subject: "he", possessive: "his") }
  static let womenRelations = ["sister", "aunt", "daughter", "friend", "neighbour", "boss"]
  static let menRelations = ["brother", "uncle", "son", "friend", "neighbour", "boss"]

  struct Group: Sendable {
    var things: [String]
    var problems: [String]
  }

  static let groups = [
    Group(
      things: ["bike", "van", "scooter", "car"],
      problems: ["broke down", "lost a wheel", "got a flat tyre", "was stolen"]),
    Group(
      things: ["phone", "laptop", "camera", "radio"],
      problems: ["fell in the water", "stopped working", "got a cracked screen", "was stolen"]),
    Group(
      things: ["dog", "cat", "parrot", "rabbit"],
      problems: ["ran away", "got sick", "bit a guest", "ate a sock"]),
    Group(
      things: ["oven", "kettle", "toaster", "fridge"],
      problems: ["caught fire", "leaked oil", "stopped working", "smelled of smoke"]),
    Group(
      things: ["guitar", "piano", "violin", "drum"],
      problems: ["went out of tune", "was scratched", "cracked open", "was stolen"]),
    Group(
      things: ["tent", "kite", "boat", "umbrella"],
      problems: ["fell over", "blew away", "was torn apart", "was left behind"]),
  ]
  static let things = groups.flatMap(\.things)
  static let problems = groups.flatMap(\.problems).reduce(into: [String]()) { seen, problem in
    if !seen.contains(problem) { seen.append(problem) }
  }
  static let places = [
    "harbour", "market", "station", "library", "school", "museum", "beach", "bridge", "church",
    "airport", "hotel", "bakery", "farm", "castle", "park", "zoo",
  ]
  static let days = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  static let requests = [
    "a refund", "a repair", "advice", "an apology", "spare parts", "a witness", "a lawyer",
    "a discount",
  ]
  static let prices = Array(stride(from: 15, through: 95, by: 5))

  static func person(named name: String) -> Person {
    people.first { $0.name == name } ?? Person(name: name, subject: "they", possessive: "their")
  }

  static func values(_ kind: FactKind) -> [String] {
    switch kind {
    case .person: people.map(\.name)
    case .thing: things
    case .problem: problems
    case .place: places
    case .day: days
    case .request: requests
    }
  }

  /// The article and noun: "a bike", "an oven".
  static func indefinite(_ noun: String) -> String {
    guard let first = noun.first, "aeiou".contains(first) else { return "a " + noun }
    return "an " + noun
  }
}
