import Alignment
import Documents
import Evaluation
import Feedback
import Foundation
import LanguageModels
import Statistics
import Summarization
import Tokenization

/// Whole held-out stories read in every way, and nodes judged by themselves.
struct BooksEvaluation {
  let recipe: BooksRecipe
  let tokenizer: Tokenizer

  /// A way of reading on all stories.
  struct Reading: Codable {
    var name: String
    /// For each story its length in passages and the judge's verdict.
    var lengths: [Int]
    var scores: [StoryJudge.Score]

    /// The mean of a figure over the stories, which are resampled whole.
    func mean(_ value: (StoryJudge.Score) -> Double) -> Estimate { Bootstrap(seed: 1).mean(scores.map(value)) }
    /// The mean length in words.
    var words: Double { scores.reduce(0) { $0 + Double($1.words) } / Double(max(1, scores.count)) }
  }

  /// What was measured.
  struct Measured: Codable {
    var readings: [Reading]
    /// Gold scores of nodes by height: of the cloned model on the reference writer's summaries and on its own, of the taught one on its own.
    var shift: [Height]
    /// For each held-out node the gold scores of the taught and of the cloned model's summary.
    var nodes: [[Double]]
    /// For each story the words of its nodes, on average, and of all of it.
    var words: [[Double]]
    /// For each held-out node pair, whether a noisy labeller prefers what the judge prefers.
    var agreement: [Double]
    var temperatures: [String: Double]
    var examples: [Example]

    struct Height: Codable {
      var height: Int
      var onReference: [Double]
      var onOwn: [Double]
      var taught: [Double]
    }
    struct Example: Codable {
      var important: [String]
      var summaries: [[String]]
    }
  }

  private func stories(_ split: Int = 0) -> [Story] {
    zip(recipe.settings.lengths, recipe.settings.stories).flatMap { length, count in
      (0..<count).map { recipe.world.story($0 + split * 1000, in: .heldOut, passages: length) }
    }
  }

  /// The temperature at which a policy reads development stories best: each way of learning at its own setting.
  private func temperature(_ policy: LanguageModels.Decoder, _ name: String) throws -> Double {
    let length = recipe.settings.lengths[0]
    let development = (0..<(recipe.options.isQuick ? 1 : 6)).map {
      recipe.world.story($0 + 5000, in: .heldOut, passages: length)
    }
    let scored = try [0, 0.5, 1].map { temperature in
      let trees = try StoryReading.recursion(
        development, recipe.writer(policy, temperature: temperature, "development", tokenizer))
      return (temperature, zip(trees, development).reduce(0) { $0 + recipe.judge.score($1.0.summary, of: $1.1).total })
    }
    return scored.max { $0.1 < $1.1 }?.0 ?? 1
  }

