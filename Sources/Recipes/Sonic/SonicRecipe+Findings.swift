import Documents
import Emulation
import Evaluation
import Statistics

extension SonicRecipe {
  /// Mean scores of the published agents over Sonic's 11 test levels (Nichol 2018, table 2), with a million steps a level.
  private static let published: [String: Double] = ["jerk": 1904.0, "ppo": 1488.8, "joint-ppo": 3127.9]

  /// Scores with intervals over levels, and the paper's three claims.
  func findings(_ outcomes: [String: [Outcome]], in run: RecipeRun) -> RecipeFindings {
    func scores(_ agent: String) -> [Double] { (outcomes[agent] ?? []).map(\.mean) }
    func difference(_ one: String, _ other: String) -> Estimate {
      // Both agents play the same levels, so what differs is taken level by level.
      Bootstrap(seed: 1).mean(zip(scores(one), scores(other)).map { $0 - $1 })
    }
    func gap(_ one: String, _ other: String) -> Double? {
      guard let first = Self.published[one], let second = Self.published[other] else { return nil }
      return first - second
    }
    let source = "table 2, Sonic's 11 test levels, 1,000,000 steps each"
    var findings = RecipeFindings(effects: [
      Effect(
        "PPO after joint training over PPO from nothing", difference("joint-ppo", "ppo"), goal: .above(0),
        published: gap("joint-ppo", "ppo"), source: source),
      Effect(
        "JERK over PPO from nothing", difference("jerk", "ppo"), goal: .above(0), published: gap("jerk", "ppo"),
        source: source),
      Effect("PPO from nothing over a random policy", difference("ppo", "random"), goal: .above(0)),
    ])
    var plot = IntervalPlot(
      title: "Mean return of all episodes", rows: Self.agents.map { ($0, Bootstrap(seed: 1).mean(scores($0))) },
      isPercentage: false)
    plot.marks = Self.agents.map { .init(published: Self.published[$0]) }
    findings.details["agents"] = .array(
      Self.agents.map { agent in
        [
          "agent": .string(agent), "score": (try? JSONValue(encoding: Bootstrap(seed: 1).mean(scores(agent)))) ?? .null,
          "levels": .array(scores(agent).map { .double($0) }),
          "published": Self.published[agent].map { .double($0) } ?? .null,
        ]
      })
    findings.cautions = [
      "The levels are coinrun's, jumper's and ninja's, not Sonic's: only the agents' order can be compared with the published "
        + "figures, not their size. A level has \(steps) steps here and a million there."
    ]
    findings.sections = { page in
      page.heading("Leaderboard")
      page.figure(plot, caption: "With 95% intervals over levels; marks are the published means over Sonic's levels.")
      page.table(
        header: ["level"] + Self.agents,
        rows: levels.enumerated().map { index, level in
          [.text(level.name)] + Self.agents.map { .number(scores($0)[index], decimals: 0) }
        }, caption: "The mean return of all episodes of \(steps) steps.")
    }
    return findings
  }
}
