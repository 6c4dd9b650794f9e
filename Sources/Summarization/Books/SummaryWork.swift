import Pages

/// A tree while it is being made: which nodes can be asked for, and what they came to.
final class SummaryWork {
  /// What a node needs.
  enum Step {
    /// Nothing: a person wrote it, or its passage is short enough to stand for itself.
    case given(String, caveats: [String])
    /// The model's answer to a request, of at most so many tokens.
    case ask(String, cap: Int)
  }

  private let book: Book
  private let plan: SummaryPlan
  private let prompt: SummaryPrompt
  private let edits: [String: String]
  private let count: (String) -> Int
  private let chapters: [Book.Section]
  private var nodes: [[SummaryTree.Node?]]
  private var left: Int
  private let siblings: [[Range<Int>]]

  init(
    _ book: Book, _ plan: SummaryPlan, instructions: String?, edits: [String: String], count: @escaping (String) -> Int
  ) {
    (self.book, self.plan, self.edits, self.count) = (book, plan, edits, count)
    prompt = SummaryPrompt(book: book, settings: plan.settings, instructions: instructions)
    chapters = book.chapters
    nodes = plan.shape.leaves.map { Array(repeating: nil, count: $0.count) }
    left = plan.shape.places.count
    siblings = plan.shape.leaves.indices.map { height in
      height < plan.shape.height
        ? plan.shape.children[height + 1].flatMap { group in group.map { _ in group } } : [0..<1]
    }
  }

  var isDone: Bool { left == 0 }

  private func node(_ place: TreeShape.Place) -> SummaryTree.Node? { nodes[place.height][place.index] }

  /// The nodes whose children and earlier siblings are done.
  func ready() -> [TreeShape.Place] {
    plan.shape.places.filter { place in
      guard node(place) == nil else { return false }
      let before = siblings[place.height][place.index].lowerBound..<place.index
      let seesBefore = plan.settings.previousContext > 0
      return (!seesBefore || before.allSatisfy { nodes[place.height][$0] != nil })
        && plan.shape.children(of: place).allSatisfy { node($0) != nil }
    }
  }

  /// The chapter in which a node begins.
  private func chapter(_ place: TreeShape.Place) -> String? {
    chapters[plan.passages[plan.shape.leaves[place.height][place.index].lowerBound].chapter].title
  }

  /// What a node is made of: its passage, or its children's summaries.
  private func source(_ place: TreeShape.Place) -> String {
    place.height == 0
      ? SummaryPrompt.flowing(book[plan.passages[place.index].range])
      : plan.shape.children(of: place).compactMap { node($0)?.text }.joined(separator: "\n\n")
  }

  /// The summaries before a node among its siblings, the nearest that fit.
  private func previous(_ place: TreeShape.Place) -> String {
    var (taken, tokens): ([String], Int) = ([], 0)
    for index in (siblings[place.height][place.index].lowerBound..<place.index).reversed() {
      guard let text = nodes[place.height][index]?.text else { break }
      tokens += count(text)
      if tokens > plan.settings.previousContext { break }
      taken.append(text)
    }
    return taken.reversed().joined(separator: " ")
  }

  func step(_ place: TreeShape.Place) -> Step {
    if let edit = edits[place.name] { return .given(edit, caveats: []) }
    let isRoot = place == plan.shape.root
    let source = source(place)
    if place.height == 0, !isRoot, plan.passages[place.index].tokens <= BookSummarizer.verbatimTokens {
      return .given(source, caveats: ["the passage is short and stands for itself"])
    }
    return .ask(
      prompt.text(
        height: place.height, isRoot: isRoot, chapter: chapter(place), previous: previous(place), source: source),
      cap: prompt.cap(height: place.height, isRoot: isRoot))
  }

  /// Takes a model's answer.
  func finish(_ place: TreeShape.Place, answer: String, cap: Int, read: Int) {
    var caveats: [String] = []
    var text = SummaryPrompt.cleaned(answer, wasCut: count(answer) >= cap * 17 / 20)
    let source = source(place)
    let sentences = Sentences.texts(of: text)
    var seen: Set<String> = []
    let kept = sentences.filter { seen.insert($0.lowercased()).inserted }
    if kept.count < sentences.count {
      text = kept.joined(separator: " ")
      caveats.append("\(sentences.count - kept.count) repeated sentences were left out")
    }
    if text.isEmpty {
      var words = prompt.words(height: place.height, isRoot: place == plan.shape.root)
      let first = Sentences.texts(of: source).prefix { sentence in
        words -= sentence.split(separator: " ").count
        return words >= 0
      }
      text =
        first.isEmpty ? source.split(separator: " ").prefix(40).joined(separator: " ") : first.joined(separator: " ")
      caveats.append("the model wrote nothing: first sentences of what it was given stand here")
    } else if count(text) >= max(1, count(source)) {
      caveats.append("the summary is no shorter than what it summarises")
    }
    finish(place, text, caveats: caveats, read: read, written: count(answer))
  }

  func finish(_ place: TreeShape.Place, _ text: String, caveats: [String], read: Int, written: Int = 0) {
    guard node(place) == nil else { return }
    let leaves = plan.shape.leaves[place.height][place.index]
    let children = plan.shape.children(of: place)
    let id = place.name
    nodes[place.height][place.index] = SummaryTree.Node(
      id: id, height: place.height, children: children.map(\.name), chapter: chapter(place),
      start: plan.passages[leaves.lowerBound].range.lowerBound,
      end: plan.passages[leaves.upperBound - 1].range.upperBound, text: text,
      sentences: sentences(text, id, place, children), read: read, written: written, edited: edits[id] != nil,
      caveats: caveats)
    left -= 1
  }

  /// The sentences of a node's text with their sources.
  private func sentences(
    _ text: String, _ id: String, _ place: TreeShape.Place, _ children: [TreeShape.Place]
  ) -> [SummaryTree.Sentence] {
    let scalars = Array(text.unicodeScalars)
    let ranges = Sentences.ranges(of: scalars)
    var candidates: [(text: String, source: SummaryTree.Source)] = []
    if place.height == 0 {
      let range = plan.passages[place.index].range
      candidates = Sentences.ranges(of: book.scalars[range]).map { own in
        let place = range.lowerBound + own.lowerBound..<range.lowerBound + own.upperBound
        return (book[place], .init(node: id, sentence: nil, start: place.lowerBound, end: place.upperBound, score: 0))
      }
    } else {
      for child in children.compactMap(node) {
        for (number, sentence) in child.sentences.enumerated() {
          candidates.append(
            (sentence.text, .init(node: child.id, sentence: number, start: sentence.start, end: sentence.end, score: 0))
          )
        }
      }
    }
    let texts = ranges.map { String(scalars: scalars[$0]) }
    let matches = SentenceAlignment().matches(of: texts, in: candidates.map(\.text))
    return zip(zip(ranges, texts), matches).map { sentence, matches in
      SummaryTree.Sentence(
        start: sentence.0.lowerBound, end: sentence.0.upperBound, text: sentence.1,
        sources: matches.map { match in
          var source = candidates[match.source].source
          source.score = (match.score * 1000).rounded() / 1000
          return source
        })
    }
  }

  /// The tree when all is done.
  func tree(source: String, model: String) -> SummaryTree {
    SummaryTree(
      title: book.title, author: book.author, source: source, model: model, settings: plan.settings,
      instructions: prompt.instructions,
      root: plan.shape.root.name, remarks: plan.remarks, nodes: nodes.flatMap { $0.compactMap { $0 } })
  }
}
