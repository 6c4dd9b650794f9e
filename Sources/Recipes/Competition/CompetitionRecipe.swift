// The NeurIPS 2020 Procgen Competition (Mohanty 2021): agents made of the ingredients that its best entries had, trained and scored
// by a central evaluation, each in a sandbox of its own.
//
// Covered: the evaluation with its two tracks and the published kind of score; wider networks, the residual network, frame stacks and
// shorter horizons as single changes of one base, a blind policy and a random search below them. Not covered: phasic policy gradient,
// pooling before the layer of features, data augmentation.

import Competition
public import Documents
import Evaluation
import Foundation
import Statistics
import Training

/// A competition of agents made of ingredients.
public struct CompetitionRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "competition", title: "A competition of agents",
    paper:
      "Mohanty et al. 2021, Measuring Sample Efficiency and Generalization in RL Benchmarks: NeurIPS 2020 Procgen Benchmark",
    summary:
      "Submissions are trained and rolled out in sandboxes, in every game within its budget, on levels that they never saw: a blind "
      + "policy, a random search among blind policies, PPO, and PPO with one ingredient of the competition's best entries each."
  )

  let options: RecipeOptions

  /// The recipe with its sizes.
  public init(_ options: RecipeOptions) throws { self.options = options }

  /// A submission beside the starters: its name and the words after `apprentice competition agent`.
  struct Ingredient: Sendable {
    var name: String
    var title: String
    var words: [String]
  }

  private static let base = ["--num-steps", "64", "--num-minibatches", "4", "--learning-rate", "1e-3"]
  static let ingredients = [
    Ingredient(name: "wide", title: "twice the channels", words: ["--width", "2"]),
    Ingredient(name: "stacked", title: "the first and the last of four frames", words: ["--stack", "4"]),
    Ingredient(name: "short-horizon", title: "γ 0.99 and λ 0.9", words: ["--gamma", "0.99", "--gae-lambda", "0.9"]),
    Ingredient(name: "impala", title: "the residual network", words: ["--network", "impala"]),
  ]

  private var steps: Int { options.isQuick ? 512 : Int(60_000 * options.scale) }
  private var used: [Ingredient] { options.isQuick ? Array(Self.ingredients.prefix(1)) : Self.ingredients }

  /// Everything that decides the results.
  public var configuration: [String: JSONValue] {
    ["description": .string(description), "ingredients": .array(used.map { .string($0.name) })]
  }

  private var description: String {
    """
    protocol: 1
    title: A competition of ingredients
    budget: {environments: \(options.isQuick ? 4 : 16), training_steps: \(steps), training_seconds: 3600,
      rollout_episodes: \(options.isQuick ? 4 : 64), rollout_seconds: 1200, memory_mib: 4096}
    tracks:
      sample_efficiency: {training_levels: 0}
      generalization: {training_levels: 50}
    games:
      slalom: {weight: 1, private: true, min: 0, blind: 8.5, max: 20}
      orchard: {weight: 1, private: true, min: -20, blind: 1, max: 40}
    """
  }

  /// One stage, whose jobs are kept each.
  public var plan: [PlannedStage] {
    [PlannedStage("evaluation", seconds: Double(4 * (used.count + 3) * steps) / 1_500)]
  }

  /// Hands in, evaluates, compares.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let path = run.path(of: "contest")
    if !FileManager.default.fileExists(atPath: "\(path)/\(CompetitionFolder.description)") {
      try CompetitionFolder.make(
        path, description: description, secret: DerivedSeed(run: options.seed, for: "competition").value)
    }
    let folder = try CompetitionFolder(path)
    try handIn(to: folder, work: run.path(of: "agents"))
    let submissions = try folder.submissions()
    try run.stage("evaluation") {
      let evaluator = CompetitionEvaluator(folder, isStopped: { InterruptSignals.stopRequested })
      try evaluator.run(submissions)
      if InterruptSignals.stopRequested { throw RecipeRun.Interrupted() }
    }
    let board = try Leaderboard(folder, submissions)
    try board.write()
    return findings(board)
  }

  private func handIn(to folder: CompetitionFolder, work: String) throws {
    for name in ["blind", "random-search"] { try folder.submit(Starter.copy(name, into: work)) }
    for (name, words) in [("ppo", [])] + used.map({ ($0.name, $0.words) }) {
      let target = "\(work)/\(name)"
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      let manifest: JSONValue = [
        "protocol": .int(Competition.protocolVersion), "name": .string(name), "observations": "shared",
        "run": .array((["apprentice", "competition", "agent"] + Self.base + words).map { .string($0) }),
      ]
      try DurableFile.write(manifest.serialized(indent: 2) + "\n", to: "\(target)/\(Submission.manifest)")
      try folder.submit(target)
    }
  }

  private func findings(_ board: Leaderboard) -> RecipeFindings {
    let rows = Dictionary((board.rankings.first?.rows ?? []).map { ($0.submission, $0.score) }) { first, _ in first }
    func difference(_ one: String, _ other: String) -> Estimate {
      guard let a = rows[one], let b = rows[other] else {
        return Estimate(value: .nan, low: .nan, high: .nan, n: 0)
      }
      // The two were trained and played apart: their variances add.
      let reach = (pow(a.high - a.value, 2) + pow(b.high - b.value, 2)).squareRoot()
      return Estimate(value: a.value - b.value, low: a.value - b.value - reach, high: a.value - b.value + reach, n: a.n)
    }
    var effects = [
      Effect("PPO over a random search among blind policies", difference("ppo", "random-search"), goal: .above(0)),
      Effect("a random search over a blind policy", difference("random-search", "blind"), goal: .above(0)),
    ]
    effects += used.map { Effect("\($0.title) (\($0.name)) over PPO", difference($0.name, "ppo"), goal: .above(0)) }
    var findings = RecipeFindings(effects: effects)
    findings.details["leaderboard"] = (try? board.document) ?? .null
    findings.cautions = [
      "Intervals are over episodes; each submission was trained once for each game and track, so what training makes of its luck "
        + "isn't in them. 'repetitions' of a description trains several times."
    ]
    findings.sections = { page in
      page.heading("Leaderboard")
      page.code(board.text)
      page.paragraph("The page with curves, logs and replays is contest/leaderboard.html.")
    }
    return findings
  }
}
