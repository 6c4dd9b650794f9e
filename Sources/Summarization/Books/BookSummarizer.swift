import Documents
public import Evaluation
import Foundation
public import Pages
import Settings

/// Summarises a book of any length by recursion: passages first, then their summaries together, up to one (Wu 2021).
///
/// One model at every node; the decomposition is fixed beforehand (``TreeShape``). A node sees the summaries before it that its parent
/// will read with it, as much as `previous_context` allows; nodes of different parents don't wait for each other and go to the model
/// together. What the model answers is kept under the request's content, so that the same work isn't done twice: work that was stopped
/// goes on, and after an edit only what depends on it is asked anew.
///
/// ```swift
/// let summarizer = try BookSummarizer(model, count: { tokenizer.encode($0).count }, context: 4096, folder: "out")
/// let tree = try summarizer.summarize(book, source: "alice.txt")
/// print(tree.summary)
/// ```
public final class BookSummarizer {
  let model: any EvaluatedModel
  let count: (String) -> Int
  let context: Int
  private let settings: SummarySettings
  private let instructions: String?
  private let journal: ResponseJournal?
  let chat: ChatPrompting?
  private var counted: [String: Int] = [:]

  /// A summarizer.
  ///
  /// - Parameters:
  ///   - count: counts a text's tokens, or estimates them.
  ///   - context: the most tokens of a request and its answer.
  ///   - instructions: how to write, in place of the built-in sentence about it.
  ///   - folder: where answers are kept; nil keeps none.
  public init(
    _ model: any EvaluatedModel, count: @escaping (String) -> Int, context: Int,
    settings: SummarySettings = SummarySettings(),
    instructions: String? = nil, folder: String? = nil
  ) throws {
    (self.model, self.count, self.context) = (model, count, context)
    (self.settings, self.instructions) = (settings, instructions)
    try settings.validate()
    // A model without a template of its own goes on from a text.
    chat = try? model.chatPrompting(isMultiturn: false)
    journal = try folder.map { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      // Each model's answers have a file of their own: another model forgets nobody's.
      let name = SHA256Digest(of: Data(model.identity.utf8)).hexadecimal.prefix(12)
      return try ResponseJournal(path: "\(folder)/answers-\(name).jsonl", identity: model.identity)
    }
  }

  /// The number of answers that are known already.
  public var known: Int { journal?.count ?? 0 }

  // MARK: The plan

  /// What the book takes.
  ///
  /// - Throws: ``SummaryError`` where there is nothing to read, or the context is too small for any passage.
  public func plan(_ book: Book) throws -> SummaryPlan {
    var remarks = book.remarks
    let settings = try fitted(book, &remarks)
    let passages = PassageCutter(tokens: settings.leafTokens, count: count).passages(of: book)
    guard !passages.isEmpty else { throw SummaryError("there is no text to summarise in it", exitStatus: .noInput) }
    let shape = TreeShape(chapters: passages.map(\.chapter)) { settings.fanIn(height: $0) }
    let prompt = SummaryPrompt(book: book, settings: settings, instructions: instructions)
    let overhead =
      count(prompt.text(height: 0, isRoot: false, chapter: nil, previous: "", source: "")) + Self.templateTokens
    var (calls, read, written, width) = (0, 0, 0, 0)
    for place in shape.places {
      let isRoot = place == shape.root
      let cap = prompt.cap(height: place.height, isRoot: isRoot)
      let own =
        place.height == 0
        ? passages[place.index].tokens
        : shape.children(of: place).count * settings.cap(height: place.height - 1) * 7 / 10
      if place.height == 0, !isRoot, own <= Self.verbatimTokens { continue }
      let siblings =
        shape.parent(of: place).map { place.index - (shape.children(of: $0).first?.index ?? place.index) } ?? 0
      calls += 1
      read += own + overhead + min(settings.previousContext, siblings * settings.cap(height: place.height) * 7 / 10)
      written += cap
      if siblings == 0, place.height == 0 { width += 1 }
    }
    let counts = book.chapters.count
    if counts == 1, passages.count > 20 {
      remarks.append("No chapters were recognised: passages are cut at paragraphs alone.")
    }
    if passages.count == 1 { remarks.append("The text is one passage: its summary is all there is.") }
    return SummaryPlan(
      passages: passages, shape: shape, settings: settings, remarks: remarks, calls: calls, read: read,
      written: written, width: max(1, width))
  }

