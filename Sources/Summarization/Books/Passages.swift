public import Pages

/// A leaf of the tree before it is summarised: a passage of the book.
public struct Passage: Sendable, Equatable {
  /// Its place in the book's text.
  public var range: Range<Int>
  /// The chapter's place among ``Book/chapters``.
  public var chapter: Int
  /// About how many tokens it has.
  public var tokens: Int
}

/// Cuts a book into passages of about one length, at paragraphs where it can, else at sentences, else at words (Wu 2021, section 2).
///
/// A passage never reaches over the end of a chapter. The passages of a chapter are about equally long.
public struct PassageCutter {
  /// The length that is aimed at, in tokens.
  public var tokens: Int
  /// Counts a text's tokens.
  public var count: (String) -> Int

  /// A cutter.
  public init(tokens: Int, count: @escaping (String) -> Int) {
    (self.tokens, self.count) = (max(8, tokens), count)
  }

  private struct Piece {
    var range: Range<Int>
    var tokens: Int
  }

  /// The passages of a book's chapters, in order.
  public func passages(of book: Book) -> [Passage] {
    book.chapters.enumerated().flatMap { number, chapter in
      cut(pieces(of: chapter.range, book)).map { Passage(range: $0.range, chapter: number, tokens: $0.tokens) }
    }
  }

  /// Paragraphs, and parts of those that are too long by themselves.
  private func pieces(of range: Range<Int>, _ book: Book) -> [Piece] {
    book.paragraphs(in: range).flatMap { paragraph in pieces(paragraph, book, by: 0) }
  }

  private func pieces(_ range: Range<Int>, _ book: Book, by level: Int) -> [Piece] {
    // No need to count the tokens of what is far too long.
    let isHuge = range.count > tokens * 64
    let own = isHuge ? Int.max : count(book[range])
    if own <= tokens + tokens / 4 || range.count < 2 { return [Piece(range: range, tokens: own)] }
    let parts: [Range<Int>]
    switch level {
    case 0:
      parts = Sentences.ranges(of: book.scalars[range]).map {
        $0.lowerBound + range.lowerBound..<$0.upperBound + range.lowerBound
      }
    case 1: parts = Self.runs(of: range, book.scalars, length: max(16, tokens * 2))
    default: parts = Self.halves(range)
    }
    guard parts.count > 1 else {
      return level < 2 ? pieces(range, book, by: level + 1) : [Piece(range: range, tokens: own)]
    }
    let small = parts.flatMap { pieces($0, book, by: min(2, level + 1)) }
    return small
  }

  /// Runs of words of about so many code points.
  private static func runs(of range: Range<Int>, _ scalars: [Unicode.Scalar], length: Int) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = range.lowerBound
    for place in range where place - start >= length && scalars[place].properties.isWhitespace {
      found.append(start..<place)
      start = place + 1
    }
    if start < range.upperBound { found.append(start..<range.upperBound) }
    return found
  }

  private static func halves(_ range: Range<Int>) -> [Range<Int>] {
    let middle = range.lowerBound + range.count / 2
    return [range.lowerBound..<middle, middle..<range.upperBound]
  }

  /// Joins pieces to passages of nearly equal length.
  private func cut(_ pieces: [Piece]) -> [Piece] {
    let total = pieces.reduce(0) { $0 + $1.tokens }
    guard total > 0 else { return [] }
    let parts = max(1, Int((Double(total) / Double(tokens)).rounded()))
    var made: [Piece] = []
    var (done, open): (Int, Piece?) = (0, nil)
    for piece in pieces {
      // The end of a passage is where the chapter's length so far comes nearest to so many parts of it.
      let goal = Double(total) * Double(made.count + 1) / Double(parts)
      if let full = open, made.count < parts - 1,
        Double(done) + Double(piece.tokens) / 2 > goal || full.tokens + piece.tokens > tokens * 5 / 4
      {
        made.append(full)
        open = nil
      } else if let full = open, full.tokens + piece.tokens > tokens * 5 / 4 {
        made.append(full)
        open = nil
      }
      open =
        open.map { Piece(range: $0.range.lowerBound..<piece.range.upperBound, tokens: $0.tokens + piece.tokens) }
        ?? piece
      done += piece.tokens
    }
    if let open { made.append(open) }
    return made
  }
}
