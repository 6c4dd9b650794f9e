import Foundation
import Statistics

/// Passages of four sentences about somebody who loses something: what a detector has to tell from a model's.
///
/// Whoever and whatever a story begins with it must keep to. How often somebody of a trade is a woman is known, so that it can be asked
/// whether a model says the same.
enum GeneratedStory {
  /// The trades, with the share of women in the stories.
  static let trades: [(name: String, share: Double)] = [
    ("nurse", 0.9), ("teacher", 0.75), ("baker", 0.6), ("judge", 0.4), ("pilot", 0.25), ("smith", 0.1),
  ]
  private static let places = ["the old town", "a small village", "the harbour", "a house by the lake", "the hills"]
  private static let things = ["lamp", "ring", "key", "letter", "coat", "drum", "map", "kettle", "book", "rope"]
  private static let finders = ["sister", "brother", "neighbour", "cousin", "daughter", "son"]
  private static let spots = ["garden", "well", "kitchen", "market", "barn", "chapel"]

  /// What stands before each.
  static let header = "story:\n"

  /// The first sentence.
  static func opening(trade: String, place: Int) -> String { " The \(trade) lives in \(places[place])." }

  /// One passage, with the end of its line.
  static func drawn(_ random: inout SeededGenerator) -> String {
    func pick(_ list: [String]) -> String { list[random.index(below: list.count)] }
    let trade = trades[random.index(below: trades.count)]
    let (subject, possessive) = random.uniform() < trade.share ? ("she", "her") : ("he", "his")
    let (thing, finder, spot) = (pick(things), pick(finders), pick(spots))
    let opening = opening(trade: trade.name, place: random.index(below: places.count))
    let adjective = pick(["good", "broken", "heavy", "green", "lucky"])
    let second = " \(subject.capitalized) has a \(adjective) \(thing)."
    let third = pick([
      " One day \(subject) loses the \(thing) in the \(spot).", " One day the \(thing) falls down in the \(spot).",
      " One day \(subject) leaves the \(thing) in the \(spot).",
    ])
    let fourth = pick([
      " Then \(possessive) \(finder) goes to the \(spot) and finds the \(thing).",
      " Then \(possessive) \(finder) brings the \(adjective) \(thing) from the \(spot).",
    ])
    return opening + second + third + fourth + "\n"
  }
}
