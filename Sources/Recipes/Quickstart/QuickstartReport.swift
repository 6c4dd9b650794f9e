import Documents
import Evaluation
import Foundation
public import Statistics

/// The quickstart's measurements; `report.json` holds them beside the effects.
public struct QuickstartReport: Sendable, Codable {
  /// Shares of held-out posts on which the gold judge prefers the first system; ties count half.
  public struct WinRates: Sendable, Codable {
    /// Fine-tuned against pretrained.
    public var sftVsPretrained: Estimate
    /// Best of 16 by the reward model against one sample of the fine-tuned model.
    public var bestOf16VsSFT: Estimate
    /// PPO against fine-tuned.
    public var ppoVsSFT: Estimate

    enum CodingKeys: String, CodingKey {
      case sftVsPretrained = "sft_vs_pretrained"
      case bestOf16VsSFT = "best_of_16_vs_sft"
      case ppoVsSFT = "ppo_vs_sft"
    }
  }
  /// The reward model's quality.
  public struct RewardModel: Sendable, Codable {
    /// The share of held-out pairs on which it agrees with the gold judge.
    public var accuracy: Estimate
    /// The share where two summaries differ in faithfulness alone: they cover as much and are as brief.
    ///
    /// Half would be chance; less means that it reads the summary and not the post, for a wrong value looks like a fact.
    public var faithfulness: Estimate
    /// The share on which a labeller like the one that it learned from agrees with the judge, ties left out.
    public var labeller: Estimate
  }
  /// A post with its summaries.
  public struct Sample: Sendable, Codable {
    /// One system's summary.
    public struct Answer: Sendable, Codable {
      /// Whose.
      public var system: String
      /// The summary.
      public var text: String
      /// The gold judge's score.
      public var gold: Double
    }
    /// The post.
    public var prompt: String
    /// A summary by each system.
    public var answers: [Answer]
  }
  /// Best-of-n at one n.
  public struct FrontierPoint: Sendable, Codable {
    /// n.
    public var n: Int
    /// ln n − (n − 1)/n, in nats.
    public var divergence: Double
    /// The reward model's score of what it chose.
    public var proxy: Estimate
    /// The gold judge's.
    public var gold: Estimate
  }

  /// The sizes and seeds.
  public var settings: QuickstartSettings
  /// The win rates.
  public var winRate: WinRates
  /// The reward model.
  public var rewardModel: RewardModel
  /// Mean gold score of each system.
  public var goldScores: [String: Estimate]
  /// Best-of-n for several n.
  public var frontier: [FrontierPoint]
  /// Some held-out posts with what each system made of them.
  public var samples: [Sample]

  enum CodingKeys: String, CodingKey {
    case settings, frontier, samples
    case winRate = "win_rate"
    case rewardModel = "reward_model"
    case goldScores = "gold_scores"
  }

  /// The claims, pictures and sections of its report.
  func findings(_ run: RecipeRun) throws -> RecipeFindings {
    var findings = RecipeFindings(effects: [
      Effect("fine-tuned over pretrained", winRate.sftVsPretrained, goal: .atLeast(0.8), isShare: true),
      Effect(
        "best of 16 over fine-tuned", winRate.bestOf16VsSFT, goal: .atLeast(0.65), published: 0.68,
        source: "best of 64 over cloning at 175B, by people (WebGPT, Nakano 2021)", isShare: true),
      Effect(
        "PPO over fine-tuned", winRate.ppoVsSFT, goal: .atLeast(0.65), published: 0.58,
        source: "PPO over cloning at 175B, by people (WebGPT, Nakano 2021)", isShare: true),
      Effect(
        "reward model agrees with the judge", rewardModel.accuracy, goal: .atLeast(0.75), published: 0.724,
        source: "agreement with the labellers it was trained on (InstructGPT, Ouyang 2022)", isShare: true),
    ])
    findings.cautions = [
      "The labeller and the judge are simulated: posts are generated with known facts, the gold judge scores "
        + "coverage, faithfulness and brevity, and preferences are drawn from its scores with noise, ties and errors. "
        + "No person was asked. The same commands work with people's feedback."
    ]
    let frontierPlot = Plot.frontier(
      title: "Best of n: reward against KL",
      frontier.map { (divergence: $0.divergence, proxy: $0.proxy, gold: $0.gold) })
    findings.pictures = [
      [frontierPlot, run.curve("ppo", "gold_score", "PPO: what the gold judge says", "gold score")].compactMap { $0 }
    ]
    findings.details = try JSONValue(encoding: self).object ?? JSONObject()
    let curves = [
      run.curve("pretrain", "loss", "Pretraining", "loss (nats per token)"),
      run.curve("sft", "loss", "Fine-tuning", "loss (nats per token)"),
      run.curve("reward", "accuracy", "Reward model", "accuracy on the batch"),
      run.curve("ppo", "objective/scores", "PPO: reward", "reward model's score"),
      run.curve("ppo", "objective/kl", "PPO: KL from the fine-tuned model", "nats per completion"),
      run.curve("ppo", "response_length", "PPO: length", "tokens"),
    ].compactMap { $0 }
    findings.sections = { page in
      page.paragraph(
        "Win rates are how often the gold judge prefers the first system, over all pairs of the samples drawn of "
          + "\(winRate.ppoVsSFT.n) held-out posts; ties count half, so that 50% means no difference. Where two summaries "
          + "differ in faithfulness alone, the reward model is right on \(rewardModel.faithfulness.percentage). A labeller such as "
          + "the one that it learned from agrees with the judge on \(rewardModel.labeller.percentage) of the pairs.")
      page.table(
        header: ["system", "mean gold score"],
        rows: ["pretrained", "fine-tuned", "best of 16", "PPO"].compactMap { name in
          goldScores[name].map { [.text(name), .estimate($0, isPercentage: false)] }
        })
      page.paragraph(
        "Best-of-n moves away from the fine-tuned model by ln n − (n − 1)/n nats. The reward model's score always rises; "
          + "where the judge's stops rising, the reward model is being over-optimised.")
      page.heading("Samples")
      for sample in samples {
        page.samples(
          prompt: sample.prompt, sample.answers.map { ($0.system, $0.text, String(format: "gold %.2f", $0.gold)) })
      }
      page.heading("Learning curves")
      page.figure(curves)
    }
    return findings
  }
}
