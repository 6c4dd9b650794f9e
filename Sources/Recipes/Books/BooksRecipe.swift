// Books by recursive decomposition (Wu 2021) on generated stories whose facts are known: tokenizer, pretraining, demonstrations at nodes,
// then comparisons, a reward model and PPO at nodes along the paper's curriculum (first leaves, first subtree, full tree), and whole stories
// read by recursion, by updating one summary, and cut off, judged by what happens in them.
//
// Covered: one model for every node, its updates and its truncated reading, with as many demonstrations and episodes for each as the mix of
// nodes gives; children fixed while a node is learnt. Not covered: people, and previous context, which these stories have no use for.

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

/// Books by recursive decomposition on generated stories.
public final class BooksRecipe: Recipe {
  /// Its models compute where they are told to.
  public static let usesDevice = true
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "books", title: "Books by recursive decomposition",
    paper: "Wu et al. 2021, Recursively Summarizing Books with Human Feedback",
    summary:
      "A small decoder learns to summarise passages and summaries of generated stories, first from demonstrations of mixed quality, then "
      + "from comparisons at nodes. Whole stories are then read by recursion and in other ways; the judge knows what happens in them."
  )

  let options: RecipeOptions
  let settings: BooksSettings
  let world: StoryWorld
  let judge = StoryJudge()

  /// The sizes that belong to the scale.
  public init(_ options: RecipeOptions) {
    self.options = options
    settings = BooksSettings(options)
    world = StoryWorld(seed: options.seed)
  }

  /// All sizes and rates.
  public var configuration: [String: JSONValue] { get throws { ["books": try JSONValue(encoding: settings)] } }

  /// The stages of the curriculum: how many heights of a tree are learnt from.
  static let curriculum: [(name: String, heights: Int)] = [("leaves", 1), ("subtree", 2), ("tree", .max)]

  /// Seconds on two cores of an EPYC.
  public var plan: [PlannedStage] {
    [.init("tokenizer", seconds: 3), .init("pretrain", seconds: 1500), .init("clone", seconds: 300)]
      + Self.curriculum.flatMap { stage -> [PlannedStage] in
        [
          .init("comparisons-\(stage.name)", seconds: 40), .init("reward-\(stage.name)", seconds: 25),
          .init("ppo-\(stage.name)", seconds: 40),
        ]
      } + [.init("evaluation", seconds: 120)]
  }

  /// All stages, from the tokenizer to the judge.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let tokenizer = try run.stage("tokenizer") { try makeTokenizer(run) }
    let base = try run.stage("pretrain") { try pretrain(tokenizer, run) }
    let cloned = try run.stage("clone") { try clone(base, tokenizer, run) }
    var (policy, rankings): (Decoder, [RankedNode]) = (cloned, [])
    var reward: ScalarModel?
    for (number, stage) in Self.curriculum.enumerated() {
      let collected = try await run.stored("comparisons-\(stage.name)") {
        try compare(policy, heights: stage.heights, stage: number, tokenizer)
      }
      rankings += collected
      let model = try run.stage("reward-\(stage.name)") {
        try learnReward(cloned, rankings, stage.name, tokenizer, run)
      }
      policy = try run.stage("ppo-\(stage.name)") {
        try optimise(policy, reference: cloned, model, collected, "ppo-\(stage.name)", tokenizer, run)
      }
      reward = model
    }
    let (final, judged) = (policy, reward)
    let measured = try await run.stored("evaluation") {
      try BooksEvaluation(recipe: self, tokenizer: tokenizer).measure(cloned: cloned, taught: final, reward: judged)
    }
    return measured.findings(run)
  }

  func seed(_ purpose: String, _ index: Int = 0) -> UInt64 {
    DerivedSeed(run: options.seed, for: purpose, index: index).value
  }

  // MARK: 1. Reading

  private func makeTokenizer(_ run: RecipeRun) throws -> Tokenizer {
    let place = URL(fileURLWithPath: run.path(of: "tokenizer"))
    if FileManager.default.fileExists(atPath: place.appendingPathComponent("tokenizer.json").path) {
      return try Tokenizer(contentsOf: place)
    }
    var trainer = try BytePairTrainer(vocabularySize: settings.vocabulary, specialTokens: ["<|endoftext|>"])
    for index in 0..<min(2000, settings.documents) {
      let node = StoryReading.example(index, of: world)
      trainer.count(node.prompt + " " + StoryWriter.best(node))
    }
    let tokenizer = try trainer.train()
    try tokenizer.write(to: place)
    return tokenizer
  }

  private func tokens(_ node: StoryNode, _ summary: String, _ tokenizer: Tokenizer) -> TargetedTokens {
    TargetedTokens(
      prompt: tokenizer.encode(node.prompt), completion: tokenizer.encode(" " + summary), endOfText: tokenizer.eos)
  }

  /// Passages with everything that happens in them: short texts, of which each word of the answer follows from the text, so that
  /// finding and copying are learnt before choosing is.
  private func retellings(_ tokenizer: Tokenizer) -> [TargetedTokens] {
    (0..<settings.documents).map { index in
      let node = StoryReading.retold(index, of: world)
      return tokens(node, node.inOrder.map(\.statement).joined(separator: " "), tokenizer)
    }
  }

  private func pretrain(_ tokenizer: Tokenizer, _ run: RecipeRun) throws -> Decoder {
    let shape = DecoderConfiguration.small(
      vocabularySize: tokenizer.vocabularySize, width: settings.width, layers: settings.layers,
      heads: max(1, settings.width / 16),
      feedForwardWidth: max(32, settings.width * 8 / 3 / 32 * 32), contextLength: settings.context,
      endOfText: tokenizer.eos ?? 0)
    let model = try Decoder(shape, generator: Generator(seed: seed("weights")))
    model.to(device: options.device)
    try learn(model, retellings(tokenizer), steps: settings.retellingSteps, batch: 32, "retell", tokenizer, run)
    // Then longer texts and what is written of them, as far as there is room, without regard to what matters.
    let documents = (0..<settings.documents).map { index in
      let node = StoryReading.example(index, of: world)
      return tokens(node, node.inOrder.prefix(node.capacity).map(\.statement).joined(separator: " "), tokenizer)
    }
    try learn(model, documents, steps: settings.pretrainSteps, batch: 16, "pretrain", tokenizer, run)
    return model
  }

  private func learn(
    _ model: Decoder, _ documents: [TargetedTokens], steps: Int, batch: Int, _ name: String, _ tokenizer: Tokenizer,
    _ run: RecipeRun
  ) throws {
    var training = TrainingSettings.fromScratch(steps: steps, batchSize: batch, seed: seed(name))
    training.saveSteps = 200
    try run.train(
      name,
      NextTokenLearner(
        model, tokenizer: tokenizer,
        source: ExampleSource(documents, batchSize: training.batchSize, seed: training.seed),
        settings: training), training)
  }

  // MARK: 2. Demonstrations at nodes

  private func clone(_ base: Decoder, _ tokenizer: Tokenizer, _ run: RecipeRun) throws -> Decoder {
    let writer = StoryWriter(seed: seed("demonstrations"))
    // Nodes that pretraining hasn't seen.
    let examples = (settings.documents..<settings.documents + settings.demonstrations).map { index in
      let node = StoryReading.example(index, of: world)
      return tokens(node, writer.summary(node, index: index).text, tokenizer)
    }
    let model = try base.copy()
    var training = TrainingSettings(learningRate: 1e-3)
    training.maxSteps = settings.cloneSteps
    training.batchSize = 16
    training.warmupSteps = min(10, settings.cloneSteps / 4)
    training.seed = seed("clone")
    try run.train(
      "clone",
      NextTokenLearner(
        model, tokenizer: tokenizer,
        source: ExampleSource(examples, batchSize: training.batchSize, seed: training.seed),
        settings: training), training)
    model.train(false)
    return model
  }

  // MARK: 3. Comparisons at nodes

  /// A node's completions as a labeller ranked them.
  struct RankedNode: Codable {
    var prompt: [Int]
    var completions: [[Int]]
    var ranks: [Int]
  }

  /// What the policy writes, with its own summaries below.
  func writer(_ policy: Decoder, temperature: Double, _ purpose: String, _ tokenizer: Tokenizer) -> StoryReading.Writer
  {
    { [self] nodes in
      try draw(policy, nodes, samples: 1, temperature: temperature, purpose, tokenizer).map { $0[0].text }
    }
  }

  func draw(
    _ policy: Decoder, _ nodes: [StoryNode], samples: Int, temperature: Double = 1, _ purpose: String,
    _ tokenizer: Tokenizer
  ) throws -> [[Candidate]] {
    try GenerationEngine(model: policy, tokenizer: tokenizer, limits: .init(batch: 256)).candidates(
      of: nodes.map { tokenizer.encode($0.prompt) }, samples: samples,
      parameters: SamplingParameters(
        temperature: temperature, maxTokens: settings.responseTokens, stop: ["\n"], seed: seed(purpose)))
  }

  /// Nodes of training stories as the policy meets them: inputs above the leaves are its own summaries.
  private func met(_ policy: Decoder, heights: Int, stage: Int, _ tokenizer: Tokenizer) throws -> [StoryNode] {
    let first = 1_000_000 + stage * 10_000
    let stories = (0..<settings.curriculumStories).map {
      world.story(first + $0, in: .training, passages: 14 + $0 % 14)
    }
    let write = writer(policy, temperature: 1, "met \(stage)", tokenizer)
    let trees = try StoryReading.recursion(stories, heights: heights, write)
    let nodes = trees.flatMap { $0.nodes.flatMap { $0 } }
    // As many updates and beginnings as the demonstrations had, so that other ways of reading get their share of feedback.
    let updates = try StoryReading.updating(
      stories.map { Story(passages: Array($0.passages.prefix(stage == 0 ? 3 : 8))) }, write
    ).flatMap(\.nodes)
    let beginnings = stories.map {
      StoryNode(Array($0.passages.prefix(StoryReading.beginning)), capacity: StoryNode.storyCapacity)
    }
    var random = SeededGenerator(seed: seed("met", stage))
    func some(_ nodes: [StoryNode], _ share: Double) -> [StoryNode] {
      Array(nodes.shuffled(using: &random).prefix(Int((Double(settings.comparedNodes) * share).rounded())))
    }
    // Higher nodes are few in a tree; half of what is learnt from is theirs where the stage has any.
    let (leaves, upper) = (nodes.filter { $0.kind == .leaf }, nodes.filter { $0.kind == .node })
    return some(leaves, upper.isEmpty ? 0.7 : 0.35) + some(upper, 0.35) + some(updates, 0.25) + some(beginnings, 0.05)
  }

  private func compare(_ policy: Decoder, heights: Int, stage: Int, _ tokenizer: Tokenizer) throws -> [RankedNode] {
    let nodes = try met(policy, heights: heights, stage: stage, tokenizer)
    let drawn = try draw(policy, nodes, samples: settings.samples, "comparisons \(stage)", tokenizer)
    var labeller = SimulatedLabeller(
      temperature: settings.labellerTemperature, errorRate: 0.03, tieBand: 0.02, seed: seed("labeller", stage))
    return zip(nodes, drawn).map { node, made in
      let gold = made.map { judge.score($0.text, of: node).total }
      let ranking = labeller.rank(
        prompt: .text(""), made.map { Response($0.text, policy: PolicyVersion("books")) }, gold: gold)
      return RankedNode(
        prompt: made[0].prompt, completions: made.map { ScalarModel.closed($0.completion, by: tokenizer.eos) },
        ranks: ranking.ranks)
    }
  }

  // MARK: 4. Reward model and PPO at nodes

  private func learnReward(
    _ cloned: Decoder, _ rankings: [RankedNode], _ stage: String, _ tokenizer: Tokenizer, _ run: RecipeRun
  ) throws -> ScalarModel {
    let model = ScalarModel(try cloned.copy(), likelihoodWeight: 0.1, generator: Generator(seed: seed("head")))
    var training = TrainingSettings(learningRate: settings.rewardRate)
    training.batchSize = 16
    training.maxSteps = max(1, rankings.count * settings.rewardEpochs / training.batchSize)
    training.warmupSteps = min(10, training.maxSteps / 4)
    training.seed = seed("reward \(stage)")
    try run.train(
      "reward-\(stage)",
      RewardLearner(
        model, tokenizer: tokenizer,
        rankings: rankings.map { RankedCompletions(prompt: $0.prompt, completions: $0.completions, ranks: $0.ranks) },
        settings: training), training)
    model.normalize(
      on: rankings.suffix(200).compactMap { ranked in ranked.completions.first.map { (ranked.prompt, $0) } })
    return model
  }

  private func optimise(
    _ policy: Decoder, reference: Decoder, _ reward: ScalarModel, _ nodes: [RankedNode], _ name: String,
    _ tokenizer: Tokenizer, _ run: RecipeRun
  ) throws -> Decoder {
    var training = TrainingSettings(learningRate: 3e-4)
    training.maxSteps = settings.ppoSteps
    training.batchSize = settings.ppoBatch
    training.schedule = .linear
    training.weightDecay = 0
    training.saveSteps = 20
    training.seed = seed(name)
    var own = PPOSettings()
    own.klCoefficient = settings.ppoKL
    own.responseLength = settings.responseTokens
    own.missingEndScore = -1
    let learner = PPOLearner(
      policy: try policy.copy(), reference: reference, value: try reward.copy(), tokenizer: tokenizer,
      prompts: nodes.map(\.prompt),
      judge: RewardJudge(reward, endOfText: tokenizer.eos), settings: training, options: own)
    try run.train(name, learner, training)
    learner.policy.train(false)
    return learner.policy
  }
}
