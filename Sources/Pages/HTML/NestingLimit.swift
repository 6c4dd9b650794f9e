/// Drops tags that are nested too deep to be read, before a parser sees them.
///
/// gumbo looks through all open elements for many a tag and frees its tree by recursion, so that a million nested tags would take
/// hours and then the stack. Browsers stop nesting at 512 as well. Only tags are dropped; their text stays.
enum NestingLimit {
  /// The deepest nesting that a parser is given.
  static let depth = 400

  /// Elements that have no end tag or whose end is implied by the next one of their kind, so that leaving it out nests nothing.
  private static let unnested: Set<String> = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "tr", "td", "th", "option", "tbody", "thead", "tfoot", "html", "head", "body",
  ]
  private static let raw: Set<String> = ["script", "style", "textarea", "title", "xmp", "noframes", "iframe"]

  /// The page without its deepest tags; the same bytes where there are none.
  static func apply(to bytes: [UInt8]) -> [UInt8] {
    guard bytes.withUnsafeBufferPointer({ mayNest($0) }) else { return bytes }
    var kept: [UInt8] = []
    var copied = 0
    var open = 0
    var dropped: [String: Int] = [:]
    bytes.withUnsafeBufferPointer { page in
      var place = 0
      while let start = next(UInt8(ascii: "<"), in: page, from: place) {
        let isEnd = start + 1 < page.count && page[start + 1] == UInt8(ascii: "/")
        let nameStart = start + (isEnd ? 2 : 1)
        var nameEnd = nameStart
        while nameEnd < page.count, nameEnd - nameStart < 32, isNamePart(page[nameEnd]) { nameEnd += 1 }
        guard nameEnd > nameStart else {
          place = comment(in: page, at: start)
          continue
        }
        let name = String(decoding: page[nameStart..<nameEnd], as: UTF8.self).lowercased()
        let end = tagEnd(in: page, from: nameEnd)
        var drops = false
        if !unnested.contains(name) {
          if isEnd, let count = dropped[name], count > 0 {
            dropped[name] = count - 1
            drops = true
          } else if isEnd {
            open = max(0, open - 1)
          } else if open >= depth {
            dropped[name, default: 0] += 1
            drops = true
          } else {
            open += 1
          }
        }
        if drops {
          kept.append(contentsOf: page[copied..<start])
          copied = end
        }
        place = end
        if raw.contains(name), !isEnd { place = rawEnd(of: name, in: page, from: end) }
      }
      if copied > 0 { kept.append(contentsOf: page[copied...]) }
    }
    return copied > 0 ? kept : bytes
  }

  private static func mayNest(_ page: UnsafeBufferPointer<UInt8>) -> Bool {
    var tags = 0
    var place = 0
    while tags <= depth, let start = next(UInt8(ascii: "<"), in: page, from: place) {
      tags += 1
      place = start + 1
    }
    return tags > depth
  }

  private static func next(_ byte: UInt8, in page: UnsafeBufferPointer<UInt8>, from place: Int) -> Int? {
    place < page.count ? page[place...].firstIndex(of: byte) : nil
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
      || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "-")
  }

  /// The place behind a tag's `>`, quoted values skipped; the page's end where it has none.
  private static func tagEnd(in page: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var quote: UInt8?
    var place = start
    while place < page.count {
      let byte = page[place]
      if let mark = quote {
        if byte == mark { quote = nil }
      } else if byte == UInt8(ascii: ">") {
        return place + 1
      } else if (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")) && page[place - 1] == UInt8(ascii: "=") {
        quote = byte
      }
      place += 1
    }
    return page.count
  }

  private static func comment(in page: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
    let mark = Array("<!--".utf8)
    guard start + 4 <= page.count, page[start..<start + 4].elementsEqual(mark) else { return start + 1 }
    var place = start + 4
    while let end = next(UInt8(ascii: ">"), in: page, from: place) {
      if page[end - 1] == UInt8(ascii: "-"), page[end - 2] == UInt8(ascii: "-") { return end + 1 }
      place = end + 1
    }
    return page.count
  }

  private static func rawEnd(of name: String, in page: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var place = start
    while let end = next(UInt8(ascii: "<"), in: page, from: place) {
      let after = end + 2 + name.utf8.count
      if after <= page.count, page[end + 1] == UInt8(ascii: "/"),
        String(decoding: page[end + 2..<after], as: UTF8.self).lowercased() == name
      {
        return end
      }
      place = end + 1
    }
    return page.count
  }
}
