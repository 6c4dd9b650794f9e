import Foundation
import TestSupport
import Testing

@Suite("Experiments")
struct ExperimentTests {
  private func rows(_ arguments: String...) throws -> [[String: Any]] {
    let result = try Tool.run(arguments: ["experiment"] + arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(value as? [[String: Any]])
  }

  @Test("the coin study's published gains, in nats, the best first")
  func sequencePrediction() throws {
    let table = try rows(
      "example", "sequence-prediction", "--models", "fair,bias,markov", "--participants", "20",
      "--responses", "predictive")
    #expect(table.count == 16)
    var gains: [String: Double] = [:]
    for row in table {
      gains[try #require(row["experiment"] as? String)] = try #require(row["eig"] as? Double)
    }
    for (flips, gain) in ["HHHH": 0.5528, "HTHT": 0.5176, "HHTT": 0.0836] {
      #expect(abs(gains[flips, default: 0] - gain) < 5e-5)
    }
    let order = table.compactMap { $0["eig"] as? Double }
    // The best first, up to rounding.
    #expect(zip(order, order.dropFirst()).allSatisfy { $0 > $1 - 1e-12 })
    #expect(table.first?["experiment"] as? String == "HHHH")
    let uniform = try rows(
      "example", "sequence-prediction", "--models", "fair,bias", "--responses", "uniform")
    let best = try #require(uniform.first)
    #expect(abs(try #require(best["eig"] as? Double) - 0.6091) < 5e-5)
  }

  @Test("the category study: both published structures, with their errors")
  func categoryLearning() throws {
    let table = try rows("example", "category-learning", "--top", "0", "--draws", "500")
    #expect(
      table.compactMap { $0["name"] as? String }
        == ["Ouyang et al. 2016", "Medin and Schaffer 1978"])
    #expect(
      table.first?["experiment"] as? String
        == "A 0001 0011 1100 1110 1111 | B 0100 0110 1000 1010")
    #expect(table.first?["standard_error"] as? Double == 0)
  }

  static let spec = """
    {"experiments": ["HHHH", "HTHT"], "responses": {"kind": "binomial", "trials": 20},
     "models": [
       {"name": "fair", "predictions": {"HHHH": 0.5, "HTHT": 0.5}},
       {"name": "streaks", "predictions": {"HHHH": 0.83, "HTHT": 0.5}}]}
    """

  @Test("a specification is ranked; a broken one is exit code 65 and says where")
  func design() throws {
    let folder = try TemporaryFolder()
    try folder.write("spec.json", Self.spec)
    let result = try Tool.run("experiment", "design", "--spec", "spec.json", "--json", in: folder.path)
    #expect(result.status == 0)
    let experiments = try #require(try result.json()["experiments"] as? [[String: Any]])
    #expect(experiments.compactMap { $0["experiment"] as? String } == ["HHHH", "HTHT"])
    #expect((experiments[1]["eig"] as? Double ?? 1) < 1e-12)
    let text = try Tool.run("experiment", "design", "--spec", "spec.json", in: folder.path)
    #expect(text.output.contains("left to learn: 0.6931 nats"))

    for (content, place, words) in [
      ("", "", "the file is empty"), ("{", "1: ", "the JSON ends too early"), ("[1]", "1: ", "the document"),
      (Self.spec.replacingOccurrences(of: "0.83", with: "1.83"), "4: ", "a probability from 0 to 1"),
      (Self.spec.replacingOccurrences(of: "20", with: "20.5"), "1: ", "responses.trials must be a whole number"),
      (
        Self.spec.replacingOccurrences(of: "\"models\"", with: "\"cost\": {}, \"models\""), "2: ",
        "the nearest one is 'costs'"
      ),
    ] {
      try folder.write("bad.json", content)
      let bad = try Tool.run("experiment", "design", "--spec", "bad.json", in: folder.path)
      #expect(bad.status == 65, "\(content)")
      #expect(bad.errors.hasPrefix("apprentice: error: bad.json:\(place.isEmpty ? " " : place)"), "\(bad.errors)")
      #expect(bad.errors.contains(words), "\(bad.errors)")
      #expect(bad.output.isEmpty)
    }
    let piped = try Tool.run(
      arguments: ["experiment", "design", "--spec", "-", "--top", "1", "--json"], in: folder.path, input: Self.spec)
    #expect((try piped.json()["experiments"] as? [Any])?.count == 1)
    // A folder is no file: a sentence says so.
    let folded = try Tool.run("experiment", "design", "--spec", folder.path)
    #expect(folded.status == 66)
    #expect(folded.errors == "apprentice: error: \(folder.path): can't read the file: is a directory\n")
    #expect(try Tool.run("experiment", "design", "--spec", "nowhere.json").status == 66)
  }

  @Test("comparisons are chosen where reward models disagree, and once each")
  func choose() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "pairs.jsonl",
      """
      {"id": "unsure", "probabilities": [0.5, 0.5]}
      {"id": "split", "rewards": [[4, 0], [0, 4]]}
      {"id": "same", "rewards": [[4, 0], [0, 4]]}
      {"id": "agreed", "rewards": [[4, 0], [4, 0]]}

      """)
    let result = try Tool.run(
      "experiment", "choose", "--data", "pairs.jsonl", "--count", "1", "--json", in: folder.path)
    let chosen = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
    #expect(chosen?.compactMap { $0["id"] as? String } == ["split"])
    for (line, words) in [
      ("{\"id\": \"x\"}", "needs \"probabilities\" or \"rewards\""),
      ("{\"probabilities\": [2, 0]}", "from 0 to 1"),
      ("{\"rewards\": [[1], [2, 3]]}", "[first, second]"),
      ("{\"probabilities\": [0.5, 0.5], \"cost\": 0}", "above 0"),
      ("{\"probabilities\": [0.5]}", "the first pair has 2"),
    ] {
      try folder.write("pairs.jsonl", "{\"probabilities\": [0.1, 0.9]}\n" + line + "\n")
      let bad = try Tool.run("experiment", "choose", "--data", "pairs.jsonl", in: folder.path)
      #expect(bad.status == 65)
      #expect(bad.errors.contains("pairs.jsonl:2: "), "\(bad.errors)")
      #expect(bad.errors.contains(words), "\(bad.errors)")
    }
  }

  @Test("settings that make no sense are exit code 64")
  func usage() throws {
    for arguments in [
      ["example", "sequence-prediction", "--models", "fair,unfair"],
      ["example", "sequence-prediction", "--models", "fair"],
      ["example", "sequence-prediction", "--participants", "0"],
      ["example", "sequence-prediction", "--responses", "all"],
      ["example", "category-learning", "--top", "-1"], ["design"],
      ["savings", "--labels", "50", "--pool", "20"],
    ] {
      let result = try Tool.run(arguments: ["experiment"] + arguments)
      #expect(result.status == 64, "\(arguments)")
      #expect(result.output.isEmpty)
    }
  }

  @Test("choosing saves labels, and the table says so")
  func savings() throws {
    let result = try Tool.run(
      "experiment", "savings", "--labels", "60", "--pool", "200", "--repetitions", "2", "--json")
    let document = try result.json()
    #expect((document["labels"] as? [Int])?.last == 60)
    #expect((document["ratio"] as? Double ?? 9) < 1)
  }
}
