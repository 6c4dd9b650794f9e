// The whole circle on a simulated forum (learning to summarize, Stiennon 2020; InstructGPT, Ouyang 2022): tokenizer,
// pretraining, demonstrations, comparisons, reward model, PPO, best-of-n, evaluation by the gold judge, report.
//
// Covered: every stage at full length with its own run folder, resumable. Not covered: real people. The labeller is
// simulated, and the report says so.

import Alignment
public import Documents
import Evaluation
import Feedback
import Foundation
import LanguageModels
import NeuralNetworks
import Statistics
import Summarization
import Tokenization
import Torch
import Training

/// The whole circle on a simulated forum.
public final class Quickstart: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "quickstart", title: "Quickstart: a model learns from feedback",
    paper: "Stiennon et al. 2020, Learning to summarize from human feedback; Ouyang et al. 2022, InstructGPT",
    summary:
      "A small decoder is pretrained on generated posts, fine-tuned on demonstrations, and improved by best-of-16 "
      + "and PPO against a reward model that was learned from rankings. The gold judge then compares them on held-out posts."
  )

  let settings: QuickstartSettings
  let device: Device
  private let world: PostWorld
  private let judge = GoldJudge()

  /// The sizes that belong to the scale.
  public convenience init(_ options: RecipeOptions) { self.init(options, settings: QuickstartSettings(options)) }

  /// Sizes of one's own.
  public init(_ options: RecipeOptions, settings: QuickstartSettings) {
    self.settings = settings
    device = options.device
    world = PostWorld(seed: settings.seed)
  }

  /// All sizes and rates.
  public var configuration: [String: JSONValue] {
    get throws { ["quickstart": try JSONValue(encoding: settings)] }
  }

  /// Seconds on two cores of an EPYC.
  public var plan: [PlannedStage] {
    let second: [PlannedStage] = [
      .init("comparisons of the best", seconds: 30), .init("reward of the best", seconds: 30),
    ]
    return [
      .init("tokenizer", seconds: 2), .init("pretrain", seconds: 75), .init("sft", seconds: 55),
      .init("comparisons", seconds: 30), .init("reward", seconds: 30),
    ] + (settings.bestRankedPosts > 0 ? second : []) + [
      .init("ppo", seconds: 35), .init("evaluation", seconds: 15),
    ]
  }

  /// All stages, from the tokenizer to the judge.
  public func run(in run: RecipeRun) throws -> RecipeFindings {
    let tokenizer = try run.stage("tokenizer") { try makeTokenizer(run) }
    let pretrained = try run.stage("pretrain") { try pretrain(tokenizer, run) }
    let tuned = try run.stage("sft") { try fineTune(pretrained, tokenizer, run) }
    let reward = try learnReward(from: tuned, tokenizer, run)
    let policy = try run.stage("ppo") { try optimise(tuned, reward, tokenizer, run) }
    let report = try run.stage("evaluation") {
      try evaluate(pretrained: pretrained, tuned: tuned, policy: policy, reward: reward, tokenizer)
    }
    return try report.findings(run)
  }

  // MARK: 1. Tokenizer

  private var corpus: [String] { world.pretrainingCorpus(documents: settings.documents) }

  private func makeTokenizer(_ run: RecipeRun) throws -> Tokenizer {
    let place = URL(fileURLWithPath: run.path(of: "tokenizer"))
    if FileManager.default.fileExists(atPath: place.appendingPathComponent("tokenizer.json").path) {
      return try Tokenizer(contentsOf: place)
    }
    var trainer = try BytePairTrainer(
      vocabularySize: settings.vocabulary, specialTokens: ["<|endoftext|>"])
    for text in corpus.prefix(8000) { trainer.count(text) }
    let tokenizer = try trainer.train()
    try tokenizer.write(to: place)
    return tokenizer
  }

  private func seed(for purpose: String, index: Int = 0) -> UInt64 {
    DerivedSeed(run: settings.seed, for: purpose, index: index).value
  }

  private func end(_ tokenizer: Tokenizer) -> Int { tokenizer.eos ?? 0 }

  // MARK: 2. Pretraining

  private func pretrain(_ tokenizer: Tokenizer, _ run: RecipeRun) throws -> Decoder {
    // Whole documents rather than rows cut from them: what a small model must learn here is to copy from further up.
    let documents = corpus.map {
      TargetedTokens(
        prompt: [], completion: Array(tokenizer.encode($0).prefix(settings.context)),
        endOfText: end(tokenizer))
    }
    var shape = DecoderConfiguration.llama(
      vocabularySize: tokenizer.vocabularySize, width: settings.width, layers: settings.layers,
      heads: settings.heads, feedForwardWidth: settings.width * 8 / 3 / 32 * 32,
      contextLength: settings.context, tiesEmbeddings: true, endOfText: end(tokenizer))
    // A narrow model needs larger weights than GPT-2's 0.02 for its products to have variance near 1.
    shape.initializerRange = 0.09
    let model = try Decoder(shape, generator: Generator(seed: seed(for: "weights")))
    model.to(device: device)
    var training = TrainingSettings()
    training.maxSteps = settings.pretrainSteps
    training.batchSize = settings.pretrainBatch
    training.optimizer = .muon
    training.learningRate = settings.pretrainRate
    training.beta2 = 0.98
    training.weightDecay = 0
    training.warmupSteps = 40
    training.saveSteps = 200
    training.seed = seed(for: "pretrain")
    let learner = NextTokenLearner(
      model, tokenizer: tokenizer,
      source: ExampleSource(
        Array(documents.dropLast(100)), batchSize: training.batchSize, seed: training.seed),
      heldOut: Array(documents.suffix(100)), settings: training)
    try run.train("pretrain", learner, training)
    return model
  }

  // MARK: 3. Demonstrations

  private func fineTune(_ pretrained: Decoder, _ tokenizer: Tokenizer, _ run: RecipeRun) throws -> Decoder {
    let examples = world.posts(0..<settings.demonstrations, in: .training).map { post in
      TargetedTokens(
        prompt: tokenizer.encode(post.prompt),
        completion: tokenizer.encode(" " + world.demonstration(for: post).text),
        endOfText: end(tokenizer))
    }
    let model = try pretrained.copy()
    var training = TrainingSettings()
    training.maxSteps = settings.sftSteps
    training.batchSize = settings.sftBatch
    training.learningRate = settings.sftRate
    training.warmupSteps = 10
    training.seed = seed(for: "sft")
    let learner = NextTokenLearner(
      model, tokenizer: tokenizer,
      source: ExampleSource(
        examples, batchSize: training.batchSize, seed: training.seed),
      settings: training)
    try run.train("sft", learner, training)
    return model
  }

  // MARK: 4. Comparisons

  private func sample(
    _ model: Decoder, _ posts: [Post], samples: Int, for purpose: String, index: Int = 0, _ tokenizer: Tokenizer
  ) throws -> [[Candidate]] {
    try GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: 256)).candidates(
      of: posts.map { tokenizer.encode($0.prompt) }, samples: samples,
      parameters: SamplingParameters(
        maxTokens: Self.responseLength, stop: ["\n"], seed: seed(for: purpose, index: index)))
  }

  private static let responseLength = 56

  /// Has summaries of some training posts ranked: samples of the fine-tuned model, or of many the best by a reward model.
  private func collect(
    _ tuned: Decoder, _ tokenizer: Tokenizer, round: String, posts range: Range<Int>, drawn: Int,
    best reward: ScalarModel? = nil, _ run: RecipeRun
  ) throws -> [RankedCompletions] {
    let store = try FeedbackStore(path: run.path(of: "feedback.sqlite"))
    let query = FeedbackQuery(batch: round)
    if try store.rankings(query).count < range.count {
      let posts = world.posts(range, in: .training)
      var completions = try sample(
        tuned, posts, samples: drawn, for: "comparisons", index: range.lowerBound, tokenizer)
      if let reward {
        let chooser = BestOfN(drawn, judge: RewardJudge(reward, endOfText: end(tokenizer)))
        completions = try chooser.ranked(completions).map { $0.top(settings.samplesPerPost) }
      }
      var labeller = SimulatedLabeller(
        temperature: settings.labellerTemperature, errorRate: settings.labellerError,
        tieBand: settings.labellerTieBand, seed: seed(for: "labeller", index: range.lowerBound))
      let policy = PolicyVersion("quickstart-sft", version: reward == nil ? nil : "best of \(drawn)")
      let items = zip(posts, completions).map { post, made in
        FeedbackItem.ranking(
          labeller.rank(
            prompt: .text(post.prompt), made.map { Response($0.text, policy: policy) },
            gold: made.map { judge.score(summary: $0.text, post: post).total }, batch: round))
      }
      _ = try store.add(items)
    }
    let stop = end(tokenizer)
    return try store.rankings(query).compactMap {
      RankedCompletions($0, tokenizer: tokenizer, endOfText: stop)
    }
  }

  // MARK: 5. Reward model

  /// Two rounds, as comparisons are collected in practice: over samples, and then over what the first reward model
  /// thinks best of many.
  ///
  /// There it errs most, and there best-of-n and PPO take it.
  private func learnReward(from tuned: Decoder, _ tokenizer: Tokenizer, _ run: RecipeRun) throws -> ScalarModel {
    let first = settings.demonstrations
    let posts = first..<first + settings.rankedPosts
    let rankings = try run.stage("comparisons") {
      try collect(tuned, tokenizer, round: "samples", posts: posts, drawn: settings.samplesPerPost, run)
    }
    let model = ScalarModel(try tuned.copy(), generator: Generator(seed: seed(for: "reward head")))
    try run.stage("reward") {
      try learn(model, "reward", rankings, rate: settings.rewardRate, tokenizer, run)
    }
    if settings.bestRankedPosts > 0 {
      let harder = try run.stage("comparisons of the best") {
        try collect(
          tuned, tokenizer, round: "best", posts: posts.upperBound..<posts.upperBound + settings.bestRankedPosts,
          drawn: settings.bestOf, best: model, run)
      }
      // As many of the first round among them, so that it does not forget what is plainly bad.
      let all = harder + rankings.suffix(harder.count)
      try run.stage("reward of the best") {
        try learn(model, "reward-best", all, rate: settings.bestRate, tokenizer, run)
      }
    }
    model.normalize(
      on: world.posts(0..<200, in: .training).map {
        tokenizer.encode($0.prompt) + tokenizer.encode(" " + world.demonstration(for: $0).text)
          + [end(tokenizer)]
      })
    return model
  }

  private func learn(
    _ model: ScalarModel, _ name: String, _ rankings: [RankedCompletions], rate: Double,
    _ tokenizer: Tokenizer, _ run: RecipeRun
  ) throws {
    var training = TrainingSettings()
    training.batchSize = settings.rewardBatch
    training.maxSteps = rankings.count * settings.rewardEpochs / training.batchSize
    training.learningRate = rate
    training.warmupSteps = 10
    training.seed = seed(for: name)
    try run.train(
      name, RewardLearner(model, tokenizer: tokenizer, rankings: rankings, settings: training), training)
  }

  // MARK: 6. PPO

  private func optimise(
    _ tuned: Decoder, _ reward: ScalarModel, _ tokenizer: Tokenizer, _ run: RecipeRun
  ) throws -> Decoder {
    var training = TrainingSettings()
    training.maxSteps = settings.ppoSteps
    training.batchSize = settings.ppoBatch
    training.learningRate = settings.ppoRate
    training.schedule = .linear
    training.weightDecay = 0
    training.saveSteps = 20
    training.seed = seed(for: "ppo")
    var options = PPOSettings()
    options.klCoefficient = settings.ppoKL
    options.responseLength = Self.responseLength
    options.missingEndScore = -1
    let first = settings.demonstrations + settings.rankedPosts + settings.bestRankedPosts
    let posts = world.posts(first..<first + settings.ppoSteps * settings.ppoBatch, in: .training)
    let prompts = posts.map { tokenizer.encode($0.prompt) }
    let learner = PPOLearner(
      policy: try tuned.copy(), reference: tuned, value: try reward.copy(), tokenizer: tokenizer,
      prompts: prompts, judge: RewardJudge(reward, endOfText: end(tokenizer)),
      settings: training, options: options)
    // The curve that shows when the reward model is being over-optimised (Gao 2023); PPO itself never sees it.
    learner.monitor = { [judge] episodes in
      let golds = episodes.map { judge.score(summary: $0.candidate.text, post: posts[$0.candidate.task]).total }
      return ["gold_score": golds.reduce(0, +) / Double(max(1, golds.count))]
    }
    try run.train("ppo", learner, training)
    return learner.policy
  }

  // MARK: 7. Evaluation

  private func evaluate(
    pretrained: Decoder, tuned: Decoder, policy: Decoder, reward: ScalarModel, _ tokenizer: Tokenizer
  ) throws -> QuickstartReport {
    let posts = world.posts(0..<settings.evaluationPosts, in: .heldOut)
    // Seventeen samples are sixteen to choose from and one to compare with, in every one of the seventeen ways.
    let many = try sample(tuned, posts, samples: 17, for: "evaluation of sft", tokenizer)
    let proxies = try RewardJudge(reward, endOfText: end(tokenizer)).scores(of: many)
    let base = try sample(pretrained, posts, samples: 2, for: "evaluation of pretrain", tokenizer)
    let optimised = try sample(policy, posts, samples: 2, for: "evaluation of ppo", tokenizer)

    func judged(_ made: [[Candidate]]) -> [[GoldScore]] {
      zip(made, posts).map { made, post in made.map { judge.score(summary: $0.text, post: post) } }
    }
    func totals(_ scores: [[GoldScore]]) -> [[Double]] { scores.map { $0.map { $0.total } } }
    func means(_ golds: [[Double]]) -> Estimate { Self.mean(golds.map { $0.reduce(0, +) / Double($0.count) }) }
    let verdicts = judged(many)
    let (tunedGold, baseGold, policyGold) = (totals(verdicts), totals(judged(base)), totals(judged(optimised)))
    let bestOf16 = zip(proxies, tunedGold).map { RepeatedSampling.winRate(proxy: $0, gold: $1, n: 16) }
    let frontier = [1, 2, 4, 8, 16].map { n -> QuickstartReport.FrontierPoint in
      let proxyMean = proxies.map { RepeatedSampling.expectedScore(proxy: $0, gold: $0, n: n) }
      let goldMean = zip(proxies, tunedGold).map { RepeatedSampling.expectedScore(proxy: $0, gold: $1, n: n) }
      return .init(
        n: n, divergence: RepeatedSampling.divergence(n: n),
        proxy: Self.mean(proxyMean), gold: Self.mean(goldMean))
    }
    let best = proxies.map { scores in scores.indices.dropLast().max { scores[$0] < scores[$1] } ?? 0 }
    let shown: [(name: String, answer: (Int) -> (text: String, gold: Double))] = [
      ("pretrained", { (base[$0][0].text, baseGold[$0][0]) }),
      ("fine-tuned", { (many[$0][16].text, tunedGold[$0][16]) }),
      ("best of 16", { (many[$0][best[$0]].text, tunedGold[$0][best[$0]]) }),
      ("PPO", { (optimised[$0][0].text, policyGold[$0][0]) }),
    ]
    return QuickstartReport(
      settings: settings,
      winRate: .init(
        sftVsPretrained: WinRate.estimate(of: tunedGold, over: baseGold), bestOf16VsSFT: Self.mean(bestOf16),
        ppoVsSFT: WinRate.estimate(of: policyGold, over: tunedGold)),
      rewardModel: .init(
        accuracy: agreement(proxies, verdicts) { first, second in
          abs(first.total - second.total) >= settings.labellerTieBand
        },
        faithfulness: agreement(proxies, verdicts) { first, second in
          first.faithfulness != second.faithfulness && first.coverage == second.coverage
            && abs(first.brevity - second.brevity) < 0.1
        }),
      goldScores: [
        "pretrained": means(baseGold), "fine-tuned": means(tunedGold), "best of 16": frontier[4].gold,
        "PPO": means(policyGold),
      ],
      frontier: frontier,
      samples: (0..<min(8, posts.count)).map { i in
        .init(
          prompt: posts[i].text,
          answers: shown.map { system in
            let (text, gold) = system.answer(i)
            return .init(system: system.name, text: text, gold: gold)
          })
      })
  }

  /// The share of pairs of a post's summaries, among those that count, on which the reward model and the judge agree.
  ///
  /// All pairs of each post, which are resampled together.
  private func agreement(
    _ proxies: [[Double]], _ verdicts: [[GoldScore]], where counts: (GoldScore, GoldScore) -> Bool
  ) -> Estimate {
    let found = zip(proxies, verdicts).map { proxy, gold -> (right: Int, pairs: Int) in
      var found = (right: 0, pairs: 0)
      for i in gold.indices {
        for j in gold.indices.prefix(i) where counts(gold[i], gold[j]) {
          found.pairs += 1
          if (gold[i].total > gold[j].total) == (proxy[i] > proxy[j]) { found.right += 1 }
        }
      }
      return found
    }
    return Bootstrap(seed: 1).estimate(of: found) { posts in
      Double(posts.reduce(0) { $0 + $1.right }) / Double(posts.reduce(0) { $0 + $1.pairs })
    }
  }

  private static func mean(_ values: [Double]) -> Estimate {
    Bootstrap(seed: 1).mean(values)
  }
}
