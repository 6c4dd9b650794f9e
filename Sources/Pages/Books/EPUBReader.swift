import Documents
import Foundation

/// Reads an EPUB (2 and 3): the documents of its spine in order, divided as its table of contents says.
///
/// Where the table of contents is missing or broken, the documents' own headings divide the text, and a remark says so. Protected books
/// are refused. Not covered: scripts, media overlays, documents outside the spine.
struct EPUBReader {
  private let archive: ZipArchive
  private let path: String
  private var remarks: [String] = []

  init(_ data: Data, path: String) throws {
    self.path = path
    archive = try ZipArchive(data, path: path)
  }

  private func damaged(_ problem: String) -> DataError {
    DataError(.badData, path: path, problem: "this is no readable EPUB: \(problem)")
  }

  /// An entry of the table of contents: a document, a place in it, a title.
  private struct Entry {
    var file: String
    var anchor: String?
    var title: String
  }

  /// The book.
  mutating func book() throws -> Book {
    guard let container = try archive.data("META-INF/container.xml").flatMap(XMLTree.parse),
      let package = container.first("rootfile")?.attributes["full-path"]
    else { throw damaged("META-INF/container.xml doesn't say where its package is") }
    try refuseProtection()
    guard let opf = try archive.data(package).flatMap(XMLTree.parse) else {
      throw damaged("its package '\(package)' is missing or broken")
    }
    let folder = Self.folder(of: package)
    let items = opf.all.filter { $0.name == "item" }
    var files: [String: (path: String, type: String, properties: String)] = [:]
    for item in items {
      guard let id = item.attributes["id"], let href = item.attributes["href"] else { continue }
      files[id] = (
        Self.resolved(href, in: folder).file, item.attributes["media-type"] ?? "", item.attributes["properties"] ?? ""
      )
    }
    let spine = opf.all.filter { $0.name == "itemref" && $0.attributes["linear"] != "no" }
      .compactMap { $0.attributes["idref"].flatMap { files[$0] } }
      // The table of contents is for turning pages, not for reading.
      .filter { !$0.properties.split(separator: " ").contains("nav") }
    guard !spine.isEmpty else { throw damaged("its package names nothing to read") }
    let metadata = opf.first("metadata")
    let contents = try contents(opf, files)
    return try assembled(
      spine.map(\.path), contents, title: metadata?.first("title")?.content,
      author: metadata?.first("creator")?.content,
      language: metadata?.first("language")?.content)
  }

  // MARK: Protection

  /// Fonts may be obfuscated; text that is encrypted can't be read.
  private func refuseProtection() throws {
    let open = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"]
    let methods =
      try archive.data("META-INF/encryption.xml").flatMap(XMLTree.parse)?.all
      .filter { $0.name == "EncryptionMethod" }.compactMap { $0.attributes["Algorithm"] } ?? []
    if methods.contains(where: { !open.contains($0) }) || archive.contains("META-INF/rights.xml") {
      throw DataError(
        .badData, path: path, problem: "the EPUB is protected (DRM): its text is encrypted",
        advice: "Take a copy that isn't.")
    }
  }

  // MARK: The table of contents

  /// The entries in their order: those of EPUB 3's navigation document, else of EPUB 2's NCX.
  private mutating func contents(_ opf: XMLTree, _ files: [String: (path: String, type: String, properties: String)])
    throws -> [Entry]
  {
    let navigation = files.values.first { $0.properties.split(separator: " ").contains("nav") }?.path
    if let navigation {
      if let tree = try? archive.data(navigation).flatMap(XMLTree.parse) {
        let navs = tree.all.filter { $0.name == "nav" }
        let toc = navs.first { $0.attributes["type"]?.contains("toc") == true } ?? navs.first
        let entries = toc?.all.filter { $0.name == "a" }.compactMap {
          Self.entry($0.attributes["href"], $0.content, Self.folder(of: navigation))
        }
        if let entries, !entries.isEmpty { return entries }
      }
    }
    let id = opf.first("spine")?.attributes["toc"]
    if let ncx = id.flatMap({ files[$0] })?.path
      ?? files.values.first(where: { $0.type == "application/x-dtbncx+xml" })?.path
    {
      if let tree = try? archive.data(ncx).flatMap(XMLTree.parse) {
        let entries = tree.all.filter { $0.name == "navPoint" }.compactMap { point in
          // The first label and place below a point are its own; those of the points in it follow.
          Self.entry(
            point.children.first { $0.name == "content" }?.attributes["src"],
            point.children.first { $0.name == "navLabel" }?.content ?? "",
            Self.folder(of: ncx))
        }
        if !entries.isEmpty { return entries }
      }
    }
    remarks.append("The EPUB's table of contents is missing or broken: chapters are told by headings.")
    return []
  }

