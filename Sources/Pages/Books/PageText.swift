/// An HTML page as readable text, with its headings and the places that references point to.
///
/// Blocks become paragraphs with an empty line between, white space is joined as a browser joins it, and what isn't read (scripts,
/// navigation, footers, forms) is left out. It takes pages as they are: tags that aren't closed, unknown ones, bare `<` and `&`.
struct PageText {
  /// The text.
  private(set) var scalars: [Unicode.Scalar] = []
  /// The headings with their levels and places.
  private(set) var headings: [(level: Int, title: String, range: Range<Int>)] = []
  /// What the page says that its title is.
  private(set) var title: String?
  /// The language that it says it is in.
  private(set) var language: String?
  /// Where elements with an `id` or an anchor's `name` begin.
  private(set) var anchors: [String: Int] = [:]

  // What is still to be written before the next word.
  private var gap = Gap.none
  private var pending: [String] = []
  private var skipped: (name: String, depth: Int)?
  private var heading: (level: Int, start: Int?)?
  private var pre = 0

  private enum Gap: Int, Comparable {
    case none, space, line, paragraph
    static func < (a: Gap, b: Gap) -> Bool { a.rawValue < b.rawValue }
  }

  private static let unread: Set<String> = [
    "script", "style", "template", "nav", "footer", "form", "svg", "math", "object", "iframe", "noscript", "button",
    "select", "textarea", "audio",
    "video", "canvas",
  ]
  /// Elements whose text no tag stands in.
  private static let raw: Set<String> = ["script", "style", "textarea", "title"]
  private static let blocks: Set<String> = [
    "p", "div", "section", "article", "main", "header", "aside", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li",
    "dl", "dt", "dd", "blockquote",
    "pre", "table", "tr", "figure", "figcaption", "hr", "body", "details", "summary", "address", "center", "caption",
    "tbody", "thead",
  ]
  private static let void: Set<String> = [
    "br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source", "track", "wbr",
  ]

  /// Reads a page.
  init(_ html: String) {
    let text = Array(html.unicodeScalars)
    var place = 0
    while place < text.count {
      let scalar = text[place]
      if scalar == "<", let end = Self.tagEnd(text, place) {
        place = take(text, place, end)
      } else if scalar == "&", let (value, end) = HTMLEntities.scalar(text, at: place) {
        write(value)
        place = end
      } else {
        write(scalar)
        place += 1
      }
    }
    closeHeading()
    for id in pending where anchors[id] == nil { anchors[id] = scalars.count }
  }

  /// Whether a place holds white space alone.
  func isBlank(_ range: Range<Int>) -> Bool { scalars[range].allSatisfy(\.properties.isWhitespace) }

  /// The place behind a tag, a comment or a declaration that begins here; nil where none does.
  private static func tagEnd(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
    guard start + 1 < text.count else { return nil }
    let next = text[start + 1]
    if next == "!" || next == "?" {
      let isComment = text[start...].starts(with: Array("<!--".unicodeScalars))
      var place = start + (isComment ? 4 : 2)
      while place < text.count {
        if text[place] == ">", !isComment || (place - start >= 6 && text[place - 1] == "-" && text[place - 2] == "-") {
          return place + 1
        }
        place += 1
      }
      return text.count
    }
    guard next == "/" || (next.isASCII && next.properties.isAlphabetic) else { return nil }
    var (place, quote): (Int, Unicode.Scalar?) = (start + 1, nil)
    while place < text.count {
      let scalar = text[place]
      if let open = quote {
        if scalar == open { quote = nil }
      } else if scalar == "\"" || scalar == "'" {
        // A quote begins a value only behind its sign.
        if text[place - 1] == "=" || text[place - 1].properties.isWhitespace { quote = scalar }
      } else if scalar == ">" {
        return place + 1
      }
      place += 1
    }
    return nil
  }

  private static func attributes(_ tag: String) -> [String: String] {
    var made: [String: String] = [:]
    for match in tag.matches(of: #/([A-Za-z_:][-A-Za-z0-9_:.]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/#) {
      let value = match.output.2 ?? match.output.3 ?? match.output.4 ?? ""
      made[match.output.1.lowercased(), default: String(value)] = made[match.output.1.lowercased()] ?? String(value)
    }
    return made
  }

