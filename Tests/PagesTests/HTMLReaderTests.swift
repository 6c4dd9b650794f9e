import Foundation
import Pages
import Testing

/// What browsers show of small pages, worked out by hand from the HTML standard.
struct HTMLReaderTests {
  private func read(_ html: String, keepsSurroundings: Bool = false) -> PageDocument {
    HTMLReader(keepsSurroundings: keepsSurroundings).read(html, base: URL(string: "https://a.org/b/c.html"))
  }

  @Test func blocksOfEveryKind() {
    let page = read(
      """
      <html lang=en><title> The
      Cat </title><body><h1>Cats</h1><p>They   <b>purr</b>.<p>Not tied<ul><li>one<li>two<ol start=3><li>three</ol></ul>
      <blockquote>Said</blockquote><pre>
      let x  = 1
        y
      </pre><table><tr><th>a<th>b<tr><td><p>1</p><td>2</table>
      """)
    #expect(page.title == "The Cat")
    #expect(page.language == "en")
    #expect(
      page.text.hasPrefix(
        "Cats\n\nThey purr.\n\nNot tied\n\n* one\n* two\n  3. three\n\nSaid\n\nlet x  = 1\n  y\n\n\na | b\n1 | 2"))
    #expect(
      page.blocks.map(\.kind) == [
        .heading, .paragraph, .paragraph, .listItem, .listItem, .listItem, .quotation, .code, .tableRow, .tableRow,
      ])
    #expect(page.blocks.map(\.level) == [1, 0, 0, 1, 1, 2, 1, 0, 0, 0])
    #expect(page.blocks.map { page.text(in: $0.range) }[7] == "let x  = 1\n  y")
    #expect(page.blocks.map { page.text(in: $0.range) }.last == "1 | 2")
  }

  @Test func linksImagesAndScripts() {
    let page = read(
      "<p id=top>See <a href='../d.html#e'>the <i>other</i></a>, x<sup>2</sup>, H<sub>2</sub>O"
        + "<img src=a.png alt='A  cat'><a href='javascript:x()'>no</a> <a name=end>é</a>")
    #expect(page.text == "See the other, x^2, H_2O[Image: A cat]no é")
    #expect(page.links.map(\.target) == ["https://a.org/d.html#e"])
    #expect(page.links.map { page.text(in: $0.range) } == ["the other"])
    #expect(page.anchors["top"] == 0)
    #expect(page.anchors["end"].map { page.text(in: $0..<page.text.utf8.count) } == "é")
  }

  @Test func surroundingsAreLeftOutUnlessAsked() {
    let html =
      "<header><nav><a href=/>Home</a></nav></header><div class='cookie-banner'>We use cookies <button>OK</button></div>"
      + "<script>var a = '<p>no</p>'</script><section id=cookie-notice><p>Cookies are small files, and this is the text "
      + "of the page, which is longer than all that is around it by a good deal.</section>"
      + "<div class=sidebar><a href=1>One</a></div><p hidden>hidden</p><footer>Imprint</footer>"
    let page = read(html)
    #expect(page.text.hasPrefix("Cookies are small files"))
    #expect(page.text.hasSuffix("good deal."))
    let all = read(html, keepsSurroundings: true).text
    for part in ["Home", "We use cookies", "One", "Imprint"] { #expect(all.contains(part)) }
    for part in ["var a", "hidden"] { #expect(!all.contains(part)) }
    // What is all navigation is the page's content: an index of links isn't emptied.
    #expect(read("<nav><a href=1>First</a> <a href=2>Second</a></nav>").text == "First Second")
    let main = read("<p>Site</p><div role=main><p>Own text of some length</p></div><div>After</div>")
    #expect(main.text == "Own text of some length")
  }

  @Test func layoutTablesAreNotRows() {
    let page = read("<table><tr><td><h1>A</h1><p>b</p></td><td>c</td></tr></table>")
    #expect(page.text == "A\n\nb\n\nc")
    #expect(page.blocks.map(\.kind) == [.heading, .paragraph, .paragraph])
  }

  @Test func encodings() {
    func text(_ bytes: [UInt8], _ type: String? = nil) -> String {
      HTMLReader().read(Data(bytes), contentType: type).text
    }
    let latin = Array("<p>caf".utf8) + [0xE9, 0x20, 0x93]
    #expect(text(latin) == "café \u{201C}")
    #expect(text(latin, "text/html; charset=ISO-8859-1") == "café \u{201C}")
    #expect(text(Array("<meta charset='shift_jis'><p>".utf8) + [0x93, 0xFA, 0x96, 0x7B]) == "日本")
    #expect(
      text(Array("<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>".utf8) + [0xC4, 0xC1]) == "да")
    #expect(text([0xFF, 0xFE] + "<p>né".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == "né")
    #expect(text([0xEF, 0xBB, 0xBF] + Array("<p>né".utf8)) == "né")
    // Bytes that no encoding allows cost themselves alone, whatever the server says.
    #expect(text(Array("<p>a".utf8) + [0xFF] + Array("b".utf8), "text/html; charset=utf-8") == "a\u{FFFD}b")
    #expect(text(Array("<p>a".utf8) + [0xFF], "text/html; charset=no-such-thing") == "aÿ")
  }

  @Test func brokenAndHostilePages() {
    #expect(read("").text == "")
    #expect(read("<p>a<b>b<p>c</b>d</i>").text == "ab\n\ncd")
    #expect(read("1 < 2 &amp; &#x41;&bogus; <").text == "1 < 2 & A&bogus; <")
    #expect(read("a\0b<p").text.hasPrefix("a"))
    let depth = 1_000_000
    let nested = read(
      String(repeating: "<div>", count: depth) + "deep" + String(repeating: "</div>", count: depth) + "<p>after")
    #expect(nested.text == "deep\n\nafter")
    let open = read(String(repeating: "<b><a href=x>", count: 20_000) + "in")
    #expect(open.text == "in")
    // Tags that nest nothing aren't counted as nested.
    let items = read("<ul>" + (0..<3000).map { "<li>\($0)" }.joined() + "</ul>")
    #expect(items.blocks.count == 3000)
    #expect(items.text.hasSuffix("* 2999"))
  }
}
