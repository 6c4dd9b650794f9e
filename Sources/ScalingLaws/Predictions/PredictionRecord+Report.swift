import Console
public import Documents
import Foundation
import Statistics

extension PredictionRecord {
  /// The predictions as a table.
  ///
  /// - Parameter path: where they were registered, if they were.
  public func text(registered path: String? = nil) -> String {
    var table = Table([
      ("quantity", .left), ("FLOP", .right), ("law", .left), ("predicted", .right), ("interval of one run", .left),
      ("from runs of at most", .right),
    ])
    for prediction in predictions {
      table.add([
        prediction.quantity, short(prediction.flops), prediction.formula, short(prediction.estimate.value),
        ScalingStudy.interval(prediction.estimate), "\(short(prediction.share, digits: 2)) of the compute",
      ])
    }
    guard let path else { return table.text }
    return "\(table.text)\n\nRegistered in \(path) at \(created). To fix it for others, publish its SHA-256:\n\(digest)"
  }

  /// How predictions turned out, as a table.
  public func text(_ scores: [Score]) -> String {
    var table = Table([
      ("quantity", .left), ("law", .left), ("predicted", .right), ("interval of one run", .left), ("came", .right),
      ("error", .right), ("within", .left),
    ])
    for score in scores {
      table.add([
        score.prediction.quantity, score.prediction.formula, short(score.prediction.estimate.value),
        ScalingStudy.interval(score.prediction.estimate), short(score.actual), "\(fixed(100 * score.error, 2))%",
        score.isWithin ? "yes" : "no",
      ])
    }
    return "Registered at \(created), unchanged since (SHA-256 \(digest.prefix(16))…).\n\n\(table.text)"
  }

  /// How predictions turned out, as one JSON document.
  public func document(_ scores: [Score]) throws -> JSONValue {
    [
      "created": .string(created), "sha256": .string(digest),
      "scores": .array(
        try scores.map {
          [
            "quantity": .string($0.prediction.quantity), "formula": .string($0.prediction.formula),
            "flops": .double($0.prediction.flops), "share": .double($0.prediction.share),
            "predicted": try JSONValue(encoding: $0.prediction.estimate), "actual": .double($0.actual),
            "error": .double($0.error), "within": .bool($0.isWithin),
          ]
        }),
    ]
  }
}