  /// Tokens that a chat template adds, about.
  private static let templateTokens = 40
  /// Passages of so few tokens stand for themselves.
  static let verbatimTokens = 40

  /// The settings made smaller until passages and nodes fit into the context with their answers.
  private func fitted(_ book: Book, _ remarks: inout [String]) throws -> SummarySettings {
    var made = settings
    let empty = SummaryPrompt(book: book, settings: settings, instructions: instructions)
      .text(
        height: 0, isRoot: false, chapter: book.chapters.compactMap(\.title).max { $0.count < $1.count }, previous: "",
        source: "")
    let room = context - count(empty) - Self.templateTokens
    guard room >= 96 else {
      throw SummaryError(
        "the model's context of \(context) tokens leaves no room for a passage: the request alone takes \(context - max(0, room)). "
          + "Take a model with a larger context, or shorter --focus and instructions.")
    }
    made.cap = min(made.cap, room / 3)
    made.leafCap = min(made.leafCap, made.cap)
    let rootCap = SummaryPrompt(book: book, settings: made).cap(height: 0, isRoot: made.length != nil)
    guard rootCap <= room / 2 else {
      throw SummaryError(
        "a summary of \(made.length ?? 0) words doesn't fit into the model's context of \(context) tokens: ask for a shorter one"
      )
    }
    made.leafTokens = min(made.leafTokens, (room - max(made.leafCap, made.length == nil ? 0 : rootCap)) * 4 / 5)
    made.nodeTokens = min(made.nodeTokens, room - max(made.cap, made.length == nil ? 0 : rootCap))
    made.previousContext = min(
      made.previousContext, max(0, room - made.cap - max(made.nodeTokens, made.leafTokens * 5 / 4)))
    if made.leafTokens < settings.leafTokens {
      remarks.append(
        "The model's context of \(context) tokens is small: passages have \(made.leafTokens) tokens instead of \(settings.leafTokens)."
      )
    }
    return made
  }

  // MARK: Requests

  /// A request for an answer of a length.
  func request(_ text: String, maxTokens: Int, sample: Int = 0) throws -> ModelRequest {
    var generation = GenerationSettings(
      stops: chat == nil ? ["\n\n"] : [], maxTokens: maxTokens,
      temperature: sample > 0 ? max(0.7, settings.temperature) : settings.temperature)
    generation.repetitionPenalty = settings.repetitionPenalty == 1 ? nil : settings.repetitionPenalty
    let context = try chat?.render([["role": "user", "content": .string(text)]], true) ?? text + "\n\nSummary:"
    return .generation(context: context, generation, sample: sample)
  }

  /// Asks for what isn't known yet, all at once.
  ///
  /// - Parameter progress: is told of each answer and its tokens; false stops.
  func answers(_ requests: [ModelRequest], progress: (Int) -> Bool) throws -> [String] {
    var texts = requests.map { journal?[$0]?.text }
    // Equal requests are asked once.
    var places: [ModelRequest: [Int]] = [:]
    for (place, request) in requests.enumerated() where texts[place] == nil {
      places[request, default: []].append(place)
    }
    let asked = requests.indices.filter { places[requests[$0]]?.first == $0 }
    var isStopped = false
    if !asked.isEmpty {
      defer { try? journal?.synchronize() }
      try model.answer(asked.map { requests[$0] }) { number, response, tokens in
        let request = requests[asked[number]]
        try journal?.append(response, to: request)
        for place in places[request] ?? [] { texts[place] = response.text ?? "" }
        isStopped = !progress(tokens)
        return !isStopped
      }
    }
    if isStopped || texts.contains(nil) { throw SummaryInterrupted(answered: known) }
    return texts.compactMap { $0 }
  }

