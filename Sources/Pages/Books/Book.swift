/// A book, or any other long text, as readable text with its sections.
///
/// Positions count Unicode code points of ``text``, as Python's slices do. Lines are kept as the file has them, so that a position in a
/// paragraph is a position in the file's own text.
public struct Book: Sendable, Equatable {
  /// A part of a book by what it is for.
  public enum Kind: String, Sendable, Codable {
    /// Title page, contents, preface, licence before the text.
    case frontMatter = "front matter"
    /// The text itself.
    case chapter
    /// Notes, index, licence behind the text.
    case backMatter = "back matter"
  }

  /// A section: what lies between one heading and the next.
  public struct Section: Sendable, Equatable {
    /// Its heading; nil where it has none.
    public var title: String?
    /// Its purpose.
    public var kind: Kind
    /// Its place in the text, the heading left out.
    public var range: Range<Int>

    /// A section.
    public init(title: String?, kind: Kind, range: Range<Int>) {
      (self.title, self.kind, self.range) = (title, kind, range)
    }
  }

  /// The title; nil where nothing says it.
  public var title: String?
  /// The author or authors.
  public var author: String?
  /// The language's tag, such as `en`, where the file says one.
  public var language: String?
  /// The code points of the readable text.
  public let scalars: [Unicode.Scalar]
  /// The sections in their order.
  public var sections: [Section]
  /// What a reader should know about how the file was understood, as sentences.
  public var remarks: [String]

  /// A book of a text.
  public init(
    title: String? = nil, author: String? = nil, language: String? = nil, scalars: [Unicode.Scalar],
    sections: [Section], remarks: [String] = []
  ) {
    (self.title, self.author, self.language) = (title, author, language)
    (self.scalars, self.sections, self.remarks) = (scalars, sections, remarks)
  }

  /// The readable text.
  public var text: String { String(scalars: scalars[...]) }

  /// The text of a place.
  public subscript(range: Range<Int>) -> String { String(scalars: scalars[range]) }

  /// The sections that are read: those of the text itself, or all where none of them holds any of it.
  public var chapters: [Section] {
    let found = sections.filter { $0.kind == .chapter && !isBlank($0.range) }
    return found.isEmpty ? sections.filter { !isBlank($0.range) } : found
  }

  /// Whether a place holds white space alone.
  public func isBlank(_ range: Range<Int>) -> Bool { scalars[range].allSatisfy(\.properties.isWhitespace) }

  /// The paragraphs of a place: what empty lines divide, without the white space around them.
  public func paragraphs(in range: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var (start, end, isEmptyLine) = (range.lowerBound, range.lowerBound, true)
    func close() {
      if end > start { found.append(start..<end) }
      start = end
    }
    for place in range {
      let scalar = scalars[place]
      if scalar == "\n" {
        if isEmptyLine { close() }
        isEmptyLine = true
      } else if !scalar.properties.isWhitespace {
        if end <= start { start = place }
        end = place + 1
        isEmptyLine = false
      }
    }
    close()
    return found
  }
}

extension String {
  /// The text of some code points.
  package init(scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
