import Documents
import Evaluation
import Foundation
public import Statistics
import Tokenization
import Training

/// What the quickstart found; `report.json` holds exactly this.
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
  /// How good the reward model is.
  public struct RewardModel: Sendable, Codable {
    /// The share of held-out pairs on which it agrees with the gold judge.
    public var accuracy: Estimate
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
  /// Who beats whom.
  public var winRate: WinRates
  /// The reward model.
  public var rewardModel: RewardModel
  /// Mean gold score of each system.
  public var goldScores: [String: Estimate]
  /// Best-of-n for several n.
  public var frontier: [FrontierPoint]
  /// Some held-out posts with what each system made of them.
  public var samples: [Sample]
  /// Wall time of each stage.
  public var seconds: [String: Double] = [:]

  enum CodingKeys: String, CodingKey {
    case settings, frontier, samples, seconds
    case winRate = "win_rate"
    case rewardModel = "reward_model"
    case goldScores = "gold_scores"
  }

  /// Writes `report.json` and `report.html` into a folder that holds the stages' run folders.
  func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try DurableFile.write(encoder.encode(self), to: "\(folder)/report.json")
    var page = Report(
      title: "Quickstart: a model learns from feedback",
      subtitle: "seed \(settings.seed), scale \(settings.scale), "
        + "\(Int(seconds.values.reduce(0, +))) seconds in all")
    page.note(
      "The labeller and the judge are simulated: posts are generated with known facts, the gold judge scores "
        + "coverage, faithfulness and brevity, and preferences are drawn from its scores with noise, ties and errors. "
        + "No person was asked. The same commands work with people's feedback.", kind: .caution)
    page.heading("Who beats whom")
    page.table(
      header: ["by the gold judge, on \(winRate.ppoVsSFT.n) held-out posts", "win rate (95% interval)"],
      rows: [
        [.text("fine-tuned over pretrained"), .estimate(winRate.sftVsPretrained, isPercentage: true)],
        [.text("best of 16 over fine-tuned"), .estimate(winRate.bestOf16VsSFT, isPercentage: true)],
        [.text("PPO over fine-tuned"), .estimate(winRate.ppoVsSFT, isPercentage: true)],
        [.text("reward model agrees with the judge"), .estimate(rewardModel.accuracy, isPercentage: true)],
      ], caption: "Ties count half. A win rate of 50% means no difference.")
    page.table(
      header: ["system", "mean gold score"],
      rows: ["pretrained", "fine-tuned", "best of 16", "PPO"].compactMap { name in
        goldScores[name].map { [.text(name), .estimate($0, isPercentage: false)] }
      })
    page.heading("Learning curves")
    page.figure(Self.curves(in: folder))
    page.heading("Reward against KL")
    page.paragraph(
      "Best-of-n moves away from the fine-tuned model by ln n − (n − 1)/n nats. The reward model's score always rises; "
        + "where the judge's stops rising, the reward model is being over-optimised.")
    page.figure([
      Plot.frontier(
        title: "Best of n", frontier.map { (divergence: $0.divergence, proxy: $0.proxy, gold: $0.gold) })
    ])
    page.heading("Samples")
    for sample in samples {
      page.samples(
        prompt: sample.prompt, sample.answers.map { ($0.system, $0.text, String(format: "gold %.2f", $0.gold)) })
    }
    page.heading("Where the time went")
    page.table(
      header: ["stage", "seconds"],
      rows: seconds.sorted { $0.value > $1.value }.map { [.text($0.key), .number($0.value, decimals: 1)] })
    try page.write(to: URL(fileURLWithPath: "\(folder)/report.html"))
  }

  private static func curves(in folder: String) -> [Plot] {
    func curve(_ stage: String, _ key: String, _ title: String, _ label: String) -> Plot? {
      guard let text = try? String(contentsOfFile: "\(folder)/\(stage)/metrics.jsonl", encoding: .utf8)
      else { return nil }
      var points: [Plot.Point] = []
      for line in text.split(separator: "\n") {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
          let step = object["step"] as? NSNumber, let value = object[key] as? NSNumber
        else { continue }
        points.append(.init(x: step.doubleValue, y: value.doubleValue))
      }
      guard !points.isEmpty else { return nil }
      var plot = Plot(title: title, x: "step", y: .init(label))
      plot.add(label, points: points, smoothing: points.count > 100 ? 0.9 : 0.5)
      return plot
    }
    return [
      curve("pretrain", "loss", "Pretraining", "loss (nats per token)"),
      curve("sft", "loss", "Fine-tuning", "loss (nats per token)"),
      curve("reward", "accuracy", "Reward model", "accuracy on the batch"),
      curve("reward-best", "accuracy", "Reward model: the best of many", "accuracy on the batch"),
      curve("ppo", "objective/scores", "PPO: reward", "reward model's score"),
      curve("ppo", "gold_score", "PPO: what the gold judge says", "gold score"),
      curve("ppo", "objective/kl", "PPO: KL from the fine-tuned model", "nats per completion"),
      curve("ppo", "response_length", "PPO: length", "tokens"),
    ].compactMap { $0 }
  }
}
