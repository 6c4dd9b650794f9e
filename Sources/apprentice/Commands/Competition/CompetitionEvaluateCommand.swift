import ArgumentParser
import Competition
import Documents
import Settings
import Training

/// `apprentice competition evaluate`.
struct CompetitionEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Train and score every submission in every game and track, in sandboxes, and print the ranking.",
    discussion: """
      Interrupted, it goes on with the same command, and scores nothing twice. Several processes may share a folder.

      EXAMPLE:
        apprentice competition evaluate runs/contest --workers 2
      """)

  @OptionGroup var place: CompetitionFolderArgument

  @Option(in: .count(), help: .init("How many jobs are run at a time.", valueName: "count"))
  var workers = 1

  @Option(
    parsing: .upToNextOption,
    help: .init("Only the jobs of these numbers, from 0; a Slurm task's.", valueName: "number"))
  var only: [Int] = []

  @OptionGroup var output: OutputOptions

  func run() throws {
    let folder = try place.open()
    let submissions = try place.submissions(of: folder)
    InterruptSignals.install()
    var evaluator = CompetitionEvaluator(folder, log: { Log.raw($0) }, isStopped: { InterruptSignals.stopRequested })
    evaluator.workers = workers
    let outcome = try evaluator.run(submissions, only: only.isEmpty ? nil : Set(only))
    if InterruptSignals.stopRequested {
      Log.raw("interrupted; the same command goes on from here")
      throw ExitCode(130)
    }
    let board = try Leaderboard(folder, submissions)
    try board.write()
    if outcome.left > 0 { Log.warning("\(outcome.left) jobs are another process's and not counted yet") }
    output.show(try board.document, text: "\(board.text)\n\(folder.path)/leaderboard.html")
  }
}