  private static func entry(_ href: String?, _ title: String, _ folder: String) -> Entry? {
    guard let href, !title.isEmpty else { return nil }
    let (file, anchor) = resolved(href, in: folder)
    return Entry(file: file, anchor: anchor, title: title)
  }

  private static func folder(of path: String) -> String { path.split(separator: "/").dropLast().joined(separator: "/") }

  /// A reference's file within the archive, and the place in it.
  static func resolved(_ href: String, in folder: String) -> (file: String, anchor: String?) {
    let parts = href.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let plain = parts[0].removingPercentEncoding ?? parts[0]
    var names = plain.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
    for name in plain.split(separator: "/") {
      switch name {
      case ".": break
      case "..": _ = names.popLast()
      default: names.append(String(name))
      }
    }
    return (names.joined(separator: "/"), parts.count > 1 ? parts[1].removingPercentEncoding ?? parts[1] : nil)
  }

  // MARK: The text

  private mutating func assembled(
    _ spine: [String], _ contents: [Entry], title: String?, author: String?, language: String?
  ) throws -> Book {
    var scalars: [Unicode.Scalar] = []
    var marks: [(place: Int, behind: Int, title: String)] = []
    var missing: [String] = []
    for file in spine {
      guard let data = try? archive.data(file) else {
        missing.append(file)
        continue
      }
      let page = PageText(xhtml: data)
      let start = scalars.count
      let entries = contents.filter { $0.file == file }
      for entry in entries {
        let place = entry.anchor.flatMap { page.anchors[$0] } ?? 0
        // The heading itself is no part of the text below it.
        let heading = page.headings.first { $0.range.lowerBound >= place && page.isBlank(place..<$0.range.lowerBound) }
        marks.append((start + place, start + (heading?.range.upperBound ?? place), entry.title))
      }
      if contents.isEmpty {
        let top = page.headings.map { $0.level }.min()
        for heading in page.headings where heading.level == top {
          marks.append((start + heading.range.lowerBound, start + heading.range.upperBound, heading.title))
        }
      }
      scalars += page.scalars + ["\n", "\n"]
    }
    guard scalars.contains(where: { !$0.properties.isWhitespace }) else { throw damaged("there is no text in it") }
    if !missing.isEmpty {
      remarks.append(
        "\(missing.count) of the EPUB's \(spine.count) documents are missing or damaged: \(missing.prefix(3).joined(separator: ", "))."
      )
    }
    return Book(
      title: title, author: author, language: language, scalars: scalars, sections: sections(marks, scalars),
      remarks: remarks)
  }

  private mutating func sections(
    _ marks: [(place: Int, behind: Int, title: String)], _ scalars: [Unicode.Scalar]
  ) -> [Book.Section] {
    let ordered = marks.sorted { $0.place < $1.place }
    guard let first = ordered.first else { return [.init(title: nil, kind: .chapter, range: 0..<scalars.count)] }
    var made: [Book.Section] = []
    if first.place > 0 {
      made.append(
        .init(
          title: nil, kind: first.place > max(6000, scalars.count / 5) ? .chapter : .frontMatter, range: 0..<first.place
        ))
    }
    var above: String?
    for (number, mark) in ordered.enumerated() {
      let end = number + 1 < ordered.count ? ordered[number + 1].place : scalars.count
      let range = min(mark.behind, end)..<end
      let title = [above, mark.title].compactMap { $0 }.joined(separator: ", ")
      // A part's title page holds nothing but its name.
      if scalars[range].allSatisfy(\.properties.isWhitespace) {
        if number + 1 < ordered.count, above == nil {
          above = mark.title
        } else {
          remarks.append("'\(title)' holds no text.")
        }
        continue
      }
      above = nil
      made.append(.init(title: title, kind: HeadingRules.kind(of: mark.title), range: range))
    }
    return made
  }
}
