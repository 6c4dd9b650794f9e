import Documents
import Foundation
public import Pages

/// The files of a summary: the whole tree, the text it points into, texts for people, a page to look into.
///
/// `summary.json`, `summary.md`, `summary.txt`, `summary.html`, `text.txt`; and `edits.json`, the texts that people gave nodes.
public struct SummaryFolder {
  /// The folder.
  public let path: String

  /// The folder at a path, which is made if need be.
  public init(_ path: String) throws {
    self.path = path.expandingHome
    try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
  }

  /// Writes all files of a tree; each appears whole or not at all.
  ///
  /// - Returns: their paths, the page last.
  @discardableResult
  public func write(_ tree: SummaryTree, _ book: Book, answers: [BookAnswer] = []) throws -> [String] {
    var document = try JSONValue(encoding: tree)
    if !answers.isEmpty, case .object(var object) = document {
      object["answers"] = try JSONValue(encoding: answers)
      document = .object(object)
    }
    let files: [(name: String, text: String)] = [
      ("text.txt", book.text), ("summary.json", document.serialized(indent: 1) + "\n"),
      ("summary.txt", tree.summary + "\n"),
      ("summary.md", Self.markdown(tree, answers)), ("summary.html", SummaryPage(tree, book, document).html),
    ]
    return try files.map { name, text in
      try DurableFile.write(text, to: "\(path)/\(name)")
      return "\(path)/\(name)"
    }
  }

  // MARK: Edits

  private var editsPath: String { "\(path)/edits.json" }

  /// The texts that people gave nodes so far.
  public func edits() throws -> [String: String] {
    guard FileManager.default.fileExists(atPath: editsPath) else { return [:] }
    return try Self.edits(in: editsPath)
  }

  /// Takes in a file of edits, as the page hands them out; an empty text takes an earlier edit back.
  ///
  /// - Returns: all edits now.
  public func add(_ file: String) throws -> [String: String] {
    var all = try edits()
    for (id, text) in try Self.edits(in: file.expandingHome) { all[id] = text.isEmpty ? nil : text }
    let document: JSONValue = [
      "edits": .array(all.sorted { $0.key < $1.key }.map { ["id": .string($0.key), "text": .string($0.value)] })
    ]
    try DurableFile.write(document.serialized(indent: 1) + "\n", to: editsPath)
    return all
  }

  private static func edits(in path: String) throws -> [String: String] {
    let document = try JSONValue(contentsOf: path)
    guard let list = document["edits"]?.array else {
      throw DataError(
        .badData, path: path, problem: "there is no list 'edits'", advice: "The page summary.html hands such files out."
      )
    }
    var found: [String: String] = [:]
    for (number, item) in list.enumerated() {
      guard let id = item["id"]?.string, let text = item["text"]?.string else {
        throw DataError(.badData, path: path, problem: "edit \(number + 1) lacks 'id' or 'text'")
      }
      found[id] = text.trimmingWhitespace
    }
    return found
  }

  // MARK: For people

  /// The summary with those of the chapters, each with where it came from.
  static func markdown(_ tree: SummaryTree, _ answers: [BookAnswer]) -> String {
    var lines = ["# \(tree.title ?? tree.source)", ""]
    if let author = tree.author { lines += ["*\(author)*", ""] }
    lines += [tree.summary, ""]
    for answer in answers {
      lines += ["## \(answer.question)", "", answer.answer, ""]
      for reference in answer.references where reference.cited || !reference.quotes.isEmpty {
        let quote = reference.quotes.first.map { ": “\(SummaryPrompt.flowing($0.text))”" } ?? ""
        lines.append(
          "- [\(reference.number)] \(reference.chapter ?? "characters \(reference.start) to \(reference.end)")\(quote)")
      }
      lines.append("")
    }
    let chapters = Self.chapters(of: tree)
    if chapters.count > 1 {
      for chapter in chapters {
        lines += ["## \(chapter.title ?? "…")", ""] + chapter.nodes.flatMap { [$0.text, ""] }
      }
    }
    lines.append("---")
    lines.append(
      "Written by \(tree.model) from \(tree.nodes.count { $0.height == 0 }) passages in \(tree.height + 1) heights; not checked by anybody."
    )
    for remark in tree.remarks { lines.append("- \(remark)") }
    let caveats = tree.nodes.filter { !$0.caveats.isEmpty }
    if !caveats.isEmpty {
      lines.append("- \(caveats.count) of \(tree.nodes.count) nodes have caveats; summary.json says which.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// For each chapter the highest nodes that begin in it and reach no further.
  static func chapters(of tree: SummaryTree) -> [(title: String?, nodes: [SummaryTree.Node])] {
    let parents = Dictionary(tree.nodes.flatMap { node in node.children.map { ($0, node.id) } }) { first, _ in first }
    let nodes = Dictionary(tree.nodes.map { ($0.id, $0) }) { first, _ in first }
    var ownChapters: [String: Set<String?>] = [:]
    for node in tree.nodes {
      ownChapters[node.id] = node.height == 0 ? [node.chapter] : Set(node.children.flatMap { ownChapters[$0] ?? [] })
    }
    var made: [(title: String?, nodes: [SummaryTree.Node])] = []
    let tops = tree.nodes.filter { node in
      ownChapters[node.id]?.count == 1 && (parents[node.id].map { (ownChapters[$0]?.count ?? 0) > 1 } ?? true)
    }
    for node in tops.sorted(by: { $0.start < $1.start }) {
      guard nodes[node.id] != nil else { continue }
      if let last = made.last, last.title == node.chapter {
        made[made.count - 1].nodes.append(node)
      } else {
        made.append((node.chapter, [node]))
      }
    }
    return made
  }
}
