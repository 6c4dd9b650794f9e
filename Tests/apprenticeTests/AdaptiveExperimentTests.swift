import Foundation
import TestSupport
import Testing

/// `apprentice experiment adaptive`.
@Suite("Adaptive experiments")
struct AdaptiveExperimentTests {
  let folder: TemporaryFolder

  static let spec = """
    experiments: [HHHH, HTHT, HHTT]
    responses: {kind: categorical}
    models:
      - name: fair
        predictions:
          HHHH: {H: 0.5, T: 0.5}
          HTHT: {H: 0.5, T: 0.5}
          HHTT: {H: 0.5, T: 0.5}
      - name: streaks
        predictions:
          HHHH: {H: 0.9, T: 0.1}
          HTHT: {H: 0.45, T: 0.55}
          HHTT: {H: 0.3, T: 0.7}
    """

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("coins.yaml", Self.spec)
  }

  private func adaptive(_ arguments: String..., input: String? = nil) throws -> Tool.Result {
    try Tool.run(
      arguments: ["experiment", "adaptive", "--spec", "coins.yaml"] + arguments, in: folder.path, input: input)
  }

  @Test("a person answers, is helped, takes back, gives outcomes of their own, and stops")
  func conversation() throws {
    let result = try adaptive("--record", "r.json", input: "?\nmaybe\nh\nundo\nundo\nT\nHTHT = H\nHTHT = X\ns\nq\n")
    #expect(result.status == 0, "\(result.errors)")
    let text = result.output
    #expect(text.components(separatedBy: "Type the response that came").count == 3)
    #expect(text.contains("Round 1: HHHH"))
    #expect(text.contains("\"maybe\" is no response to HHHH"))
    // "h" is heads here, not help.
    #expect(text.contains("streaks 0.643"))
    #expect(text.contains("There is nothing to take back."))
    // T after HHHH: 0.1 against 0.5.
    #expect(text.contains("streaks 0.167"))
    #expect(text.contains("\"X\" is no response: a response is one of H, T"))
    #expect(text.contains("after 2 experiments"))
    let record = try String(contentsOfFile: folder.path("r.json"), encoding: .utf8)
    #expect(record.contains("\"HTHT\"") && record.contains("\"T\""))

    // The same command goes on from there, and another specification's record is refused.
    let again = try adaptive("--record", "r.json", input: "q\n")
    #expect(again.errors.contains("goes on after 2 outcomes"))
    #expect(again.output.contains("Round 3: "))
    try folder.write("coins.yaml", Self.spec.replacingOccurrences(of: "{H: 0.9, T: 0.1}", with: "{H: 0.8, T: 0.2}"))
    let other = try adaptive("--record", "r.json", input: "q\n")
    #expect(other.status == 65)
    #expect(other.errors.contains("r.json:2: specification is another one"), "\(other.errors)")
  }

  @Test("a record that can't be written is said before anything is asked")
  func unwritableRecord() throws {
    let result = try adaptive("--record", "nowhere/r.json", input: "H\n")
    #expect(result.status == 66)
    #expect(result.errors.contains("nowhere/r.json: can't write the file"), "\(result.errors)")
    #expect(!result.output.contains("Round"))
  }

  @Test("a simulated participant answers; a record goes on as if there had been no break")
  func simulated() throws {
    let whole = try adaptive("--simulate", "streaks", "--until", "0.999", "--rounds", "8", "--json").json()
    let rounds = try #require(whole["rounds"] as? [[String: Any]])
    #expect(rounds.count == 8)
    _ = try adaptive("--simulate", "streaks", "--until", "0.999", "--rounds", "3", "--record", "s.json")
    let rest = try adaptive(
      "--simulate", "streaks", "--until", "0.999", "--rounds", "8", "--record", "s.json", "--json"
    ).json()
    let later = try #require(rest["rounds"] as? [[String: Any]])
    #expect(later.count == 5)
    for (a, b) in zip(later, rounds.dropFirst(3)) {
      #expect(a["experiment"] as? String == b["experiment"] as? String)
      #expect(a["response"] as? String == b["response"] as? String)
      #expect(a["probabilities"] as? [Double] == b["probabilities"] as? [Double])
    }
  }

  @Test("rounds beside plans made beforehand, with intervals")
  func comparison() throws {
    let result = try adaptive("--compare", "--participants", "60", "--json")
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    #expect(rows.compactMap { $0["plan"] as? String } == ["adaptive", "ranked", "repeated", "random"])
    let random = try #require(rows[3]["more"] as? [String: Any])
    #expect((random["low"] as? Double ?? 0) > 0)
    let table = try adaptive("--compare", "--participants", "20")
    #expect(table.output.contains("more than adaptive"))
  }

  @Test("settings that make no sense are exit code 64")
  func usage() throws {
    for arguments in [
      ["--simulate", "nobody"], ["--until", "0.3"], ["--rounds", "0"], ["--json"], ["--compare", "--record", "x"],
    ] {
      let result = try Tool.run(
        arguments: ["experiment", "adaptive", "--spec", "coins.yaml"] + arguments, in: folder.path, input: "")
      #expect(result.status == 64, "\(arguments): \(result.errors)")
    }
    let piped = try Tool.run(arguments: ["experiment", "adaptive", "--spec", "-"], in: folder.path, input: Self.spec)
    #expect(piped.status == 64)
  }
}