  /// Takes a tag; returns the place behind it, or behind the element where its text is not read.
  private mutating func take(_ text: [Unicode.Scalar], _ start: Int, _ end: Int) -> Int {
    guard text[start + 1] != "!", text[start + 1] != "?" else { return end }
    let closes = text[start + 1] == "/"
    let inner = String(scalars: text[start + (closes ? 2 : 1)..<max(start + (closes ? 2 : 1), end - 1)])
    let name =
      inner.prefix { !$0.isWhitespace && $0 != "/" }.lowercased().split(separator: ":").last.map(String.init) ?? ""
    let isEmpty = inner.hasSuffix("/") || Self.void.contains(name)
    if let open = skipped {
      if name == open.name {
        skipped = closes ? (open.depth == 1 ? nil : (name, open.depth - 1)) : isEmpty ? open : (name, open.depth + 1)
      }
      return end
    }
    if !closes, Self.raw.contains(name), !isEmpty {
      let ending = Array("</\(name)".unicodeScalars)
      var place = end
      while place < text.count {
        if text[place] == "<", place + ending.count <= text.count,
          String(scalars: text[place..<place + ending.count]).lowercased().unicodeScalars.elementsEqual(ending)
        {
          break
        }
        place += 1
      }
      if name == "title", title == nil {
        let words = PageText(String(scalars: text[end..<place])).scalars
        title = String(scalars: words).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if title == "" { title = nil }
      }
      return Self.tagEnd(text, place) ?? text.count
    }
    if !closes {
      let attributes = inner.contains("=") ? Self.attributes(inner) : [:]
      if name == "html" || name == "body" { language = language ?? attributes["lang"] ?? attributes["xml:lang"] }
      if attributes["hidden"] == nil, let id = attributes["id"] ?? (name == "a" ? attributes["name"] : nil) {
        pending.append(id)
      }
      if Self.unread.contains(name), !isEmpty {
        skipped = (name, 1)
        return end
      }
    }
    if name == "br" { gap = max(gap, .line) }
    if name == "td" || name == "th" { gap = max(gap, .space) }
    if Self.blocks.contains(name) { gap = max(gap, .paragraph) }
    if name == "pre" { pre = max(0, pre + (closes ? -1 : 1)) }
    if name.count == 2, name.first == "h", let level = name.last?.wholeNumberValue, (1...6).contains(level) {
      closeHeading()
      if !closes { heading = (level, nil) }
    }
    return end
  }

  private mutating func closeHeading() {
    if let open = heading, let start = open.start, start < scalars.count {
      let words = String(scalars: scalars[start...]).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      headings.append((open.level, words, start..<scalars.count))
    }
    heading = nil
  }

  private mutating func write(_ scalar: Unicode.Scalar) {
    guard skipped == nil else { return }
    // A soft hyphen is no letter, and a byte-order mark none either.
    if scalar == "\u{AD}" || scalar == "\u{FEFF}" || scalar == "\u{200B}" { return }
    if pre > 0, scalar == "\n" {
      gap = max(gap, .line)
      return
    }
    if scalar.properties.isWhitespace, scalar != "\u{A0}", scalar != "\u{3000}" {
      gap = max(gap, .space)
      return
    }
    if !scalars.isEmpty {
      switch gap {
      case .none: break
      case .space: scalars.append(" ")
      case .line: scalars.append("\n")
      case .paragraph: scalars += ["\n", "\n"]
      }
    }
    gap = .none
    for id in pending where anchors[id] == nil { anchors[id] = scalars.count }
    pending = []
    if heading != nil, heading?.start == nil { heading?.start = scalars.count }
    scalars.append(scalar == "\u{A0}" ? " " : scalar)
  }
}

/// The characters that HTML names.
enum HTMLEntities {
  /// The character of a reference that begins at `&`, and the place behind it; nil of a bare ampersand.
  static func scalar(_ text: [Unicode.Scalar], at start: Int) -> (Unicode.Scalar, Int)? {
    var end = start + 1
    while end < text.count, end - start < 12,
      text[end].properties.isAlphabetic || text[end].properties.numericType != nil || text[end] == "#"
    { end += 1 }
    let name = String(scalars: text[start + 1..<end])
    let behind = end < text.count && text[end] == ";" ? end + 1 : end
    if name.hasPrefix("#") {
      let digits = name.dropFirst()
      let value = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      guard let value else { return nil }
      return (Unicode.Scalar(windows[value] ?? value) ?? "\u{FFFD}", behind)
    }
    guard behind > end, let value = named[name] else { return nil }
    return (value, behind)
  }

  /// Numbers of Windows-1252 that pages give for characters, as browsers take them.
  private static let windows: [UInt32: UInt32] = [
    0: 0xFFFD, 0x80: 0x20AC, 0x82: 0x201A, 0x84: 0x201E, 0x85: 0x2026, 0x8B: 0x2039, 0x91: 0x2018, 0x92: 0x2019,
    0x93: 0x201C, 0x94: 0x201D,
    0x95: 0x2022, 0x96: 0x2013, 0x97: 0x2014, 0x99: 0x2122, 0x9B: 0x203A,
  ]

  private static let named: [String: Unicode.Scalar] = {
    var made: [String: Unicode.Scalar] = [
      "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "shy": "\u{AD}", "hellip": "…",
      "mdash": "—", "ndash": "–",
      "lsquo": "‘", "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„", "lsaquo": "‹", "rsaquo": "›",
      "bull": "•", "dagger": "†",
      "Dagger": "‡", "permil": "‰", "prime": "′", "Prime": "″", "euro": "€", "trade": "™", "larr": "←", "uarr": "↑",
      "rarr": "→", "darr": "↓",
      "harr": "↔", "rArr": "⇒", "minus": "−", "le": "≤", "ge": "≥", "ne": "≠", "asymp": "≈", "infin": "∞", "times": "×",
      "divide": "÷", "oelig": "œ",
      "OElig": "Œ", "scaron": "š", "Scaron": "Š", "ensp": "\u{2002}", "emsp": "\u{2003}", "thinsp": "\u{2009}",
      "zwnj": "\u{200C}", "zwj": "\u{200D}",
      "check": "✓", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "lambda": "λ", "mu": "μ", "pi": "π",
      "sigma": "σ", "omega": "ω",
    ]
    // The names of Latin-1's upper half, in its order.
    let latin = """
      nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1
      ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
      ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring
      aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc
      uuml yacute thorn yuml
      """.split(whereSeparator: \.isWhitespace)
    for (place, name) in latin.enumerated() { made[String(name)] = Unicode.Scalar(UInt32(0xA0 + place)) }
    return made
  }()
}
