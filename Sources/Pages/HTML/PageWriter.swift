import Foundation

/// Writes a tree's text down, joining white space as browsers do, and notes where blocks, links and anchors are.
struct PageWriter {
  private enum Gap: Int { case none, space, line, paragraph }
  private enum Step {
    case node(HTMLNode)
    case leave(String)
  }
  private typealias Kind = PageDocument.Block.Kind

  private let base: URL?
  private let readability: Readability?
  private var bytes: [UInt8] = []
  private var page = PageDocument(title: "", text: "")
  private var gap = Gap.none
  private var contexts: [(kind: Kind, level: Int)] = []
  private var block: (kind: Kind, level: Int, start: Int)?
  private var lists: [Int?] = []
  private var mark: String?
  private var link: (target: String, start: Int?)?
  private var anchors: [String] = []
  private var listings = 0
  private var cells: [Int] = []
  private var plainTables: [Bool] = []

  init(base: URL?, readability: Readability?) {
    self.base = base
    self.readability = readability
  }

  private static let blocks: Set<String> = [
    "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "dl", "figure", "figcaption", "body",
    "details", "summary", "address", "center", "caption", "hgroup", "fieldset", "legend", "hr", "dt",
  ]
  private static let containers: Set<String> = [
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "menu", "li", "pre", "blockquote", "table", "tr", "td", "th", "a",
    "dd",
  ]

  mutating func write(_ root: HTMLNode) {
    var steps = [Step.node(root)]
    while let step = steps.popLast() {
      switch step {
      case .leave(let name): leave(name)
      case .node(let node):
        if let text = node.text {
          if listings > 0 { verbatim(text) } else { write(text) }
          continue
        }
        guard node.isElement else { continue }
        let name = node.name
        if isDropped(node, name) { continue }
        if let id = node.attribute("id") ?? (name == "a" ? node.attribute("name") : nil) { anchors.append(id) }
        enter(node, name)
        if Self.blocks.contains(name) || Self.containers.contains(name) { steps.append(.leave(name)) }
        for place in stride(from: node.childCount - 1, through: 0, by: -1) {
          if let child = node.child(place) { steps.append(.node(child)) }
        }
      }
    }
  }

  private func isDropped(_ node: HTMLNode, _ name: String) -> Bool {
    if HTMLReader.unread.contains(name) || node.attribute("hidden") != nil { return true }
    if let style = node.attribute("style"), style.contains("display"),
      style.lowercased().filter({ !$0.isWhitespace }).contains("display:none")
    {
      return true
    }
    return readability?.drops(node, name) ?? false
  }

  private mutating func enter(_ node: HTMLNode, _ name: String) {
    switch name {
    case "h1", "h2", "h3", "h4", "h5", "h6":
      boundary(.paragraph)
      contexts.append((.heading, Int(name.dropFirst()) ?? 1))
    case "ul", "menu", "ol":
      boundary(lists.isEmpty ? .paragraph : .line)
      lists.append(name == "ol" ? (node.attribute("start").flatMap { Int($0) } ?? 1) : nil)
    case "li":
      boundary(.line)
      let depth = max(1, lists.count)
      var sign = "* "
      if let number = lists.last.flatMap({ $0 }) {
        sign = "\(number). "
        lists[lists.count - 1] = number &+ 1
      }
      mark = String(repeating: "  ", count: min(depth - 1, 10)) + sign
      contexts.append((.listItem, depth))
    case "blockquote":
      boundary(.paragraph)
      contexts.append((.quotation, 1 + contexts.count { $0.kind == .quotation }))
    case "pre":
      boundary(.paragraph)
      contexts.append((.code, 0))
      listings += 1
    case "table":
      boundary(.paragraph)
      plainTables.append(isTable(node))
    case "tr" where plainTables.last == true:
      boundary(.line)
      contexts.append((.tableRow, 0))
      cells.append(0)
    case "td", "th":
      if let last = cells.last {
        if last > 0 {
          gap = .none
          raw(" | ")
        }
        cells[cells.count - 1] = last + 1
      } else {
        boundary(.paragraph)
      }
    case "dd": boundary(.line)
    case "br": gap = Gap(rawValue: max(gap.rawValue, (cells.isEmpty ? Gap.line : .space).rawValue)) ?? gap
    case "a":
      if let target = node.attribute("href")?.trimmingCharacters(in: .whitespacesAndNewlines), !target.isEmpty,
        !target.lowercased().hasPrefix("javascript:")
      {
        link = (URL(string: target, relativeTo: base)?.absoluteString ?? target, nil)
      }
    case "img":
      if let words = node.attribute("alt")?.split(whereSeparator: \.isWhitespace).joined(separator: " "), !words.isEmpty
      {
        raw("[Image: \(words)]")
      }
    case "sup": raw("^")
    case "sub": raw("_")
    default: if Self.blocks.contains(name) { boundary(.paragraph) }
    }
  }

