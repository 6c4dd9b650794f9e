import Documents
import Foundation
import Pages
import TestSupport
import Testing

/// HTML, EPUB and PDF files, made by other programs where those are installed.
@Suite("Book files")
struct BookFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: folder.path(name), atomically: true, encoding: .utf8)
    return folder.path(name)
  }

  @Test("HTML: blocks are paragraphs, what isn't read is left out, damaged pages are read as they stand")
  func html() throws {
    let book = try BookReader.read(
      write(
        "page.html",
        """
        <!DOCTYPE html><html lang=en><head><title>A &amp; B</title><style>p { color: red }</style></head><body>
        <nav><a href="/">Home</a></nav><h1 id=top>The  title</h1><p>First <b>bold</b>&nbsp;text
        over lines.<p>Second, <i>not closed &mdash; 3 < 4 & so on.
        <h2>One</h2><ul><li>a<li>b &#8217;c&#x92;</ul><script>if (a < b) { document.write("<p>no</p>") }</script>
        <h2>Two</h2><pre>x
          y</pre><!-- <p>never</p> --><footer>Imprint</footer></body></html>
        """))
    #expect(book.title == "The title" && book.language == "en" && book.chapters.map(\.title) == [nil, "One", "Two"])
    let texts = book.chapters.map { book[$0.range] }
    #expect(
      texts[0].contains("First bold text over lines.") && texts[0].contains("Second, not closed — 3 < 4 & so on."))
    #expect(texts[1].contains("b ’c’") && texts[2].contains("x") && !book.text.contains("Imprint"))
    for word in ["never", "document.write", "Home", "color"] { #expect(!book.text.contains(word)) }
    #expect(throws: DataError.self) { try BookReader.read(write("empty.html", "<html><script>x</script></html>")) }
  }

  private static let pandoc = "/usr/bin/pandoc"
  private static let pdftotext = "/usr/bin/pdftotext"

  private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder.url
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program)")
  }

  private static let source = """
    ---
    title: The Long Way
    author: A. Writer
    lang: en
    ---

    # The Road {#road}

    He walked until it was dark.

    ## A pause

    He slept.

    # The Inn

    She opened the door, & he said: “é”.
    """

  @Test(
    "EPUB by pandoc, versions 2 and 3", .enabled(if: FileManager.default.isExecutableFile(atPath: pandoc)),
    arguments: ["epub2", "epub3"])
  func epub(_ version: String) throws {
    _ = try write("book.md", Self.source)
    try run(Self.pandoc, ["book.md", "-t", version, "--toc-depth=1", "-o", "book.epub"])
    let book = try BookReader.read(folder.path("book.epub"))
    #expect(book.title == "The Long Way" && book.author == "A. Writer" && book.language == "en")
    #expect(book.chapters.suffix(2).map(\.title) == ["The Road", "The Inn"])
    let texts = book.chapters.suffix(2).map { chapter in book.paragraphs(in: chapter.range).map { book[$0] } }
    #expect(
      texts == [["He walked until it was dark.", "A pause", "He slept."], ["She opened the door, & he said: “é”."]])
  }

  @Test(
    "damaged EPUBs: a broken table of contents costs a remark, protection and cut-off files are refused",
    .enabled(if: FileManager.default.isExecutableFile(atPath: pandoc)))
  func damagedEPUB() throws {
    _ = try write("book.md", Self.source)
    try run(Self.pandoc, ["book.md", "-t", "epub3", "-o", "book.epub"])
    try run("/usr/bin/unzip", ["-q", "book.epub", "-d", "parts"])
    // Another packer's directory entries, and no table of contents that can be read.
    let python =
      "import sys, os, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\nfor base, _, names in os.walk('parts'):\n for n in names:\n  p = os.path.join(base, n)\n  d = open(p, 'rb').read()\n  if n in ('nav.xhtml', 'toc.ncx') and sys.argv[2] == 'broken': d = b'<nav><a href='\n  z.writestr(os.path.relpath(p, 'parts'), d)\nif sys.argv[2] == 'drm': z.writestr('META-INF/encryption.xml', '<encryption><EncryptedData><EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/></EncryptedData></encryption>')\nz.close()\n"
    _ = try write("pack.py", python)
    try run("/usr/bin/python3", ["pack.py", "broken.epub", "broken"])
    let book = try BookReader.read(folder.path("broken.epub"))
    #expect(
      book.remarks.contains { $0.contains("table of contents") }
        && book.chapters.suffix(2).map(\.title) == ["The Road", "The Inn"])
    try run("/usr/bin/python3", ["pack.py", "drm.epub", "drm"])
    let refused = #expect(throws: DataError.self) { try BookReader.read(folder.path("drm.epub")) }
    #expect(refused?.description.contains("DRM") == true)
    let data = try Data(contentsOf: folder.url.appendingPathComponent("book.epub"))
    try data.prefix(data.count / 2).write(to: folder.url.appendingPathComponent("half.epub"))
    #expect(throws: DataError.self) { try BookReader.read(folder.path("half.epub")) }
    var flipped = data
    for place in stride(from: 200, to: data.count - 400, by: 97) { flipped[place] ^= 0x55 }
    try flipped.write(to: folder.url.appendingPathComponent("flipped.epub"))
    #expect(throws: DataError.self) { try BookReader.read(folder.path("flipped.epub")) }
  }

  /// A page of PDF with a line of text, or without any.
  private func pdf(_ name: String, _ text: String) throws -> String {
    let content = text.isEmpty ? "0 0 100 100 re f" : "BT /F1 12 Tf 72 700 Td (\(text)) Tj ET"
    let objects = [
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
      "<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    var (file, places) = ("%PDF-1.4\n", [Int]())
    for (number, object) in objects.enumerated() {
      places.append(file.utf8.count)
      file += "\(number + 1) 0 obj\n\(object)\nendobj\n"
    }
    let start = file.utf8.count
    file +=
      "xref\n0 6\n0000000000 65535 f \n"
      + places.map { String(repeating: "0", count: 10 - "\($0)".count) + "\($0) 00000 n \n" }.joined()
    file += "trailer << /Size 6 /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n"
    return try write(name, file)
  }

  @Test(
    "PDF by poppler; scans and damaged files are told",
    .enabled(if: FileManager.default.isExecutableFile(atPath: pdftotext)))
  func pdf() throws {
    let book = try BookReader.read(pdf("text.pdf", "It was a dark and stormy night in the harbour."))
    #expect(book.text.contains("dark and stormy night"))
    let scan = try pdf("scan.pdf", "")
    let refused = #expect(throws: DataError.self) { try BookReader.read(scan) }
    #expect(refused?.description.contains("scans") == true)
    let broken = try write("broken.pdf", "%PDF-1.4\nnothing of the sort")
    #expect(throws: DataError.self) { try BookReader.read(broken) }
  }

  @Test("what is no book is refused by name")
  func refused() throws {
    #expect(throws: DataError.self) { try BookReader.read(folder.path("nowhere.txt")) }
    #expect(throws: DataError.self) { try BookReader.read(write("empty.txt", "")) }
    try Data([0xD0, 0xCF, 0x11, 0xE0, 0, 0]).write(to: folder.url.appendingPathComponent("old.doc"))
    #expect(throws: DataError.self) { try BookReader.read(folder.path("old.doc")) }
    try Data([0, 1, 2, 3, 0xFF]).write(to: folder.url.appendingPathComponent("bytes.bin"))
    #expect(throws: DataError.self) { try BookReader.read(folder.path("bytes.bin")) }
    try Data("Chapter 1\n\nCaf\u{E9}.\n".unicodeScalars.map { UInt8($0.value) }).write(
      to: folder.url.appendingPathComponent("latin.txt"))
    #expect(try BookReader.read(folder.path("latin.txt")).text.contains("Café"))
  }
}
