public import Documents
import Foundation

/// The outcomes of a sequence of experiments, in a file if one was named: after each change it holds them all.
public struct AdaptiveRecord {
  /// One experiment and what came of it.
  public struct Outcome: Equatable, Sendable {
    /// The experiment.
    public var experiment: String
    /// The response to it.
    public var response: String
  }

  /// The file; nil where outcomes are only held.
  public let path: String?
  private let specification: SHA256Digest
  /// The outcomes, the earliest first.
  public private(set) var outcomes: [Outcome] = []

  /// Begins a record, or goes on with the file's.
  ///
  /// - Throws: `DataError` where the file isn't a record, or is one of another specification.
  public init(path: String?, specification: SHA256Digest) throws(DataError) {
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
