public import Documents
public import Evaluation
import Foundation
import Pages

/// Finds flaws in a text: several critiques of each passage are drawn, those whose quote doesn't stand there are thrown away, and the best
/// by the model's own judgement are kept (Saunders 2022).
///
/// ```swift
/// let critic = TextCritic(model, count: { tokenizer.encode($0).count }, context: 4096)
/// for flaw in try critic.critique(text).flaws { print(flaw.line, flaw.problem) }
/// ```
public struct TextCritic {
  /// What decides about the critiques.
  public struct Settings: Sendable, Equatable {
    /// Critiques that are drawn of each passage.
    public var samples = 4
    /// The most critiques of a passage that are kept.
    public var kept = 1
    /// Tokens of a passage.
    public var passageTokens = 400
    /// The temperature at which they are drawn.
    public var temperature = 0.8
    /// What to look for; nil for whatever is wrong.
    public var focus: String?
    /// A text that this one must agree with, such as what it summarises.
    public var source: String?
    /// The defaults.
    public init() {}
  }

  /// What was found.
  public struct Result: Sendable {
    /// The flaws in the text's order.
    public var flaws: [FoundFlaw]
    /// Passages that were read.
    public var passages: Int
    /// Critiques that were drawn.
    public var drawn: Int
    /// Critiques without a flaw, or not in the form that was asked for.
    public var empty: Int
    /// Critiques whose quote isn't in the text.
    public var misquoted: Int
  }

  private let model: any EvaluatedModel
  private let count: (String) -> Int
  private let context: Int
  private let settings: Settings
  private let chat: ChatPrompting?

  /// A critic.
  public init(
    _ model: any EvaluatedModel, count: @escaping (String) -> Int, context: Int, settings: Settings = Settings()
  ) {
    (self.model, self.count, self.context, self.settings) = (model, count, context, settings)
    chat = try? model.chatPrompting(isMultiturn: false)
  }

  private static let answerTokens = 200

  private func rendered(_ text: String) throws -> String {
    try chat?.render([["role": "user", "content": .string(text)]], true) ?? text + "\n\n"
  }

  private func request(_ passage: String) -> String {
    var parts = ["Here is a part of a text:\n\"\"\"\n\(SummaryPrompt.plain(passage))\n\"\"\""]
    if let source = settings.source {
      parts.append("It should agree with this:\n\"\"\"\n\(SummaryPrompt.plain(source))\n\"\"\"")
    }
    parts.append(
      """
      Find one flaw in it\(settings.focus.map { ", above all: \(SummaryPrompt.plain($0))" } ?? ""): something wrong, unclear, contradictory or \
      misleading. Answer in exactly this form:
      Quote: "the words of the text that show the flaw, copied letter by letter"
      Problem: what is wrong, in one sentence
      Severity: minor, major or critical
      Suggestion: "the quoted words as they should read"
      If there is no flaw, answer: Quote: none
      """)
    return parts.joined(separator: "\n\n")
  }

  /// Critiques a text.
  ///
  /// - Parameter progress: is told after each answer how many of how many are there; false stops.
  /// - Throws: ``SummaryError`` where the model's context is too small; the model's errors.
  public func critique(_ text: String, progress: (_ done: Int, _ of: Int) -> Bool = { _, _ in true }) throws -> Result {
    let book = Book(plainText: text)
    let room = context - Self.answerTokens - count(request("")) - 60
    guard room >= 64 else {
      throw SummaryError(
        "the model's context of \(context) tokens leaves no room for a passage beside the request\(settings.source == nil ? "" : " and the source")"
      )
    }
    let whole = Book(
      scalars: book.scalars, sections: [.init(title: nil, kind: .chapter, range: 0..<book.scalars.count)])
    let passages = PassageCutter(tokens: min(settings.passageTokens, room * 4 / 5), count: count).passages(of: whole)
    guard !passages.isEmpty else { throw SummaryError("there is no text to criticise", exitStatus: .noInput) }
    let total = passages.count * settings.samples
    var generation = GenerationSettings(stops: [], maxTokens: Self.answerTokens, temperature: settings.temperature)
    generation.topP = 0.95
    let requests = try passages.flatMap { passage in
      let context = try rendered(request(whole[passage.range]))
      return (0..<settings.samples).map { ModelRequest.generation(context: context, generation, sample: $0) }
    }
    var (answers, done) = ([String](repeating: "", count: total), 0)
    var isStopped = false
    try model.answer(requests) { place, response, _ in
      answers[place] = response.text ?? ""
      done += 1
      isStopped = !progress(done, total)
      return !isStopped
    }
    if isStopped { throw SummaryInterrupted(answered: 0) }
    var result = Result(flaws: [], passages: passages.count, drawn: total, empty: 0, misquoted: 0)
    var found: [[FoundFlaw]] = []
    let lines = Self.lineStarts(whole.scalars)
    for (number, passage) in passages.enumerated() {
      var own: [FoundFlaw] = []
      for answer in answers[number * settings.samples..<(number + 1) * settings.samples] {
        guard let parts = FlawAnswer.parts(SummaryPrompt.cleaned(answer, wasCut: false)) else {
          result.empty += 1
          continue
        }
        guard let place = FlawAnswer.place(of: parts.quote, in: Array(whole.scalars[passage.range])) else {
          result.misquoted += 1
          continue
        }
        let range = passage.range.lowerBound + place.lowerBound..<passage.range.lowerBound + place.upperBound
        own.append(
          FoundFlaw(
            quote: whole[range], start: range.lowerBound, end: range.upperBound,
            line: Self.line(of: range.lowerBound, lines),
            lastLine: Self.line(of: range.upperBound - 1, lines), problem: parts.problem, severity: parts.severity,
            suggestion: parts.suggestion))
      }
      found.append(own)
    }
    result.flaws = try best(found, passages.map { whole[$0.range] })
    return result
  }

