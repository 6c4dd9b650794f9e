import Foundation
import Pages
import Testing

/// Chapters, front matter and positions of plain texts.
@Suite("Plain-text books")
struct PlainTextBookTests {
  private let gutenberg = """
    \u{FEFF}Project Gutenberg's A Tale, by A. Writer\r
    \r
    Title: A Tale\r
    \r
    Author: A. Writer\r
    \r
    Language: German\r
    \r
    *** START OF THIS PROJECT GUTENBERG EBOOK A TALE ***\r
    \r
    A TALE\r
    \r
    CONTENTS\r
    \r
    CHAPTER I. The Road\r
    \r
    CHAPTER II. The Inn\r
    \r
    CHAPTER III. Home\r
    \r
    \r
    CHAPTER I. The Road\r
    \r
    He walked until\r
    it was dark. Part one of the way was over.\r
    \r
    I saw him go.\r
    \r
    CHAPTER II. The Inn\r
    \r
    CHAPTER III. Home\r
    \r
    She opened the door.\r
    \r
    End of the Project Gutenberg EBook of A Tale\r
    \r
    *** END OF THIS PROJECT GUTENBERG EBOOK A TALE ***\r
    \r
    This file may be copied.\r
    """

  @Test("Project Gutenberg's head and licence come off, the contents aren't chapters, an empty chapter is told")
  func frame() {
    let book = Book(plainText: gutenberg, name: "file")
    #expect(book.title == "A Tale" && book.author == "A. Writer" && book.language == "de")
    #expect(book.chapters.map(\.title) == ["CHAPTER I. The Road", "CHAPTER III. Home"])
    let texts = book.chapters.map { chapter in book.paragraphs(in: chapter.range).map { book[$0] } }
    #expect(
      texts == [
        ["He walked until\nit was dark. Part one of the way was over.", "I saw him go."], ["She opened the door."],
      ])
    #expect(book.remarks == ["'CHAPTER II. The Inn' holds no text."])
    #expect(book.sections.first?.kind == .frontMatter && book.sections.last?.kind == .backMatter)
    // Sections lie in order and nothing is in two of them.
    for (section, next) in zip(book.sections, book.sections.dropFirst()) {
      #expect(section.range.upperBound <= next.range.lowerBound)
    }
  }

  @Test("positions are Python's: code points, whatever the script")
  func positions() {
    let book = Book(plainText: "Chapter 1\n\n😀 ein Baß.\n\nChapter 2\n\nпривет\n")
    #expect(book.chapters.map { book[book.paragraphs(in: $0.range)[0]] } == ["😀 ein Baß.", "привет"])
    #expect(book.paragraphs(in: book.chapters[0].range) == [11..<21])
  }

  @Test(
    "headings of several kinds",
    arguments: [
      (
        "PART ONE\n\nCHAPTER 1\n\nText a.\n\nCHAPTER 2\n\nText b.\n\nPART TWO\n\nCHAPTER 3\n\nText c.\n",
        ["PART ONE, CHAPTER 1", "CHAPTER 2", "PART TWO, CHAPTER 3"]
      ),
      (
        "I. The Start\n\nText a.\n\nII. The Way\n\nText b.\n\nIII. The End\n\nText c.\n",
        ["I. The Start", "II. The Way", "III. The End"]
      ),
      (
        "ADVENTURE I. A SCANDAL\n\nI.\n\nText a.\n\nII.\n\nText b.\n\nADVENTURE II. THE LEAGUE\n\nText c.\n\nIII. THE STONE\n\nText d.\n",
        ["ADVENTURE I. A SCANDAL", "ADVENTURE II. THE LEAGUE", "III. THE STONE"]
      ),
      ("Kapitel 1\nDer Anfang\n\nText a.\n\nKapitel 2\n\nText b.\n", ["Kapitel 1 Der Anfang", "Kapitel 2"]),
      (
        "Preface\n\nWhy I write.\n\nChapter One\n\nText a.\n\nChapter Two\n\nText b.\n\nIndex\n\na, 1\n",
        ["Chapter One", "Chapter Two"]
      ),
      ("One line without any heading at all. And a second sentence.", [nil]),
      ("I went home.\n\nI slept.\n\nI woke.\n", [nil]),
    ])
  func headings(_ text: String, _ titles: [String?]) {
    #expect(Book(plainText: text).chapters.map(\.title) == titles)
  }

  @Test("Markdown: the highest headings of which there are several; code isn't read for them")
  func markdown() {
    let book = Book(
      markdown: "# Guide\n\nHello.\n\n## Start\n\nDo this.\n\n```\n# no heading\n```\n\n## Stop\n\nDo that.\n")
    #expect(book.title == "Guide")
    #expect(book.chapters.map(\.title) == ["Start", "Stop"])
    #expect(Book(markdown: "No headings here.\n").chapters.count == 1)
  }

  @Test("Roman numerals in their one right form")
  func numerals() {
    let book = Book(
      plainText: (1...30).map {
        "\(["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX", "XX", "XXI", "XXII", "XXIII", "XXIV", "XXV", "XXVI", "XXVII", "XXVIII", "XXIX", "XXX"][$0 - 1])\n\nText of it.\n\n"
      }.joined())
    #expect(book.chapters.count == 30)
    #expect(Book(plainText: "IIII\n\nText.\n\nVX\n\nText.\n\nIC\n\nText.\n").chapters.count == 1)
  }
}
