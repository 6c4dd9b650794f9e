import Browsing
import Documents
import Foundation
import LanguageModels
import Pages
import Testing

/// Writes what it is told.
private struct Script: BrowsingModel {
  final class Place { var next = 0 }
  var actions: [String]
  var answer: String
  let place = Place()
  func action(_ observation: String, choices: BrowsingChoices) -> String {
    defer { place.next += 1 }
    return actions[place.next]
  }
  func answer(_ question: String, quotes: [BrowsingQuote]) -> String { answer }
}

struct EpisodeTests {
  private let web = RecordedWeb(
    searches: ["tea": [.init(url: "https://tea.org/", title: "Tea", snippet: "")]],
    pages: ["https://tea.org/": PageDocument(title: "Tea", text: "Tea is drunk hot. It grows in Assam.")])

  private func episode(_ answer: String) throws -> BrowsingEpisode {
    try Script(
      actions: ["Nonsense", "Search tea", "Clicked on link 0", "Quote: it grows in assam", "End: Answer"],
      answer: answer
    ).episode("Where does tea grow?", web: web)
  }

  @Test func referencesAreThoseThatAreCitedAndHold() throws {
    let episode = try episode("In Assam [1].")
    #expect(episode.references.map(\.number) == [1])
    #expect(episode.references[0].quote.text == "It grows in Assam")
    #expect(episode.invalidActions == 1)
    #expect(try episode.referencesHold(on: web))
    #expect(episode.summary["references"]?[0]?["url"]?.string == "https://tea.org/")
    #expect(episode.summary["invalid_actions"]?.int == 1)
    // A page that has changed no longer has the passage, and a number without a quote is no reference.
    let changed = RecordedWeb(pages: ["https://tea.org/": PageDocument(title: "Tea", text: "It grows in China.")])
    #expect(try !episode.referencesHold(on: changed))
    #expect(try !self.episode("In Assam [1] [2].").referencesHold(on: web))
    #expect(try !self.episode("In Assam.").referencesHold(on: web))
    // What is quoted and not cited is no reference.
    #expect(try self.episode("In Assam.").references.isEmpty)
  }

  @Test func episodesGoThroughAgainFromTheirRecord() throws {
    let episode = try episode("In Assam [1].")
    let copy = try JSONDecoder().decode(BrowsingEpisode.self, from: JSONEncoder().encode(episode))
    #expect(copy == episode)
    let (environment, seen) = try copy.replayed()
    #expect(seen == episode.observations)
    #expect(environment.quotes == episode.quotes)
    #expect(environment.invalidActions == 1)
    #expect(environment.end == .answer)
  }

  @Test func answersMustCiteByTheGrammar() throws {
    let constraint = try Constraint.grammar(BrowsingChoices.answerGrammar(quotes: 2))
    #expect(constraint.matches("It grows in Assam [1]."))
    #expect(constraint.matches("It grows in Assam [2]. And it is drunk hot [1]"))
    #expect(!constraint.matches("It grows in Assam."))
    #expect(!constraint.matches("It grows in Assam [3]."))
  }

  @Test func actionsOfTheGrammarCanBeCarriedOut() throws {
    var environment = BrowsingEnvironment(web: web)
    environment.reset("Where does tea grow?")
    var constraint = try Constraint.grammar(environment.choices.grammar)
    #expect(constraint.matches("Search tea"))
    for text in ["Back", "Clicked on link 0", "End: Answer", "Tea grows"] { #expect(!constraint.matches(text)) }
    _ = try environment.step("Search tea")
    constraint = try Constraint.grammar(environment.choices.grammar)
    #expect(constraint.matches("Clicked on link 0"))
    #expect(!constraint.matches("Clicked on link 1"))
    _ = try environment.step("Clicked on link 0")
    constraint = try Constraint.grammar(environment.choices.grammar)
    #expect(constraint.matches("Back"))
  }
}
