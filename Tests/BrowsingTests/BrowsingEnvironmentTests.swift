import Browsing
import Foundation
import Pages
import Testing

/// A few pages by hand, so that every observation can be told beforehand.
private func smallWeb() -> RecordedWeb {
  let base = URL(string: "https://cats.org/cat")
  let cat = HTMLReader().read(
    "<title>Cat</title><p>Cats are small <a href='/animal'>animals</a> and Purr  when they are content.</p>"
      + (0..<40).map { "<p>Line number \($0) says nothing of note.</p>" }.joined()
      + "<p>They sleep sixteen hours a day. See <a href='https://www.dogs.org/dog'>dogs</a>.</p>", base: base)
  let animal = HTMLReader().read("<title>Animal</title><p>Animals move about on their own.</p>")
  let copy = PageDocument(
    title: "Forum", text: "somebody asked: how many hours a day do cats sleep when it rains outside? no idea")
  return RecordedWeb(
    searches: [
      "cats": [
        .init(url: "https://cats.org/cat", title: "Cat", snippet: "Cats are small animals"),
        .init(url: "https://forum.org/1", title: "Forum", snippet: "somebody asked"),
        .init(url: "https://gone.org/1", title: "Gone", snippet: ""),
      ]
    ], pages: ["https://cats.org/cat": cat, "https://cats.org/animal": animal, "https://forum.org/1": copy])
}

struct BrowsingEnvironmentTests {
  private func environment(_ limits: BrowsingLimits = .init(actions: 30, window: 500)) -> BrowsingEnvironment {
    var environment = BrowsingEnvironment(web: smallWeb(), limits: limits)
    environment.reset("how many hours a day do cats sleep when it rains outside?")
    return environment
  }