  /// How fast the model reads and writes: its answer to the first passage, which is kept, is timed.
  ///
  /// - Returns: nil where that answer is known already.
  public func pace(_ book: Book, _ plan: SummaryPlan) throws -> SummaryPlan.Pace? {
    let work = SummaryWork(book, plan, instructions: instructions, edits: [:], count: count)
    guard case .ask(let text, let cap) = work.step(TreeShape.Place(height: 0, index: 0)) else { return nil }
    let whole = try request(text, maxTokens: cap)
    guard journal?[whole] == nil else { return nil }
    func timed(_ request: ModelRequest, keeps: Bool) throws -> (seconds: Double, tokens: Int) {
      let start = ContinuousClock.now
      var written = 0
      try model.answer([request]) { _, response, tokens in
        if keeps { try journal?.append(response, to: request) }
        written = max(tokens, count(response.text ?? ""))
        return true
      }
      return ((ContinuousClock.now - start) / .seconds(1), written)
    }
    let first = try timed(try request(text, maxTokens: 1), keeps: false)
    let second = try timed(whole, keeps: true)
    return SummaryPlan.Pace(
      read: first.seconds / Double(max(1, count(text))),
      write: max(0, second.seconds - first.seconds) / Double(max(1, second.tokens)))
  }

  // MARK: The tree

  /// Summarises a book.
  ///
  /// - Parameters:
  ///   - source: the file or address it came from, for the record.
  ///   - edits: texts of nodes that people wrote, by the nodes' names; the model isn't asked for those.
  ///   - progress: is told after each answer how many of the plan's calls are done, and the tokens of that answer; false stops.
  /// - Throws: ``SummaryInterrupted`` where it was stopped; the model's errors. What was answered until then is kept.
  public func summarize(
    _ book: Book, source: String, plan given: SummaryPlan? = nil, edits: [String: String] = [:],
    progress: (_ done: Int, _ tokens: Int) -> Bool = { _, _ in true }
  ) throws -> SummaryTree {
    let plan = try given ?? self.plan(book)
    let names = Set(plan.shape.places.map(\.name))
    if let unknown = edits.keys.sorted().first(where: { !names.contains($0) }) {
      throw SummaryError(
        "there is no node '\(unknown)' in this tree, which has \(plan.passages.count) passages: the edits are of another book or other settings"
      )
    }
    let work = SummaryWork(book, plan, instructions: instructions, edits: edits, count: count)
    var done = 0
    while !work.isDone {
      let round = work.ready()
      var asked: [(place: TreeShape.Place, text: String, cap: Int)] = []
      for place in round {
        switch work.step(place) {
        case .given(let text, let caveats): work.finish(place, text, caveats: caveats, read: 0)
        case .ask(let text, let cap): asked.append((place, text, cap))
        }
      }
      let requests = try asked.map { try request($0.text, maxTokens: $0.cap) }
      done += requests.count { journal?[$0] != nil }
      var texts = try answers(requests) { tokens in
        done += 1
        return progress(done, tokens)
      }
      // Silence is asked about once more, with chance in it.
      let silent = texts.indices.filter { SummaryPrompt.cleaned(texts[$0], wasCut: false).isEmpty }
      let again = try answers(try silent.map { try request(asked[$0].text, maxTokens: asked[$0].cap, sample: 1) }) {
        progress(done, $0)
      }
      for (place, text) in zip(silent, again) { texts[place] = text }
      for (request, text) in zip(asked, texts) {
        work.finish(request.place, answer: text, cap: request.cap, read: count(request.text) + Self.templateTokens)
      }
    }
    return work.tree(source: source, model: model.name)
  }
}
