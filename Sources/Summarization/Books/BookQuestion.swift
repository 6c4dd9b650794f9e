import Documents
public import Pages
import Foundation

/// An answer about a book, with the places that it rests on.
public struct BookAnswer: Sendable, Codable, Equatable {
  /// A place in the book.
  public struct Reference: Sendable, Codable, Equatable {
    /// Its number in the answer.
    public var number: Int
    /// The passage's node.
    public var node: String
    /// The chapter.
    public var chapter: String?
    /// Where the passage begins in the book's text.
    public var start: Int
    /// Behind it.
    public var end: Int
    /// Whether the answer names it.
    public var cited: Bool
    /// The sentences of it that the answer's words come from, with their places.
    public var quotes: [Quote]
  }

  /// Words of the book.
  public struct Quote: Sendable, Codable, Equatable {
    /// Where they begin in the book's text.
    public var start: Int
    /// Behind them.
    public var end: Int
    /// The words.
    public var text: String
  }

  /// The question.
  public var question: String
  /// The answer.
  public var answer: String
  /// The excerpts that it was written from, in the order of their numbers.
  public var references: [Reference]
}

extension BookSummarizer {
  /// What a question is answered from.
  public enum Reading: String, Sendable, CaseIterable, Codable {
    /// The passages that the tree leads to, and the whole book's summary.
    case tree
    /// As much of the book's beginning as fits the same space.
    case beginning
    /// The question alone.
    case nothing
  }

  /// The most tokens of an answer.
  private static let answerTokens = 160

  /// Answers questions about a book whose tree is made, all at once.
  ///
  /// Passages are ranked by the question's words, weighted by how rare they are (BM25, Robertson 1994), in the passage, in its summary and in
  /// those above it; the best are shown in the book's order, numbered, beside the whole summary.
  ///
  /// - Parameter excerptTokens: the most tokens of excerpts.
  public func ask(
    _ questions: [String], of book: Book, _ tree: SummaryTree, reading: Reading = .tree, excerptTokens: Int = 1800,
    progress: (Int) -> Bool = { _ in true }
  ) throws -> [BookAnswer] {
    let passages = tree.nodes.filter { $0.height == 0 }
    let shown = questions.map { excerpts(for: $0, passages, book, tree, reading, excerptTokens) }
    let requests = try zip(questions, shown).map { question, shown in
      try request(Self.prompt(question, shown, book, tree, reading), maxTokens: Self.answerTokens)
    }
    let texts = try answers(requests, progress: progress)
    return questions.indices.map { place in
      let text = SummaryPrompt.cleaned(texts[place], wasCut: count(texts[place]) >= Self.answerTokens * 17 / 20)
      return BookAnswer(
        question: questions[place], answer: text, references: Self.references(of: text, shown[place], book))
    }
  }

  private func excerpts(
    for question: String, _ passages: [SummaryTree.Node], _ book: Book, _ tree: SummaryTree, _ reading: Reading,
    _ most: Int
  ) -> [SummaryTree.Node] {
    // The request, the summary and the answer need room too.
    let room = min(
      most, context - Self.answerTokens - 200 - (reading == .tree ? count(tree.summary) : 0) - count(question))
    var (taken, tokens): ([SummaryTree.Node], Int) = ([], 0)
    let order: [SummaryTree.Node] =
      switch reading {
      case .tree: ranked(passages, by: question, book, tree)
      case .beginning: passages
      case .nothing: []
      }
    for node in order {
      tokens += count(book[node.start..<node.end]) + 8
      if tokens > room { break }
      taken.append(node)
    }
    return taken.sorted { $0.start < $1.start }
  }

  /// The passages, likeliest first.
  private func ranked(_ passages: [SummaryTree.Node], by question: String, _ book: Book, _ tree: SummaryTree)
    -> [SummaryTree.Node]
  {
    let asked = Set(SentenceAlignment.words(question))
    let parents = Dictionary(tree.nodes.flatMap { node in node.children.map { ($0, node.id) } }) { first, _ in first }
    let texts = Dictionary(tree.nodes.map { ($0.id, $0.text) }) { first, _ in first }
    let bags = passages.map { node -> [String: Double] in
      var bag: [String: Double] = [:]
      for word in SentenceAlignment.words(book[node.start..<node.end]) { bag[word, default: 0] += 1 }
      var (id, weight): (String?, Double) = (node.id, 1)
      while let own = id, weight > 0.2 {
        for word in Set(SentenceAlignment.words(texts[own] ?? "")) { bag[word, default: 0] += weight }
        (id, weight) = (parents[own], weight / 2)
      }
      return bag
    }
    let lengths = bags.map { $0.values.reduce(0, +) }
    let mean = max(1, lengths.reduce(0, +) / Double(max(1, lengths.count)))
    func score(_ place: Int) -> Double {
      asked.reduce(0) { sum, word in
        guard let frequency = bags[place][word] else { return sum }
        let with = Double(bags.count { $0[word] != nil })
        let rarity = log(1 + (Double(bags.count) - with + 0.5) / (with + 0.5))
        return sum + rarity * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * lengths[place] / mean))
      }
    }
    let scores = passages.indices.map(score)
    return passages.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.map { passages[$0] }
  }

  private static func prompt(
    _ question: String, _ shown: [SummaryTree.Node], _ book: Book, _ tree: SummaryTree, _ reading: Reading
  ) -> String {
    let name = book.title.map { "'\(SummaryPrompt.plain($0))'" } ?? "a book"
    var parts: [String] = []
    if reading == .tree { parts.append("What \(name) is about:\n\(SummaryPrompt.plain(tree.summary))") }
    for (number, node) in shown.enumerated() {
      let chapter = node.chapter.map { " (\(SummaryPrompt.plain($0)))" } ?? ""
      parts.append(
        "[\(number + 1)]\(chapter) \(SummaryPrompt.plain(SummaryPrompt.flowing(book[node.start..<node.end])))")
    }
    let from =
      shown.isEmpty
      ? "Answer this question about \(name)"
      : "Answer this question about \(name) from the numbered excerpts, and name the excerpt that says so, such as [1]"
    parts.append(
      "\(from), in one or two sentences. If you can't tell, say so.\n\nQuestion: \(SummaryPrompt.plain(question))")
    return parts.joined(separator: "\n\n")
  }

  private static func references(of answer: String, _ shown: [SummaryTree.Node], _ book: Book) -> [BookAnswer.Reference]
  {
    let sentences = shown.flatMap { node in
      Sentences.ranges(of: book.scalars[node.start..<node.end]).map {
        (node.id, $0.lowerBound + node.start..<$0.upperBound + node.start)
      }
    }
    let found = SentenceAlignment().matches(of: Sentences.texts(of: answer), in: sentences.map { book[$0.1] }).flatMap {
      $0
    }
    return shown.enumerated().map { number, node in
      BookAnswer.Reference(
        number: number + 1, node: node.id, chapter: node.chapter, start: node.start, end: node.end,
        cited: answer.contains("[\(number + 1)]"),
        quotes: found.filter { sentences[$0.source].0 == node.id }.prefix(3).map {
          let range = sentences[$0.source].1
          return .init(start: range.lowerBound, end: range.upperBound, text: book[range])
        })
    }
  }
}