  @Test func everyActionIsReadAsItIsWritten() {
    let actions: [BrowsingAction] = [
      .search("two words"), .click(12), .find("x y"), .quote("a━b"), .scroll(2), .scroll(-3), .top, .back,
      .end(.answer),
      .end(.nonsense), .end(.controversial),
    ]
    for action in actions { #expect(BrowsingAction(parsing: action.description) == action) }
    #expect(BrowsingAction(parsing: "Scrolled up 3\n") == .scroll(-3))
    for text in [
      "", "Scrolled down 4", "Scrolled down 0", "Clicked on link x", "End: Never", "search cats", "Search ", "Topic",
    ] {
      #expect(BrowsingAction(parsing: text) == nil, "\(text)")
    }
  }

  @Test func anEpisodeFromSearchToAnswer() throws {
    var environment = environment()
    #expect(environment.observation.hasPrefix("♦Question\nhow many hours"))
    #expect(environment.observation.hasSuffix("♦Actions left: 30\n♦Next action"))
    let results = try environment.step("Search cats").observation
    #expect(results.contains("♦Title\nSearch results for: cats"))
    #expect(results.contains("【0†Cat†cats.org】\nCats are small animals"))
    let page = try environment.step("Clicked on link 0").observation
    #expect(page.contains("♦Title\nCat\n♦Scrollbar: 0 - "))
    // A link of the same site has no domain.
    #expect(page.contains("small 【0†animals】 and"))
    #expect(!page.contains("sixteen"))
    let found = try environment.step("Find in page: SLEEP   sixteen").observation
    #expect(found.contains("They sleep sixteen hours"))
    #expect(found.contains("【1†dogs†dogs.org】"))
    let quoted = try environment.step("Quote: they sleepsixteen HOURS a day. see 【1†Dogs†dogs.org】.").observation
    #expect(quoted.contains("♦Quotes\n[1] Cat: They sleep sixteen hours a day. See dogs.\n"))
    #expect(try environment.step("Quote: cats are small━content").isValid)
    #expect(environment.quotes[1].text == "Cats are small animals and Purr when they are content")
    #expect(environment.quotes[1].url == "https://cats.org/cat")
    let last = try environment.step("End: Answer")
    #expect(last.terminated)
    #expect(!last.truncated)
    #expect(environment.mayAnswer)
    #expect(environment.invalidActions == 0)
    #expect(environment.visited == ["https://cats.org/cat"])
  }

  @Test func whatCanNotBeCarriedOutIsSaidAndCounted() throws {
    var environment = environment()
    for action in ["Dance", "Back", "Top", "Quote: x", "Scrolled down 1", "Clicked on link 0", "End: Answer"] {
      let step = try environment.step(action)
      #expect(!step.isValid, "\(action)")
      #expect(step.observation.contains("\n(T"))
    }
    #expect(environment.invalidActions == 7)
    _ = try environment.step("Search cats")
    // Results can't be quoted, a page that isn't there can't be opened, and neither changes what is in sight.
    #expect(try !environment.step("Quote: Cats are small animals").isValid)
    #expect(try !environment.step("Clicked on link 2").isValid)
    #expect(environment.observation.contains("Search results for: cats"))
    _ = try environment.step("Clicked on link 0")
    // A link of another window isn't in sight.
    #expect(try !environment.step("Clicked on link 1").isValid)
    #expect(try !environment.step("Scrolled up 1").isValid)
    #expect(try environment.step("Scrolled down 3").isValid)
    #expect(try environment.step("Top").isValid)
    #expect(try environment.step("Quote: Line number 7 says nothing").isValid)
    #expect(try !environment.step("Quote: line NUMBER 7 says nothing").isValid)
    #expect(try environment.step("Clicked on link 0").isValid)
    #expect(environment.observation.contains("Animals move about"))
    #expect(try environment.step("Back").isValid)
    #expect(environment.observation.contains("Line number 0"))
  }

  @Test func pagesThatRepeatTheQuestionAreBlank() throws {
    var environment = environment()
    _ = try environment.step("Search cats")
    let blanked = try environment.step("Clicked on link 1").observation
    #expect(!blanked.contains("somebody"))
    var limits = BrowsingLimits(actions: 9)
    limits.overlap = 0
    environment = self.environment(limits)
    _ = try environment.step("Search cats")
    #expect(try environment.step("Clicked on link 1").observation.contains("somebody asked"))
  }

  @Test func limitsEndEpisodes() throws {
    var environment = environment(.init(actions: 2))
    _ = try environment.step("Search cats")
    let last = try environment.step("Search cats")
    #expect(last.truncated)
    #expect(!last.terminated)
    #expect(!environment.mayAnswer)
    environment = self.environment(.init(actions: 9, quotes: 10))
    _ = try environment.step("Search cats")
    _ = try environment.step("Clicked on link 0")
    #expect(try environment.step("Quote: Line number 7 says nothing").truncated)
    #expect(environment.quotes.map(\.text) == ["Line numbe"])
    #expect(environment.mayAnswer)
  }

  @Test func windowsHoldTheWholePage() {
    var text = ""
    for number in 0..<500 { text += "word\(number) " + (number % 50 == 0 ? "é\n\n" : "") }
    text += String(repeating: "ü", count: 3000)
    let web = RecordedWeb(
      searches: ["q": [.init(url: "u", title: "t", snippet: "")]], pages: ["u": PageDocument(title: "t", text: text)])
    var environment = BrowsingEnvironment(web: web, limits: .init(actions: 100, window: 300))
    environment.reset("q")
    _ = try? environment.step("Search q")
    _ = try? environment.step("Clicked on link 0")
    var seen = ""
    while true {
      let part = environment.observation.split(separator: "♦Text\n", maxSplits: 1).last ?? ""
      let window = part.split(separator: "\n♦Actions left", maxSplits: 1).first ?? ""
      #expect(window.utf8.count <= 300)
      seen += window
      guard let step = try? environment.step("Scrolled down 1"), step.isValid else { break }
    }
    #expect(seen.filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace })
  }

  @Test func grammarsAllowWhatCanBeCarriedOut() throws {
    var environment = environment()
    #expect(!environment.choices.grammar.contains("Back"))
    _ = try environment.step("Search cats")
    _ = try environment.step("Clicked on link 0")
    let choices = environment.choices
    #expect(choices.links.map(\.id) == [0])
    #expect(choices.links.map(\.target) == ["https://cats.org/animal"])
    #expect(choices.passages.first == "Cats are small animals and Purr when they are content.")
    for passage in choices.passages {
      var copy = environment
      #expect(try copy.step("Quote: " + passage).isValid, "\(passage)")
    }
  }
}
