import Foundation
import TestSupport
import Testing

/// `apprentice scaling`, by the built tool.
@Suite("Scaling")
struct ScalingCommandTests {
  private func tool(_ arguments: String, expecting status: Int32 = 0, in folder: TemporaryFolder) throws -> Tool.Result
  {
    let result = try Tool.run(arguments: arguments.split(separator: " ").map(String.init), in: folder.path)
    #expect(result.status == status, "\(arguments): \(result.errors)")
    return result
  }

  /// 25 runs of 1.8 + 400/N^.34 + 1000/D^.36, a little off by turns.
  private func points() -> String {
    var text = "parameters,tokens,loss\n"
    for i in 0..<5 {
      for j in 0..<5 {
        let (n, d) = (1e7 * pow(4, Double(i)), 1e9 * pow(4, Double(j)))
        let wobble = 1 + 0.002 * Double((7 * i + 3 * j) % 5 - 2)
        text += "\(n),\(d),\((1.8 + 400 * pow(n, -0.34) + 1_000 * pow(d, -0.36)) * wobble)\n"
      }
    }
    return text
  }

  @Test("fit prints each constant with value, low and high")
  func fit() throws {
    let folder = try TemporaryFolder()
    try folder.write("runs.csv", points())
    let document = try tool("scaling fit --points runs.csv --bootstraps 50 --json", in: folder).json()
    let constants = try #require(document["constants"] as? [String: [String: Double]])
    for (name, truth) in ["E": 1.8, "A": 400, "B": 1_000, "alpha": 0.34, "beta": 0.36] {
      let constant = try #require(constants[name], "\(name)")
      let (value, low, high) = (
        try #require(constant["value"]), try #require(constant["low"]), try #require(constant["high"])
      )
      #expect(low <= value && value <= high && low < high && low <= truth && truth <= high, "\(name): \(constant)")
    }
    let formulas = try #require(document["laws"] as? [[String: Any]]).compactMap { $0["formula"] as? String }
    #expect(formulas.count == 4)
    let optimal = try #require(document["optimal"] as? [String: Any])
    #expect(optimal["parametric"] != nil)
    let text = try tool("scaling fit --points runs.csv --bootstraps 20", in: folder).output
    #expect(text.contains("L(N, D) = E + A/N^alpha + B/D^beta") && text.contains("approach 1 needs"))
  }

  @Test("bad points end with a place and a reason")
  func badPoints() throws {
    let folder = try TemporaryFolder()
    try folder.write("nan.csv", "parameters,loss\n1e6,3\n1e7,nan\n")
    #expect(try tool("scaling fit --points nan.csv", expecting: 65, in: folder).errors.contains("nan.csv:3: loss is"))
    try folder.write("rising.csv", "parameters,loss\n1e6,3\n1e7,3.1\n1e8,3.3\n1e9,3.7\n1e10,4\n")
    let rising = try tool("scaling fit --points rising.csv", expecting: 65, in: folder)
    #expect(rising.errors.contains("No law fits these points") && rising.output.isEmpty)
    _ = try tool("scaling fit --points none.csv", expecting: 66, in: folder)
  }
}
