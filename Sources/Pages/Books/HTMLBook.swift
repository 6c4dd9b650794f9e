import Documents

/// A page of HTML as a book: its sections are those of its headings.
enum HTMLBook {
  /// Reads a page.
  ///
  /// - Throws: `DataError` where it holds no text.
  static func read(_ page: PageText, path: String, name: String?) throws -> Book {
    guard page.scalars.contains(where: { !$0.properties.isWhitespace }) else {
      throw DataError(
        .badData, path: path, problem: "there is no text in the page",
        advice: "Pages that a script writes aren't read: save what a browser shows.")
    }
    let counts = Dictionary(grouping: page.headings, by: { $0.level }).mapValues { $0.count }
    // The highest level of which there are several; a single one is the title.
    let level = (1...6).first { counts[$0, default: 0] >= 2 }
    let headings = page.headings.filter { $0.level == level }
    let title = page.headings.first { $0.level == 1 && counts[1] == 1 }?.title ?? page.title ?? name
    var sections: [Book.Section] = []
    if let first = headings.first {
      if !page.isBlank(0..<first.range.lowerBound) {
        sections.append(.init(title: nil, kind: .chapter, range: 0..<first.range.lowerBound))
      }
    } else {
      sections.append(.init(title: nil, kind: .chapter, range: 0..<page.scalars.count))
    }
    for (number, heading) in headings.enumerated() {
      let end = number + 1 < headings.count ? headings[number + 1].range.lowerBound : page.scalars.count
      sections.append(
        .init(title: heading.title, kind: HeadingRules.kind(of: heading.title), range: heading.range.upperBound..<end))
    }
    return Book(title: title, language: page.language, scalars: page.scalars, sections: sections)
  }
}
