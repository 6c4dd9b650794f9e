import Documents
import Experiments
import Foundation

/// The conversation of `apprentice experiment adaptive`: proposes the most informative experiment, takes what came of it.
struct AdaptiveLesson: Conversation {
  /// The probability at which a model counts as found.
  let certainty: Double
  private let start: SpecifiedDesign
  private var design: SpecifiedDesign
  private(set) var record: AdaptiveRecord
  private var skipped: Set<String> = []
  private(set) var proposal: SpecifiedDesign.Evaluation?
  private var complaint: String?

  init(_ design: SpecifiedDesign, record: AdaptiveRecord, certainty: Double) throws {
    var start = design
    start.prepareForSequence()
    (self.start, self.design, self.record, self.certainty) = (start, start, record, certainty)
    for outcome in record.outcomes {
      do {
        try self.design.observe(outcome.response, to: outcome.experiment)
      } catch {
        throw DataError(.badData, path: record.path ?? "", problem: error.description)
      }
    }
  }

  var probabilities: [Double] { design.probabilities }

  /// Whether some model is found.
  var isFinished: Bool { (probabilities.max() ?? 1) >= certainty }

  let help = """
    Type the response that came; s proposes another experiment; EXPERIMENT = RESPONSE gives the outcome of one of your own \
    choice; undo takes the last outcome back; ? says this again; q ends.
    """

  var ending: String {
    if isFinished { return "One model has reached \(Self.text(certainty))." }
    return skipped.isEmpty ? "No experiment tells the models apart any further." : "All that is left was skipped."
  }

  /// The next experiment; nil where there is nothing left to learn.
  mutating func propose() -> SpecifiedDesign.Evaluation? {
    proposal =
      isFinished ? nil : design.best(skipped.count + 1).first { !skipped.contains($0.experiment) && $0.gain > 1e-9 }
    return proposal
  }

  mutating func question() -> String? {
    guard let next = propose() else { return nil }
    let responses = design.responses(to: next.experiment)
    let list =
      responses.count <= 6 ? responses.joined(separator: "/") : "\(responses[0]) to \(responses[responses.count - 1])"
    return
      "Round \(record.outcomes.count + 1): \(next.experiment) (\(Self.text(next.gain)) nats). Response? [\(list), s, ?, q]"
  }

  func isAnswer(_ line: String) -> Bool { response(line) != nil }

  /// The response that a line means, in whatever case it is typed.
  private func response(_ line: String) -> String? {
    guard let proposal else { return nil }
    let word = line.trimmingCharacters(in: .whitespaces)
    let responses = design.responses(to: proposal.experiment)
    return responses.first { $0 == word } ?? responses.first { $0.lowercased() == word.lowercased() }
  }

  mutating func take(_ line: String) -> String? {
    guard let proposal else { return nil }
    complaint = nil
    if let response = response(line) {
      observe(response, to: proposal.experiment)
      return nil
    }
    let word = line.trimmingCharacters(in: .whitespaces)
    if word == "s" || word == "skip" {
      skipped.insert(proposal.experiment)
      return nil
    }
    if let sign = word.lastIndex(of: "=") {
      let experiment = word[..<sign].trimmingCharacters(in: .whitespaces)
      observe(word[word.index(after: sign)...].trimmingCharacters(in: .whitespaces), to: experiment)
      return nil
    }
    return "\"\(word)\" is no response to \(proposal.experiment); ? says what can be typed."
  }

  /// Takes an outcome in and writes it down.
  mutating func observe(_ response: String, to experiment: String) {
    do {
      try design.observe(response, to: experiment)
      skipped = []
      try record.append(.init(experiment: experiment, response: response))
    } catch {
      complaint = "\(error)"
    }
  }

  mutating func undo() -> Bool {
    complaint = nil
    guard !record.outcomes.isEmpty else { return false }
    do {
      try record.removeLast()
      design = start
      for outcome in record.outcomes { try design.observe(outcome.response, to: outcome.experiment) }
    } catch {
      complaint = "\(error)"
    }
    skipped = []
    return true
  }

  var remarks: [String] {
    if let complaint { return [complaint] }
    return [
      zip(design.specification.models, probabilities).map { "\($0) \(Self.text($1))" }.joined(separator: ", ")
        + "; left to learn \(Self.text(design.uncertainty)) nats"
    ]
  }

  var farewell: String {
    var models = Table([("model", .left), ("probability", .right)])
    for (model, probability) in zip(design.specification.models, probabilities) {
      models.add([model, String(format: "%.4f", probability)])
    }
    let count = record.outcomes.count
    return "\n\(models.text)\n\nafter \(count) \(count == 1 ? "experiment" : "experiments")"
      + (record.path.map { "; to go on: the same command with --record \($0)" } ?? "")
  }

  private static func text(_ number: Double) -> String { String(format: "%.3f", number) }
}

/// The outcomes of a sequence of experiments, in a file if one was named: after each change it holds them all.
struct AdaptiveRecord {
  /// One experiment and what came of it.
  struct Outcome: Equatable {
    var experiment: String
    var response: String
  }

  let path: String?
  private let specification: SHA256Digest
  private(set) var outcomes: [Outcome] = []

  /// Begins a record, or goes on with the file's.
  ///
  /// - Throws: `DataError` where the file isn't a record, or is one of another specification.
  init(path: String?, specification: SHA256Digest) throws(DataError) {
    self.path = path
    self.specification = specification
    // A file that can't be written is told now and not after the first answer.
    guard let path, FileManager.default.fileExists(atPath: path) else {
      try write()
      return
    }
    let fields = try StructuredFile(path: path).fields()
    try fields.allowOnly("specification", "outcomes")
    guard try fields.string("specification") == specification.hexadecimal else {
      throw fields.error(
        at: "specification",
        "is another one: the record belongs to other models or experiments, or these were changed. "
          + "Name another file, or restore the specification")
    }
    for outcome in try fields.listOfFields("outcomes") {
      try outcome.allowOnly("experiment", "response")
      outcomes.append(
        Outcome(experiment: try outcome.string("experiment"), response: try outcome.string("response")))
    }
  }

  mutating func append(_ outcome: Outcome) throws(DataError) {
    outcomes.append(outcome)
    try write()
  }

  mutating func removeLast() throws(DataError) {
    outcomes.removeLast()
    try write()
  }

  private func write() throws(DataError) {
    guard let path else { return }
    let document: JSONValue = [
      "specification": .string(specification.hexadecimal),
      "outcomes": .array(
        outcomes.map { ["experiment": .string($0.experiment), "response": .string($0.response)] }),
    ]
    try DurableFile.write(document.serialized(indent: 2) + "\n", to: path)
  }
}
