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
  /// Its models compute where they are told to.
  public static let usesDevice = true
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
    [
      .init("tokenizer", seconds: 2), .init("pretrain", seconds: 75), .init("sft", seconds: 55),
      .init("comparisons", seconds: 30), .init("reward", seconds: 35), .init("ppo", seconds: 40),
      .init("evaluation", seconds: 15),
    ]
  }

  /// All stages, from the tokenizer to the judge.
  public func run(in run: RecipeRun) throws -> RecipeFindings {
    let tokenizer = try run.stage("tokenizer") { try makeTokenizer(run) }
    let pretrained = try run.stage("pretrain") { try pretrain(tokenizer, run) }
    let tuned = try run.stage("sft") { try fineTune(pretrained, tokenizer, run) }
    let rankings = try run.stage("comparisons") { try collect(tuned, tokenizer, run) }
    let reward = try run.stage("reward") { try learnReward(from: tuned, rankings, tokenizer, run) }
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
    let shape = DecoderConfiguration.small(
      vocabularySize: tokenizer.vocabularySize, width: settings.width, layers: settings.layers,
      heads: settings.heads, feedForwardWidth: settings.width * 8 / 3 / 32 * 32,
      contextLength: settings.context, endOfText: end(tokenizer))
    let model = try Decoder(shape, generator: Generator(seed: seed(for: "weights")))
    model.to(device: device)
    var training = TrainingSettings.fromScratch(
      steps: settings.pretrainSteps, batchSize: settings.pretrainBatch, rate: settings.pretrainRate,
      seed: seed(for: "pretrain"))
    (training.warmupSteps, training.saveSteps) = (40, 200)
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

  /// The training posts whose summaries are ranked: those after the ones that have demonstrations.
  private var rankedPosts: Range<Int> { settings.demonstrations..<settings.demonstrations + settings.rankedPosts }

  private func labeller(for purpose: String) -> SimulatedLabeller {
    SimulatedLabeller(
      temperature: settings.labellerTemperature, errorRate: settings.labellerError,
      tieBand: settings.labellerTieBand, seed: seed(for: purpose))
  }

  /// Has samples of the fine-tuned model ranked.
  private func collect(_ tuned: Decoder, _ tokenizer: Tokenizer, _ run: RecipeRun) throws -> [RankedCompletions] {
    let store = try FeedbackStore(path: run.path(of: "feedback.sqlite"))
    let query = FeedbackQuery(batch: "samples")
    if try store.rankings(query).count < rankedPosts.count {
      let posts = world.posts(rankedPosts, in: .training)
      let completions = try sample(tuned, posts, samples: settings.samplesPerPost, for: "comparisons", tokenizer)
      var labeller = labeller(for: "labeller")
      let policy = PolicyVersion("quickstart-sft")
      let items = zip(posts, completions).map { post, made in
        FeedbackItem.ranking(
          labeller.rank(
            prompt: .text(post.prompt), made.map { Response($0.text, policy: policy) },
            gold: made.map { judge.score(summary: $0.text, post: post).total }, batch: query.batch))
      }
      _ = try store.add(items)
    }
    let encoder = try DialogueEncoder(tokenizer, endOfText: end(tokenizer))
    return try store.rankings(query).map { try RankedCompletions($0, encoder) }
  }

  // MARK: 5. Reward model

  /// A reward model that also weighs how probable its own decoder finds a summary.
  ///
  /// A head alone reads the summary and hardly the post: of two summaries that differ in a wrong value it prefers the
  /// wrong one, which looks like one more fact (Docs/LOG.md).
  private func learnReward(
    from tuned: Decoder, _ rankings: [RankedCompletions], _ tokenizer: Tokenizer, _ run: RecipeRun
  ) throws -> ScalarModel {
    let model = ScalarModel(
      try tuned.copy(), likelihoodWeight: settings.rewardLikelihood,
      generator: Generator(seed: seed(for: "reward head")))
    var training = TrainingSettings()
    training.batchSize = settings.rewardBatch
    training.maxSteps = rankings.count * settings.rewardEpochs / training.batchSize
    training.learningRate = settings.rewardRate
    training.warmupSteps = 10
    training.seed = seed(for: "reward")
    try run.train(
      "reward", RewardLearner(model, tokenizer: tokenizer, rankings: rankings, settings: training), training)
    model.normalize(
      on: world.posts(0..<200, in: .training).map {
        (
          tokenizer.encode($0.prompt),
          tokenizer.encode(" " + world.demonstration(for: $0).text) + [end(tokenizer)]
        )
      })
    return model
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
    let first = rankedPosts.upperBound
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
        accuracy: Self.agreement(of: proxies, with: tunedGold) { post, i, j in
          abs(tunedGold[post][i] - tunedGold[post][j]) >= settings.labellerTieBand
        },
        faithfulness: Self.agreement(of: proxies, with: tunedGold) { post, i, j in
          let (first, second) = (verdicts[post][i], verdicts[post][j])
          return first.faithfulness != second.faithfulness && first.coverage == second.coverage
            && abs(first.brevity - second.brevity) < 0.1
        }, labeller: labellerAgreement(tunedGold)),
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

  /// How often a labeller like the comparisons' agrees with the judge on pairs that neither calls equal.
  private func labellerAgreement(_ golds: [[Double]]) -> Estimate {
    var labeller = labeller(for: "labeller's agreement")
    let preferred = golds.map { golds -> [Double] in
      let shown = golds.prefix(settings.samplesPerPost)
      return labeller.rank(
        prompt: .text(""), shown.map { _ in Response("", policy: PolicyVersion("")) }, gold: Array(shown)
      ).ranks.map { -Double($0) }
    }
    return Self.agreement(of: preferred, with: golds) { post, i, j in
      abs(golds[post][i] - golds[post][j]) >= settings.labellerTieBand && preferred[post][i] != preferred[post][j]
    }
  }

  /// The share of pairs of a post's summaries, among those that count, of which scores and the judge prefer the same one.
  ///
  /// All pairs of each post, which are resampled together.
  private static func agreement(
    of scores: [[Double]], with golds: [[Double]], where counts: (_ post: Int, _ first: Int, _ second: Int) -> Bool
  ) -> Estimate {
    let found = scores.indices.map { post -> (right: Int, pairs: Int) in
      var found = (right: 0, pairs: 0)
      let (score, gold) = (scores[post], golds[post])
      for i in score.indices {
        for j in score.indices.prefix(i) where counts(post, i, j) {
          found.pairs += 1
          if (gold[i] > gold[j]) == (score[i] > score[j]) { found.right += 1 }
        }
      }
      return found
    }
    return share(of: found)
  }

  /// Right pairs of all; posts are resampled whole.
  private static func share(of posts: [(right: Int, pairs: Int)]) -> Estimate {
    Bootstrap(seed: 1).estimate(of: posts) { posts in
      Double(posts.reduce(0) { $0 + $1.right }) / Double(posts.reduce(0) { $0 + $1.pairs })
    }
  }

  private static func mean(_ values: [Double]) -> Estimate {
    Bootstrap(seed: 1).mean(values)
  }
}
