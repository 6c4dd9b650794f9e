public import Documents
public import Evaluation
import Foundation
import Pages
import Training

/// Summarises files and pages with one model, each into a folder of its own: what `apprentice summarize` does.
///
/// What is known stays known: a job that was stopped, by a signal, a crash or a server's failure, goes on when it is run again.
public struct SummaryJob {
  /// Files and addresses.
  public var sources: [String]
  /// The model: a folder, a GGUF file or a server's address.
  public var model: String
  /// How the model is opened and asked.
  public var asking = EvaluatedModels.Settings()
  /// What the summaries should be like.
  public var settings = SummarySettings()
  /// A file that says how to write.
  public var instructions: String?
  /// A file of edits, as the page hands them out.
  public var edits: String?
  /// Questions to answer over each tree.
  public var questions: [String] = []
  /// What questions are answered from.
  public var reading = BookSummarizer.Reading.tree
  /// The folder of results: the summary's own of one source, with a folder for each of several.
  public var out: String
  /// Only says what it would take.
  public var plansOnly = false
  /// Gets lines for people.
  public var log: (String) -> Void = { _ in }

  /// A job.
  public init(sources: [String], model: String, out: String) {
    (self.sources, self.model, self.out) = (sources, model, out)
  }

  /// What came of one source.
  public struct Result {
    /// The file or address.
    public var source: String
    /// The folder of the results; nil of a plan.
    public var folder: String?
    /// What it takes.
    public var plan: SummaryPlan
    /// The tree; nil of a plan.
    public var tree: SummaryTree?
    /// The answers to the questions.
    public var answers: [BookAnswer] = []

    /// The result for programs.
    public var document: JSONValue {
      get throws {
        var object: JSONObject = ["source": .string(source), "plan": plan.document]
        if let tree {
          object["title"] = tree.title.map { .string($0) } ?? .null
          object["summary"] = .string(tree.summary)
          object["nodes"] = .int(tree.nodes.count)
          object["caveats"] = .array(
            tree.nodes.filter { !$0.caveats.isEmpty }.map {
              ["id": .string($0.id), "caveats": .array($0.caveats.map { .string($0) })]
            })
          object["remarks"] = .array(tree.remarks.map { .string($0) })
          object["answers"] = try JSONValue(encoding: answers)
        }
        if let folder { object["folder"] = .string(folder) }
        return .object(object)
      }
    }

    /// The result for people.
    public var text: String {
      guard let tree else { return "\(source): \(plan.text)" }
      let questions = answers.map { "\n\($0.question)\n\($0.answer)" }
      return ([tree.summary] + questions + [folder.map { "\n\($0)/summary.html" } ?? ""]).joined(separator: "\n")
    }
  }

  /// Summarises all sources, one after the other.
  ///
  /// - Throws: ``SummaryInterrupted`` if a signal stopped it.
  public func run() throws -> [Result] {
    // A mistake in one is told before the first is begun.
    let books = try sources.map { try BookReader.read($0) }
    let text = try instructions.map { try FileContents.text(of: $0.expandingHome) }
    let opened = try EvaluatedModels.open(model, asking)
    let (count, context) = try ModelMeasure.of(opened, named: model, asking)
    InterruptSignals.install()
    return try zip(sources, books).map { source, book in
      let folder = sources.count == 1 ? out : "\(out)/\(Self.name(of: source))"
      let summarizer = try BookSummarizer(
        opened, count: count, context: context, settings: settings, instructions: text, folder: plansOnly ? nil : folder
      )
      do { return try summarize(book, source, summarizer, folder) } catch let error as any UserFacingError
        where summarizer.known > 0
      {
        log("\(summarizer.known) answers are kept in \(folder): the same command goes on from there")
        throw error
      }
    }
  }

  private func summarize(_ book: Book, _ source: String, _ summarizer: BookSummarizer, _ folder: String) throws
    -> Result
  {
    let plan = try summarizer.plan(book)
    log("\(book.title ?? source): \(plan.text)")
    for remark in plan.remarks { log(remark) }
    if plansOnly { return Result(source: source, folder: nil, plan: plan, tree: nil) }
    let files = try SummaryFolder(folder)
    let edits = try self.edits.map { try files.add($0) } ?? files.edits()
    if summarizer.known > 0 { log("goes on: \(summarizer.known) answers are known") }
    if plan.calls > 3, let pace = try summarizer.pace(book, plan) {
      log(
        "about \(plan.duration(at: pace, together: ModelMeasure.isServer(model) ? asking.concurrency : asking.limits.batch))"
      )
    }
    let bar = ProgressBar(title: "summarize", totalSteps: plan.calls)
    let tree = try summarizer.summarize(book, source: source, plan: plan, edits: edits) { done, tokens in
      bar.update(step: min(done, plan.calls), tokens: tokens)
      return !InterruptSignals.stopRequested
    }
    bar.finish()
    let answers =
      try questions.isEmpty
      ? [] : summarizer.ask(questions, of: book, tree, reading: reading) { _ in !InterruptSignals.stopRequested }
    try files.write(tree, book, answers: answers)
    return Result(source: source, folder: files.path, plan: plan, tree: tree, answers: answers)
  }

  /// A folder's name for a source.
  static func name(of source: String) -> String {
    let last = source.split(separator: "/").last.map(String.init) ?? "text"
    let stem = last.split(separator: ".").dropLast().joined(separator: ".")
    let plain = (stem.isEmpty ? last : stem).map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
    return plain.isEmpty ? "text" : String(plain)
  }

  /// The folder of results where none is named.
  public static func folder(for sources: [String]) -> String {
    "runs/summary" + (sources.count == 1 ? "/\(name(of: sources[0]))" : "")
  }
}
