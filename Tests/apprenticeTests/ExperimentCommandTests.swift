import Foundation
import Testing

@Suite("experiment")
struct ExperimentCommandTests {
  private func rows(_ arguments: String...) throws -> [[String: Any]] {
    let result = try Tool.run(
      arguments: ["experiment", "example"] + arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(value as? [[String: Any]])
  }

  @Test("sequence-prediction prints the published case study, most telling first")
  func sequencePrediction() throws {
    let table = try rows("sequence-prediction", "--models", "fair,bias", "--participants", "20")
    #expect(table.count == 16)
    let gains = table.compactMap { $0["eig"] as? Double }
    #expect(gains == gains.sorted(by: >))
    let first = try #require(table.first)
    #expect(["HHHH", "TTTT"].contains(first["experiment"] as? String))
    #expect(abs((first["eig"] as? Double ?? 0) - 0.6125) < 5e-5)
    let uniform = try rows(
      "sequence-prediction", "--models", "fair,bias,markov", "--responses", "uniform")
    #expect(abs((uniform.first?["eig"] as? Double ?? 0) - 0.7843) < 5e-5)
  }

  @Test("category-learning ranks the published optimum over the standard structure")
  func categoryLearning() throws {
    let table = try rows("category-learning", "--search", "0", "--draws", "500")
    #expect(table.compactMap { $0["experiment"] as? String } == ["medin-schaffer-5-4", "published-optimum"])
    let gains = table.compactMap { $0["eig"] as? Double }
    #expect(gains[1] > gains[0])
  }

  @Test("label-savings prints two curves")
  func labelSavings() throws {
    let result = try Tool.run(
      "experiment", "example", "label-savings", "--labels", "20", "--pool", "60",
      "--repetitions", "1", "--json")
    let json = try result.json()
    #expect((json["labels"] as? [Int]) == [5, 10, 15, 20])
    #expect((json["chosen"] as? [Double])?.count == 4)
  }

  @Test("design reads a specification and ranks its experiments")
  func design() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "spec.json",
      """
      {"experiments": ["a", "b"], "responses": {"kind": "categorical"}, "costs": {"b": 3},
       "models": [
         {"name": "m", "predictions": {"a": {"x": 0.9, "y": 0.1}, "b": {"x": 1, "y": 0}}},
         {"name": "n", "predictions": {"a": {"x": 0.4, "y": 0.6}, "b": {"x": 0, "y": 1}}}]}
      """)
    let result = try Tool.run(
      "experiment", "design", "--spec", "spec.json", "--json", in: folder.path)
    let json = try result.json()
    let experiments = try #require(json["experiments"] as? [[String: Any]])
    #expect(experiments.compactMap { $0["experiment"] as? String } == ["b", "a"])
    #expect(abs((experiments[0]["eig"] as? Double ?? 0) - log(2)) < 1e-9)
    #expect(abs((experiments[0]["value"] as? Double ?? 0) - log(2) / 3) < 1e-9)
  }

  @Test("what can't be used is said with its exit code")
  func badInput() throws {
    let folder = try TemporaryFolder()
    try folder.write("bad.json", "{\"experiments\": [\"a\"]}")
    let bad = try Tool.run("experiment", "design", "--spec", "bad.json", in: folder.path)
    #expect(bad.status == 65)
    #expect(bad.errors.contains("lacks"))
    #expect(try Tool.run("experiment", "design", "--spec", "none.json", in: folder.path).status == 66)
    for arguments in [
      ["--models", "fair,unfair"], ["--models", "fair"], ["--participants", "0"],
      ["--responses", "mixed"],
    ] {
      let result = try Tool.run(
        arguments: ["experiment", "example", "sequence-prediction"] + arguments)
      #expect(result.status == 64, "\(arguments)")
    }
  }
}