  /// The critiques of each passage that the model itself finds most helpful; equal quotes are kept once.
  private func best(_ found: [[FoundFlaw]], _ passages: [String]) throws -> [FoundFlaw] {
    var all = found
    let asked = try found.indices.flatMap { number in
      try found[number].indices.flatMap { place in
        try ["yes", "no"].map { word in
          try (
            number, place, word,
            ModelRequest.logLikelihood(
              context: rendered(question(found[number][place], passages[number])),
              continuation: chat == nil ? " " + word : word.capitalized)
          )
        }
      }
    }
    // A chat interface gives no likelihoods; then the order in which they came stands.
    var values: [[Int]: [String: Double]] = [:]
    try? model.answer(asked.map(\.3)) { place, response, _ in
      values[[asked[place].0, asked[place].1], default: [:]][asked[place].2] = response.logLikelihood
      return true
    }
    for number in all.indices {
      for place in all[number].indices {
        guard let pair = values[[number, place]], let yes = pair["yes"], let no = pair["no"] else { continue }
        all[number][place].helpfulness = 1 / (1 + exp(no - yes))
      }
    }
    return all.flatMap { own in
      var quotes: Set<String> = []
      let order = own.enumerated().sorted {
        (($0.element.helpfulness ?? 0), -$0.offset) > (($1.element.helpfulness ?? 0), -$1.offset)
      }
      return order.map(\.element).filter { quotes.insert($0.quote).inserted }.prefix(settings.kept).sorted {
        $0.start < $1.start
      }
    }
  }

  private func question(_ flaw: FoundFlaw, _ passage: String) -> String {
    """
    A part of a text:
    \"\"\"
    \(SummaryPrompt.plain(passage))
    \"\"\"

    A critique of it: "\(SummaryPrompt.plain(flaw.quote))": \(SummaryPrompt.plain(flaw.problem))

    Is this critique valid and useful? Answer Yes or No.
    """
  }

  private static func lineStarts(_ scalars: [Unicode.Scalar]) -> [Int] {
    [0] + scalars.indices.filter { scalars[$0] == "\n" }.map { $0 + 1 }
  }

  private static func line(of place: Int, _ starts: [Int]) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= place { low = middle } else { high = middle }
    }
    return low + 1
  }
}

extension TextCritic.Result {
  /// The critiques for programs.
  public var document: JSONValue {
    get throws {
      [
        "flaws": try JSONValue(encoding: flaws), "passages": .int(passages), "drawn": .int(drawn), "empty": .int(empty),
        "misquoted": .int(misquoted),
      ]
    }
  }

  /// The critiques for people.
  public func text(path: String) -> String {
    let found = flaws.map { flaw in
      let suggestion = flaw.suggestion.map { "\n  better: \($0)" } ?? ""
      let sure = flaw.helpfulness.map { " (\(Int((100 * $0).rounded()))% sure)" } ?? ""
      return
        "\(path):\(flaw.line): \(flaw.severity.rawValue): \(flaw.problem)\(sure)\n  “\(SummaryPrompt.flowing(flaw.quote))”\(suggestion)"
    }
    let end =
      "\(flaws.count) critiques of \(passages) passages; of \(drawn) drawn, \(empty) named no flaw and \(misquoted) quoted what isn't there"
    return (found + [end]).joined(separator: "\n\n")
  }

  /// The critiques as a review in the shape that GitHub's API takes (`POST /repos/OWNER/REPO/pulls/N/reviews`).
  ///
  /// A suggestion replaces whole lines there, so the lines around the quoted words are written with it.
  public func review(path: String, text: String) -> JSONValue {
    let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    let comments = flaws.map { flaw -> JSONValue in
      var body = "**\(flaw.severity.rawValue)**: \(flaw.problem)\n\n> \(SummaryPrompt.flowing(flaw.quote))"
      let range = flaw.line - 1..<min(flaw.lastLine, lines.count)
      let block = lines[range].joined(separator: "\n")
      if let suggestion = flaw.suggestion, block.contains(flaw.quote) {
        body += "\n\n```suggestion\n\(block.replacing(flaw.quote, with: suggestion, maxReplacements: 1))\n```"
      }
      var comment: JSONObject = [
        "path": .string(path), "line": .int(flaw.lastLine), "side": "RIGHT", "body": .string(body),
      ]
      if flaw.lastLine > flaw.line {
        comment["start_line"] = .int(flaw.line)
        comment["start_side"] = "RIGHT"
      }
      return .object(comment)
    }
    return [
      "event": "COMMENT", "body": .string("\(flaws.count) critiques by a model, with words of the text each."),
      "comments": .array(comments),
    ]
  }
}
