import Console
import Testing

/// Text from strangers on a terminal.
@Suite struct SafeTextTests {
  @Test(
    "control characters are shown and not obeyed",
    arguments: [
      ("plain\ttext\nline", "plain\ttext\nline"), ("\u{1B}[31mred", "␛[31mred"), ("\u{1B}]0;title\u{07}", "␛]0;title␇"),
      ("a\rb", "a␍b"), ("a\r\nb", "a\nb"), ("end\r", "end␍"), ("\r\r\n", "␍\n"), ("\u{0}\u{8}\u{7F}", "␀␈␡"),
      ("\u{9B}2J\u{85}", "\u{FFFD}2J\u{FFFD}"), ("naïve 漢字 🙂", "naïve 漢字 🙂"),
    ])
  func controls(_ text: String, _ shown: String) {
    #expect(SafeText.of(text) == shown)
    // The same however it comes.
    var safe = SafeText()
    let pieces = text.unicodeScalars.map { safe.take(String($0)) }.joined() + safe.finish()
    #expect(pieces == shown)
  }

  @Test("an answer on a terminal is safe and styled, its thoughts are faint; a pipe gets the text and nothing else")
  func answers() {
    func written(isWatched: Bool, isStyled: Bool = true, hasMarkdown: Bool = true) -> String {
      var said = ""
      var writer = AnswerWriter(isWatched: isWatched, isStyled: isStyled, hasMarkdown: hasMarkdown) { said += $0 }
      writer.thought("hm\u{07}")
      writer.text("a **b")
      writer.text("** \u{1B}[2J\r")
      writer.text("\nc")
      writer.note("cut\u{1B}")
      writer.finish()
      return said
    }
    #expect(
      written(isWatched: true)
        == "\u{1B}[2mhm␇\u{1B}[0m\n\na \u{1B}[1mb\u{1B}[0m ␛[2J\nc\n\u{1B}[2m(cut␛)\u{1B}[0m\n")
    #expect(written(isWatched: true, isStyled: false) == "hm␇\n\na **b** ␛[2J\nc\n(cut␛)\n")
    #expect(written(isWatched: true, hasMarkdown: false).contains("a **b** ␛[2J\nc\n"))
    #expect(written(isWatched: false) == "a **b** \u{1B}[2J\r\nc\n")
  }
}
