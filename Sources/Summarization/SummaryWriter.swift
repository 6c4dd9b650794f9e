/// Puts some facts into a one-line summary.
struct SummaryWriter {
  /// The facts to state; what a kind's value is need not be what the post says.
  var facts: PostFacts
  /// The kinds to leave out.
  var omitted: Set<FactKind> = []

  /// A summary in one of a few wordings.
  func summary(_ random: inout StableGenerator) -> String {
    let stated = Set(FactKind.allCases).subtracting(omitted)
    let person = Lexicon.person(named: facts.person)
    let owner = stated.contains(.person) ? facts.person + "'s" : "the"
    let item = stated.contains(.thing) ? facts.thing : "thing"
    let event = stated.contains(.problem) ? facts.problem : "had a problem"
    let place = stated.contains(.place) ? " at the \(facts.place)" : ""
    let day = stated.contains(.day) ? " on \(facts.day)" : ""
    let form = random.below(4)
    if form == 0 && stated.contains(.day) {
      let wish = stated.contains(.request) ? ", and \(person.subject) wants \(facts.request)" : ""
      return "On \(facts.day) \(owner) \(item) \(event)\(place)\(wish)."
    }
    if form == 1 && stated.contains(.request) && stated.contains(.person) {
      return "\(facts.person) wants \(facts.request): \(person.possessive) \(item) \(event)\(place)"
        + "\(day)."
    }
    let wish = stated.contains(.request) ? "; \(person.subject) wants \(facts.request)" : ""
    let sentence = "\(owner) \(item) \(event)\(place)\(day)\(wish)."
    return sentence.prefix(1).uppercased() + sentence.dropFirst()
  }
}
