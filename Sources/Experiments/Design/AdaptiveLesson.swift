public import Console
import Documents
import Foundation
import Probability

/// A conversation that finds the true model: it proposes the most informative experiment and takes what came of it.
public struct AdaptiveLesson: Conversation {
  /// The probability at which a model counts as found.
  public let certainty: Double
  private let start: SpecifiedDesign
  private var design: SpecifiedDesign
  /// The outcomes so far.
  public private(set) var record: AdaptiveRecord
  private var skipped: Set<String> = []
  /// The experiment that was proposed last.
  public private(set) var proposal: SpecifiedDesign.Evaluation?
  private var complaint: String?

  /// A lesson that begins, or goes on with the outcomes of a record.
  ///
  /// - Throws: `DataError` for a record whose outcomes no model allows.
  public init(_ design: SpecifiedDesign, record: AdaptiveRecord, certainty: Double) throws {
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

  /// The probability of each model.
  public var probabilities: [Double] { design.probabilities }

  /// Whether some model is found.
  public var isFinished: Bool { (probabilities.max() ?? 1) >= certainty }

  /// The words that are understood.
  public let help = """
    Type the response that came; s proposes another experiment; EXPERIMENT = RESPONSE gives the outcome of one of your own \
    choice; undo takes the last outcome back; ? says this again; q ends.
    """

  /// Why nothing is left to ask.
  public var ending: String {
    if isFinished { return "One model has reached \(Self.text(certainty))." }
    return skipped.isEmpty ? "No experiment tells the models apart any further." : "All that is left was skipped."
  }

  /// The next experiment; nil where there is nothing left to learn.
  public mutating func propose() -> SpecifiedDesign.Evaluation? {
    proposal =
      isFinished ? nil : design.best(skipped.count + 1).first { !skipped.contains($0.experiment) && $0.gain > 1e-9 }
    return proposal
  }

  /// The next experiment as a question.
  public mutating func question() -> String? {
    guard let next = propose() else { return nil }
    let responses = design.responses(to: next.experiment)
    let list =
      responses.count <= 6 ? responses.joined(separator: "/") : "\(responses[0]) to \(responses[responses.count - 1])"
    return
      "Round \(record.outcomes.count + 1): \(next.experiment) (\(Self.text(next.gain)) nats). Response? [\(list), s, ?, q]"
  }

  /// Whether a line is one of the proposed experiment's responses.
  public func isAnswer(_ line: String) -> Bool { response(line) != nil }

  /// The response that a line means, in whatever case it is typed.
  private func response(_ line: String) -> String? {
    guard let proposal else { return nil }
    let word = line.trimmingCharacters(in: .whitespaces)
    let responses = design.responses(to: proposal.experiment)
    return responses.first { $0 == word } ?? responses.first { $0.lowercased() == word.lowercased() }
  }

  /// Takes a response, or an experiment of the person's own with its response.
  public mutating func take(_ line: String) -> String? {
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
  public mutating func observe(_ response: String, to experiment: String) {
    do {
      try design.observe(response, to: experiment)
      skipped = []
      try record.append(.init(experiment: experiment, response: response))
    } catch {
      complaint = "\(error)"
    }
  }

  /// Takes the last outcome back.
  public mutating func undo() -> Bool {
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

  /// The models' probabilities, or why the last outcome was not taken.
  public var remarks: [String] {
    if let complaint { return [complaint] }
    return [
      zip(design.specification.models, probabilities).map { "\($0) \(Self.text($1))" }.joined(separator: ", ")
        + "; left to learn \(Self.text(design.uncertainty)) nats"
    ]
  }

  /// The result, and how to go on.
  public var farewell: String {
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

extension AdaptiveLesson {
  /// A round with a simulated participant.
  public struct Round: Sendable {
    /// Counted from 1, over all that the record holds.
    public var number: Int
    /// The experiment that was proposed.
    public var proposal: SpecifiedDesign.Evaluation
    /// What came of it.
    public var response: String
    /// The models' probabilities after it.
    public var probabilities: [Double]
  }

  /// Lets a model of the specification answer instead of a person.
  ///
  /// - Parameters:
  ///   - truth: the place of the model that answers.
  ///   - rounds: how many outcomes there are at most, those of the record included.
  /// - Throws: ``ExperimentError`` for an outcome that can't be taken or written down.
  public mutating func simulate(_ truth: Int, rounds: Int, seed: UInt64) throws(ExperimentError) -> [Round] {
    var made: [Round] = []
    while record.outcomes.count < rounds, let next = propose() {
      let round = record.outcomes.count
      // Each round has its own stream, so that a record goes on as it would have gone without the break.
      var random = RandomSource(seed: seed, stream: UInt64(round))
      let response = design.response(of: truth, to: next.experiment, using: &random)
      observe(response, to: next.experiment)
      guard record.outcomes.count > round else { throw ExperimentError(remarks.joined()) }
      made.append(Round(number: round + 1, proposal: next, response: response, probabilities: probabilities))
    }
    return made
  }
}
