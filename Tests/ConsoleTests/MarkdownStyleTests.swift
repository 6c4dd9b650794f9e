import Console
import Testing

/// Markdown as it is shown, whole and in pieces of every size.
@Suite struct MarkdownStyleTests {
  /// Styles by name, so that expectations can be read.
  private static func named(_ text: String) -> String {
    [("\u{1B}[1m", "<b>"), ("\u{1B}[3m", "<i>"), ("\u{1B}[36m", "<c>"), ("\u{1B}[2m", "<f>"), ("\u{1B}[0m", "</>")]
      .reduce(text) { $0.replacing($1.0, with: $1.1) }
  }

  private static func shown(_ text: String, piece: Int) -> String {
    var style = MarkdownStyle()
    var shown = ""
    var rest = Array(text.unicodeScalars)[...]
    while !rest.isEmpty {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: rest.prefix(piece))
      shown += style.take(String(view))
      rest = rest.dropFirst(piece)
    }
    return named(shown + style.finish())
  }

  @Test(
    "marks become styles, and what is none stays text",
    arguments: [
      ("plain text\nand more", "plain text\nand more"),
      ("# Title\ntext", "<b>Title</>\ntext"), ("### A `b` c\n", "<b>A <c>b</><b> c</>\n"), ("#tag", "#tag"),
      ("####### seven", "####### seven"),
      ("a **bold** b", "a <b>bold</> b"), ("*so* it is", "<i>so</> it is"), ("***both***", "<b><i>both</>"),
      ("**a *b* c**", "<b>a <i>b</><b> c</>"), ("**a *b***", "<b>a <i>b</><b></>"),
      ("*a **b** c*", "<i>a <b>b</><i> c</>"),
      ("这是**重要**的", "这是<b>重要</>的"),
      ("use `x*y*z` and `` a`b ``", "use <c>x*y*z</> and <c>a`b</>"), ("**`a*b`**", "<b><c>a*b</><b></>"),
      // What isn't closed, or stands like an operator, is text.
      ("f(*args, **kwargs)\nnext", "f(*args, **kwargs)\nnext"), ("2 * 3 * 4", "2 * 3 * 4"), ("2*3*4", "2*3*4"),
      ("2**3**2", "2**3**2"), ("an `open tick\nend", "an `open tick\nend"),
      ("snake_case_name __init__", "snake_case_name __init__"),
      (#"\*not\* \d \`x\`"#, #"*not* \d `x`"#),
      ("- one\n* two\n  + three\n-5 is no item", "• one\n• two\n  • three\n-5 is no item"),
      ("- [ ] task **x**", "• [ ] task <b>x</>"), ("1. first\n2. second", "1. first\n2. second"),
      ("> quoted **x**\n> - item", "<f>│ </>quoted <b>x</>\n<f>│ </>• item"),
      ("a\n\n---\nb", "a\n\n<f>────────────────────────</>\nb"), ("--", "--"), ("--verbose", "--verbose"),
      ("see [the page](https://a.b/c_d) now", "see the page (https://a.b/c_d) now"),
      ("[https://a.b](https://a.b)", "https://a.b"), ("a[i] = b[j](x, y)", "a[i] = b[j](x, y)"),
      ("[1] note", "[1] note"),
      ("| a | *b* |\n|---|---|", "| a | <i>b</> |\n|---|---|"),
      (
        "text\n```swift\nlet a = **b**\n\n# no title\n```\nafter *x*",
        "text\n<f>```swift</>\n<c>let a = **b**</>\n<c></>\n<c># no title</>\n<f>```</>\nafter <i>x</>"
      ),
      ("  ```\n  code\n  ```\n", "<f>  ```</>\n<c>  code</>\n<f>  ```</>\n"),
      ("````\n```\n````\nb", "<f>````</>\n<c>```</>\n<f>````</>\nb"),
      ("```\nnever closed", "<f>```</>\n<c>never closed</>"), ("```code``` in a line", "<c>code</> in a line"),
      ("~~~\na\n~~~", "<f>~~~</>\n<c>a</>\n<f>~~~</>"),
      ("e\u{301}*x*", "e\u{301}<i>x</>"), ("", ""), ("\n\n", "\n\n"), ("*", "*"), ("**", "**"), ("# ", "<b></>"),
    ])
  func styles(_ source: String, _ expected: String) {
    for piece in [1, 2, 3, 1000] {
      let shown = Self.shown(source, piece: piece)
      #expect(shown.unicodeScalars.elementsEqual(expected.unicodeScalars), "pieces of \(piece): \(shown)")
    }
  }

  @Test("a line is shown as far as it is certain, word by word")
  func streaming() {
    var style = MarkdownStyle()
    #expect(style.take("The sky") == "The sky")
    #expect(style.take(" is **ve") == " is ")
    #expect(style.take("ry** blue") == "\u{1B}[1mvery\u{1B}[0m blue")
    #expect(style.take(", it is *never closed") == ", it is ")
    #expect(style.finish() == "*never closed")
    // After so much text a mark is no longer waited for.
    let long = "*" + String(repeating: "x", count: 400)
    #expect(style.take(long).hasPrefix("*xxx"))
  }

  @Test("nothing of the text is lost, whatever is written")
  func lossless() {
    var state: UInt64 = 7
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    let pieces = ["*", "**", "`", "```", "\n", " ", "a", "bc", "# ", "- ", "> ", "[", "](", ")", "\\", "~~~", "é", "1"]
    var wrong: [String] = []
    for _ in 0..<3000 {
      let text = (0..<(1 + random(14))).map { _ in pieces[random(pieces.count)] }.joined()
      let whole = Self.shown(text, piece: 1000)
      if Self.shown(text, piece: 1 + random(4)) != whole { wrong.append(text) }
      // Letters and digits are never marks.
      func words(_ text: String) -> String {
        text.replacing(/<\/?[a-z]?>/, with: "").filter { $0.isLetter || $0.isNumber }
      }
      if words(whole) != words(text) { wrong.append(text) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }
}
