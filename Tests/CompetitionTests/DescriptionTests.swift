import Competition
import Documents
import Foundation
import TestSupport
import Testing

/// Descriptions and manifests that are wrong say where and what.
@Suite("Descriptions")
struct DescriptionTests {
  @Test("the small competition is one")
  func small() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("competition.yaml", SmallCompetition.description)
    let competition = try Competition(contentsOf: path)
    #expect(competition.games.count == 3 && competition.tracks.map(\.trainingLevels) == [0, 50])
    #expect(competition.games.filter(\.isPrivate).count == 2)
    #expect(competition.games[0].constants.normalized(40) == 1 && competition.games[0].constants.normalized(1) == 0)
  }

  @Test(
    "what is wrong is told with its line",
    arguments: [
      ("protocol: 1", "protocol: 2", "version 1"),
      ("training_levels: 3", "training_levels: -1", "competition.yaml:6:"),
      ("training_levels: 3", "levels: 3", "training_levels"),
      (
        "slalom: {weight: 1, min: 0, blind: 8.5, max: 20}", "slalon: {weight: 1, blind: 8.5, max: 20}",
        "though a 'slalom'"
      ),
      (
        "slalom: {weight: 1, min: 0, blind: 8.5, max: 20}", "slalom: {weight: 0, blind: 8.5, max: 20}", "weight above 0"
      ),
      ("slalom: {weight: 1, min: 0, blind: 8.5, max: 20}", "slalom: {blind: 5, max: 5}", "min ≤ blind < max"),
      ("environments: 2", "environments: 0", "environments"),
      ("memory_mib: 128", "memory: 128", "memory_mib"),
      ("generalization:", "gener/alization:", "letters, digits"),
    ])
  func wrong(_ from: String, _ to: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    let text = SmallFolder.description.replacing(from, with: to)
    #expect(text != SmallFolder.description)
    let path = try folder.write("competition.yaml", text)
    let error = #expect(throws: DataError.self) { try Competition(contentsOf: path) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(
    "manifests that are wrong are refused, and leave an older submission as it was",
    arguments: [
      (#"{"protocol": 1, "name": "a b", "run": ["x"]}"#, "letters, digits"),
      (#"{"protocol": 1, "name": "../a", "run": ["x"]}"#, "letters, digits"),
      (#"{"protocol": 9, "name": "a", "run": ["x"]}"#, "version 1"),
      (#"{"protocol": 1, "name": "a", "run": []}"#, "must name a program"),
      (#"{"protocol": 1, "name": "a", "run": ["x"], "observations": "both"}"#, "inline"),
      (#"{"protocol": 1, "name": "a"}"#, "run"),
      (#"{"protocol": 1,"#, "JSON"),
    ])
  func manifests(_ text: String, _ words: String) throws {
    let small = try SmallFolder()
    let kept = try small.submit("a", "pass")
    let folder = try TemporaryFolder()
    try folder.write("submission.json", text)
    let error = #expect(throws: (any Error).self) { try small.folder.submit(folder.path) }
    #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(error.map { "\($0)" } ?? "")")
    #expect(try small.folder.submissions() == [kept])
  }

  @Test("a folder is one competition's, and its secret is its owner's")
  func folders() throws {
    let small = try SmallFolder()
    #expect(throws: CompetitionError.self) { try CompetitionFolder.make(small.folder.path, description: "x") }
    let mode = try FileManager.default.attributesOfItem(atPath: "\(small.folder.path)/secret")[.posixPermissions]
    #expect(mode as? Int == 0o600)
    try Data("zz\n".utf8).write(to: URL(fileURLWithPath: "\(small.folder.path)/secret"))
    #expect(throws: DataError.self) { try CompetitionFolder(small.folder.path) }
  }
}
