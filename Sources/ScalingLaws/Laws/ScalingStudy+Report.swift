import Console
public import Documents
import Foundation
import Statistics

extension ScalingStudy {
  /// The study as one JSON document.
  ///
  /// `constants` are those of the law of most sizes; `laws` and `optimal` have every one, each constant as `value`, `low` and
  /// `high`, and `missing` says what the points don't tell and why.
  public func document() throws -> JSONValue {
    [
      "points": .int(laws.map(\.residuals.count).max() ?? 0),
      "formula": .string(laws[0].form.formula),
      "constants": try Self.constants(laws[0]),
      "laws": .array(
        try zip(laws, choices).map { law, choice in
          [
            "formula": .string(law.form.formula),
            "sizes": .array(law.form.sizes.map { .string($0.rawValue) }),
            "points": .int(law.residuals.count),
            "constants": try Self.constants(law),
            "scatter": .double(law.scatter),
            "objective": .double(law.objective),
            "below_frontier": .bool(law.form.sizes == [.flops] && isBelowFrontier),
            "held_out": choice.map {
              [
                "points": .int($0.heldOut), "error_with_constant": .double($0.errorWithConstant),
                "error_without_constant": .double($0.errorWithoutConstant),
              ]
            } ?? .null,
          ]
        }),
      "optimal": .object(
        JSONObject(
          try optima.map { optimum in
            (
              key: optimum.method.rawValue,
              value: [
                "parameters": [
                  "exponent": try JSONValue(encoding: optimum.estimate(\.exponent)),
                  "coefficient": try JSONValue(encoding: optimum.estimate(\.coefficient)),
                ],
                "tokens": [
                  "exponent": try JSONValue(encoding: optimum.estimate { 1 - $0.exponent })
                ],
              ]
            )
          })),
      "missing": .array(gaps.map { ["name": .string($0.name), "reason": .string($0.reason)] }),
      "options": try JSONValue(encoding: laws[0].options),
    ]
  }

  private static func constants(_ law: FittedLaw) throws -> JSONValue {
    .object(JSONObject(try law.constants.map { (key: $0.name, value: try JSONValue(encoding: $0.estimate)) }))
  }

  /// The study as tables for a terminal.
  public var text: String {
    let percent = fixed(100 * laws[0].options.confidence, 0)
    var parts: [String] = []
    for (law, choice) in zip(laws, choices) {
      var table = Table([("constant", .left), ("value", .right), ("\(percent)% interval", .left)])
      for constant in law.constants {
        table.add([constant.name, short(constant.estimate.value), Self.interval(constant.estimate)])
      }
      let below = law.form.sizes == [.flops] && isBelowFrontier ? ", below the hull of learning curves" : ""
      var part = "\(law.form.formula)\n\(law.residuals.count) points\(below), which lie "
      part += "\(short(100 * law.scatter, digits: 2))% from it (root mean square)\n\(table.text)"
      if let choice {
        part += "\nthe largest \(choice.heldOut) predicted from the others: off by "
        part += "\(short(100 * choice.errorWithConstant, digits: 2))% with a constant, "
        part += "\(short(100 * choice.errorWithoutConstant, digits: 2))% without"
      }
      parts.append(part)
    }
    if !optima.isEmpty {
      var table = Table([
        ("best size for compute C", .left), ("N ~ C^a, a", .right), ("\(percent)% interval", .left),
        ("D ~ C^b, b", .right),
      ])
      for optimum in optima {
        let exponent = optimum.estimate(\.exponent)
        table.add([
          optimum.method.rawValue, short(exponent.value, digits: 3), Self.interval(exponent, digits: 3),
          short(1 - exponent.value, digits: 3),
        ])
      }
      parts.append(table.text)
    }
    if !gaps.isEmpty {
      parts.append("not in these points:\n" + gaps.map { "  \($0.name): \($0.reason)" }.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  static func interval(_ estimate: Estimate, digits: Int = 4) -> String {
    "[\(short(estimate.low, digits: digits)), \(short(estimate.high, digits: digits))]"
  }
}