  func measure(cloned: LanguageModels.Decoder, taught: LanguageModels.Decoder, reward: ScalarModel?) throws -> Measured
  {
    let (stories, judge) = (stories(), recipe.judge)
    let temperatures = [try temperature(cloned, "cloned"), try temperature(taught, "taught")]
    let clone = recipe.writer(cloned, temperature: temperatures[0], "evaluation", tokenizer)
    let teach = recipe.writer(taught, temperature: temperatures[1], "evaluation", tokenizer)
    func reading(_ name: String, _ stories: [Story], _ summaries: [String]) -> Reading {
      Reading(
        name: name, lengths: stories.map(\.passages.count),
        scores: zip(summaries, stories).map { judge.score($0, of: $1) })
    }
    let taughtTrees = try StoryReading.recursion(stories, teach)
    let clonedTrees = try StoryReading.recursion(stories, clone)
    let referenceTrees = try StoryReading.recursion(stories) { $0.map(StoryWriter.best) }
    let updates = try StoryReading.updating(stories, teach).map(\.summary)
    let truncated = try StoryReading.truncation(stories, teach)
    var readings = [
      reading("recursion, taught", stories, taughtTrees.map(\.summary)),
      reading("recursion, cloned", stories, clonedTrees.map(\.summary)),
      reading("updating, taught", stories, updates),
      reading("updating, cloned", stories, try StoryReading.updating(stories, clone).map(\.summary)),
      reading("truncated, taught", stories, truncated),
      reading("recursion, reference writer", stories, referenceTrees.map(\.summary)),
      Reading(
        name: "first sentences", lengths: stories.map(\.passages.count),
        scores: stories.map { judge.score(extract: StoryReading.firstSentences($0), of: $0) }),
    ]
    // Best-of-n costs as many times more, so only the shortest stories are read so.
    let short = stories.filter { $0.passages.count == recipe.settings.lengths[0] }
    if let reward {
      let chooser = RewardJudge(reward, endOfText: tokenizer.eos)
      let trees = try StoryReading.recursion(short) { nodes in
        try BestOfN(recipe.settings.bestOf, judge: chooser)
          .ranked(recipe.draw(cloned, nodes, samples: recipe.settings.bestOf, "best of n", tokenizer)).map {
            $0.best?.text ?? ""
          }
      }
      readings.append(reading("recursion, best of \(recipe.settings.bestOf)", short, trees.map(\.summary)))
    }
    let (nodes, agreement) = try judgedNodes(clonedTrees, clone, teach)
    return Measured(
      readings: readings, shift: try shift(clonedTrees, taughtTrees, referenceTrees, clone), nodes: nodes,
      words: zip(stories, taughtTrees).map { story, tree in
        let read = tree.nodes.flatMap { $0 }.map { Double($0.prompt.split(whereSeparator: \.isWhitespace).count) }
        return [read.reduce(0, +) / Double(read.count), Double(story.words)]
      }, agreement: agreement, temperatures: ["cloned": temperatures[0], "taught": temperatures[1]],
      examples: short.indices.prefix(3).map { place in
        .init(
          important: StoryJudge.important(short[place]).map(\.statement),
          summaries: [
            ["recursion, taught", taughtTrees[place].summary], ["recursion, cloned", clonedTrees[place].summary],
            ["updating, taught", updates[place]], ["truncated, taught", truncated[place]],
          ])
      })
  }

  /// Both models' summaries of the same nodes, and how often a noisy labeller prefers what the judge does.
  private func judgedNodes(
    _ trees: [StoryReading.Tree], _ clone: StoryReading.Writer, _ teach: StoryReading.Writer
  ) throws -> (scores: [[Double]], agreement: [Double]) {
    let nodes = trees.prefix(12).flatMap { $0.nodes.flatMap { $0 } }
    let (first, second) = (try teach(nodes), try clone(nodes))
    let scores = nodes.indices.map {
      [recipe.judge.score(first[$0], of: nodes[$0]).total, recipe.judge.score(second[$0], of: nodes[$0]).total]
    }
    var labeller = SimulatedLabeller(
      temperature: recipe.settings.labellerTemperature, errorRate: 0.03, tieBand: 0.02, seed: recipe.seed("agreement"))
    let agreement = scores.compactMap { pair -> Double? in
      guard abs(pair[0] - pair[1]) >= 0.02, let side = labeller.choose(pair[0], pair[1]) else { return nil }
      return (side == .first) == (pair[0] > pair[1]) ? 1 : 0
    }
    return (scores, agreement)
  }

  /// How much worse a model that learnt from the reference writer's inputs summarises what it wrote itself.
  private func shift(
    _ cloned: [StoryReading.Tree], _ taught: [StoryReading.Tree], _ reference: [StoryReading.Tree],
    _ clone: StoryReading.Writer
  ) throws -> [Measured.Height] {
    let height = cloned.map { $0.nodes.count }.max() ?? 0
    func scores(_ trees: [StoryReading.Tree], _ height: Int) -> [Double] {
      trees.filter { $0.nodes.count > height }.flatMap { tree in
        zip(tree.texts[height], tree.nodes[height]).map { recipe.judge.score($0, of: $1).total }
      }
    }
    return try (0..<height).map { height in
      let nodes = reference.filter { $0.nodes.count > height }.flatMap { $0.nodes[height] }
      return Measured.Height(
        height: height, onReference: zip(try clone(nodes), nodes).map { recipe.judge.score($0, of: $1).total },
        onOwn: scores(cloned, height), taught: scores(taught, height))
    }
  }
}
