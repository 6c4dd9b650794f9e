import ArgumentParser
import Competition
import Documents

/// `apprentice competition submit`.
struct CompetitionSubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Hand in submissions: a copy of each folder is taken.",
    discussion: """
      A folder has submission.json, {"protocol": 1, "name": "mine", "run": ["python3", "agent.py"]}, and what that runs. \
      --starter writes one of those that come with the program into the folder instead, to be changed.

      EXAMPLE:
        apprentice competition submit agents --starter random-search
        apprentice competition submit runs/contest agents/random-search
      """)

  @Argument(help: .init("The competition's folder; with --starter where the new folder goes.", valueName: "folder"))
  var competition: String

  @Argument(help: .init("The submissions' folders.", valueName: "folder"))
  var folders: [String] = []

  @Option(help: .init("Write a starting point: blind, random-search or ppo.", valueName: "name"))
  var starter: String?

  func validate() throws {
    if let starter, !Starter.names.contains(starter) {
      throw ValidationError("There is no starter '\(starter)': there are \(Starter.names.joined(separator: ", ")).")
    }
    guard (starter == nil) != folders.isEmpty else {
      throw ValidationError("Give the folders of submissions, or --starter NAME and no folder.")
    }
  }

  func run() throws {
    if let starter { return print(try Starter.copy(starter, into: competition)) }
    let folder = try CompetitionFolder(competition)
    for path in folders {
      let submission = try folder.submit(path)
      print("\(submission.name) (\(submission.digest.prefix(12))) is handed in")
    }
  }
}