  private mutating func leave(_ name: String) {
    switch name {
    case "h1", "h2", "h3", "h4", "h5", "h6", "blockquote":
      boundary(.paragraph)
      contexts.removeLast()
    case "ul", "menu", "ol":
      lists.removeLast()
      boundary(lists.isEmpty ? .paragraph : .line)
    case "li":
      mark = nil
      boundary(.line)
      contexts.removeLast()
    case "pre":
      boundary(.paragraph)
      contexts.removeLast()
      listings -= 1
    case "table":
      plainTables.removeLast()
      boundary(.paragraph)
    case "tr":
      guard plainTables.last == true else { return }
      cells.removeLast()
      boundary(.line)
      contexts.removeLast()
    case "a":
      if let link {
        let end = bytes.count
        page.links.append(.init(target: link.target, range: (link.start ?? end)..<end))
      }
      link = nil
    case "dt": boundary(.line)
    case "td", "th": if cells.isEmpty { boundary(.paragraph) }
    default: boundary(.paragraph)
    }
  }

  /// Whether a table holds data: pages that are laid out by tables have headings, lists, listings or tables in their cells.
  private func isTable(_ table: HTMLNode) -> Bool {
    if table.attribute("role") == "presentation" { return false }
    let inner: Set<String> = ["table", "h1", "h2", "h3", "h4", "ul", "ol", "pre", "dl"]
    var isData = true
    var isFirst = true
    table.visit { node in
      if !isFirst, inner.contains(node.name) { isData = false }
      isFirst = false
      return isData
    }
    return isData
  }

  /// Ends the block, unless a row of a table goes on, and asks for a gap before the next word.
  private mutating func boundary(_ wanted: Gap) {
    guard cells.isEmpty else {
      if gap == .none { gap = .space }
      return
    }
    closeBlock()
    if mark == nil, gap.rawValue < wanted.rawValue { gap = wanted }
  }

  private mutating func closeBlock() {
    if let block {
      page.blocks.append(.init(kind: block.kind, level: block.level, range: block.start..<bytes.count))
    }
    block = nil
  }

  private mutating func begin() {
    if !bytes.isEmpty {
      switch gap {
      case .none: break
      case .space: bytes.append(0x20)
      case .line: bytes.append(0x0A)
      case .paragraph: bytes.append(contentsOf: [0x0A, 0x0A])
      }
    }
    gap = .none
    if block == nil {
      let context = contexts.last ?? (.paragraph, 0)
      block = (context.kind, context.level, bytes.count)
    }
    if let sign = mark {
      mark = nil
      bytes.append(contentsOf: sign.utf8)
    }
    if link != nil, link?.start == nil { link?.start = bytes.count }
    for id in anchors where page.anchors[id] == nil { page.anchors[id] = bytes.count }
    anchors = []
  }

  private mutating func raw(_ text: String) {
    begin()
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func write(_ text: UnsafeBufferPointer<UInt8>) {
    var place = 0
    while place < text.count {
      if isSpace(text, place) {
        if gap == .none, !bytes.isEmpty { gap = .space }
        // A space that isn't broken is two bytes.
        place += text[place] == 0xC2 ? 2 : 1
        continue
      }
      var end = place + 1
      while end < text.count, !isSpace(text, end) { end += 1 }
      begin()
      bytes.append(contentsOf: text[place..<end])
      place = end
    }
  }

  private func isSpace(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    switch text[place] {
    case 0x20, 0x09, 0x0A, 0x0C, 0x0D: true
    case 0xC2: place + 1 < text.count && text[place + 1] == 0xA0
    default: false
    }
  }

  private mutating func verbatim(_ text: UnsafeBufferPointer<UInt8>) {
    guard !text.isEmpty else { return }
    if block == nil {
      // The lines before a listing's first word say nothing.
      guard let first = text.firstIndex(where: { $0 != 0x0A && $0 != 0x0D }) else { return }
      begin()
      bytes.append(contentsOf: text[first...])
    } else {
      begin()
      bytes.append(contentsOf: text)
    }
  }

  mutating func finish() -> PageDocument {
    closeBlock()
    for id in anchors where page.anchors[id] == nil { page.anchors[id] = bytes.count }
    // A listing may end in lines of its own: they belong to no block.
    for place in page.blocks.indices where page.blocks[place].kind == .code {
      let range = page.blocks[place].range
      let end = bytes[range].lastIndex { $0 != 0x0A && $0 != 0x20 && $0 != 0x0D }.map { $0 + 1 } ?? range.lowerBound
      page.blocks[place].range = range.lowerBound..<end
    }
    page.blocks.removeAll { $0.range.isEmpty }
    page.text = String(decoding: bytes, as: UTF8.self)
    return page
  }
}
