public import Documents
import Foundation
import Statistics

/// Predictions written down before the run that they are about has ended, so that nobody can adjust them after.
///
/// The file is dated, names the bytes of the points that it was made from and of the run's manifest as it was then, and ends with
/// the SHA-256 of all the rest. The digest is what to publish: it fixes the file without showing it.
///
/// ```swift
/// let record = try PredictionRecord(predictions, sources: ["points": file])
/// try record.write(to: "prediction.json")
/// let later = try PredictionRecord(path: "prediction.json")     // refuses a file that was changed
/// ```
public struct PredictionRecord: Sendable {
  /// The predictions.
  public let predictions: [Prediction]
  /// The time of writing, ISO 8601 in UTC.
  public let created: String
  /// What they were made from and for: names with digests.
  public let sources: [String: String]
  /// The SHA-256 of all the rest, as 64 hexadecimal digits.
  public let digest: String
  private let document: JSONObject

  /// Writes predictions down as of now.
  ///
  /// - Parameters:
  ///   - sources: the files that they were made from, by role.
  ///   - run: the folder of the run that they are about, where it has begun.
  /// - Throws: ``ScalingError`` where the run has ended already; ``DataError`` where a file can't be read.
  public init(_ predictions: [Prediction], sources: [String: String], run: String? = nil) throws {
    var digests: [String: String] = [:]
    for (role, path) in sources { digests[role] = try SHA256Digest(ofFile: path).hexadecimal }
    if let run {
      let manifest = run + "/run.json"
      let value = try StructuredFile(path: manifest).value
      if let finished = value["finished"]?.string {
        throw ScalingError.unusable(
          "\(manifest): the run ended at \(finished), and what is written down now foretells nothing. Register before it ends."
        )
      }
      digests["run manifest"] = try SHA256Digest(ofFile: manifest).hexadecimal
    }
    let created = Date().formatted(.iso8601)
    let document: JSONObject = [
      "kind": "apprentice scaling prediction",
      "created": .string(created),
      "sources": .object(
        JSONObject(digests.sorted { $0.key < $1.key }.map { (key: $0.key, value: .string($0.value)) })),
      "predictions": .array(try predictions.map { try JSONValue(encoding: $0) }),
    ]
    self.init(predictions, created, digests, document)
  }

  private init(_ predictions: [Prediction], _ created: String, _ sources: [String: String], _ document: JSONObject) {
    (self.predictions, self.created, self.sources, self.document) = (predictions, created, sources, document)
    digest = Self.digest(of: document)
  }

  private static func digest(of document: JSONObject) -> String {
    SHA256Digest(of: Data(JSONValue.object(document).serialized().utf8)).hexadecimal
  }

  /// Reads a record.
  ///
  /// - Throws: ``DataError`` where the file is no record, or isn't what was written.
  public init(path: String) throws {
    let value = try StructuredFile(path: path).value
    guard let object = value.object, object["kind"] == "apprentice scaling prediction",
      let created = object["created"]?.string, let kept = object["sha256"]?.string
    else {
      throw DataError(
        .badData, path: path, problem: "this is no registered prediction",
        advice: "Give the file that 'apprentice scaling predict --register' wrote.")
    }
    let rest = JSONObject(object.members.filter { $0.key != "sha256" })
    guard Self.digest(of: rest) == kept else {
      throw DataError(
        .badData, path: path, problem: "the file was changed after it was written: its SHA-256 isn't \(kept)",
        advice: "Score the file as it was registered.")
    }
    let sources = rest["sources"]?.object?.members ?? []
    self.init(
      try JSONDecoder().decode([Prediction].self, from: Data((rest["predictions"] ?? []).serialized().utf8)), created,
      Dictionary(sources.map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { $1 }), rest)
  }

  /// The record as it is written, the digest last.
  public var json: JSONValue {
    var document = document
    document["sha256"] = .string(digest)
    return .object(document)
  }

  /// Writes the record; a file that is there already stays, for a prediction is made once.
  public func write(to path: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw ScalingError.unusable(
        "\(path): there is a file already. A registered prediction isn't replaced: give another name.")
    }
    try DurableFile.write(json.serialized(indent: 2) + "\n", to: path)
  }

  /// How a prediction turned out.
  public struct Score: Sendable, Equatable {
    /// The prediction.
    public var prediction: Prediction
    /// What came.
    public var actual: Double
    /// (predicted − actual) / actual.
    public var error: Double { (prediction.estimate.value - actual) / actual }
    /// Whether what came lies within the interval.
    public var isWithin: Bool { !prediction.estimate.excludes(actual) }
  }

  /// Holds what came against each prediction.
  ///
  /// - Parameters:
  ///   - points: runs, the foretold one among them: of a prediction's compute, within 5%.
  ///   - rates: how often models solved the problems, the foretold one among them, for predictions of pass rates.
  /// - Throws: ``ScalingError`` where a foretold run isn't there.
  public func scores(from points: [TrainingPoint], rates: PassRates? = nil) throws(ScalingError) -> [Score] {
    var scores: [Score] = []
    for prediction in predictions {
      if let problems = prediction.problems {
        let found = rates?.points(on: problems).first { abs(($0.flops ?? 0) / prediction.flops - 1) <= 0.05 }
        guard let found else {
          throw .unusable(
            "No pass rates of a model of \(short(prediction.flops)) FLOP, within 5%, are given. Name their file with --pass-rates."
          )
        }
        scores.append(Score(prediction: prediction, actual: found.loss))
        continue
      }
      let ends = LearningCurve.all(of: points).map(\.end).filter {
        abs(($0.flops ?? 0) / prediction.flops - 1) <= 0.05
          && (prediction.parameters == nil || abs(($0.parameters ?? 0) / (prediction.parameters ?? 1) - 1) <= 0.05)
      }
      guard let end = ends.min(by: { $0.loss < $1.loss }) else {
        throw .unusable(
          "No run of \(short(prediction.flops)) FLOP, within 5%, is among these points. Give the one that was foretold."
        )
      }
      scores.append(Score(prediction: prediction, actual: end.loss))
    }
    guard !scores.isEmpty else { throw .unusable("The file foretells nothing") }
    return scores
  }
}
