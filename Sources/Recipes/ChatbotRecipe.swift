// A mean, grumpy, sarcastic chatbot (Ilić, Nakano and Hajnal 2019): two small recurrent networks learn a manner of speaking from a few
// hundred to a few thousand pairs, and carry it over to questions that they never saw.
//
// Covered: 300, 1,000 and 3,000 pairs; the published model, one with frozen vectors and one with attention; the cost of the release's
// two mistakes (answers shifted by one line, a temperature that isn't one); a form for raters; the page. Not covered: the published
// pairs, which can't be had here, and people's ratings, which nobody has given yet.

import Chatbot
public import Documents
import Evaluation
import Foundation
import PortableModels
import Settings
import Statistics
import Torch
import Training

/// A chatbot that learns a personality from few pairs.
public struct ChatbotRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "chatbot", title: "A mean, grumpy, sarcastic chatbot",
    paper: "Ilić, Nakano and Hajnal 2019, Designing Dialogue Systems: A Mean, Grumpy, Sarcastic Chatbot in the Browser",
    summary:
      "Networks of 256 units learn to answer from 300, 1,000 and 3,000 pairs of a personality. Questions that are worded in ways "
      + "they never saw show what carries over: an answer is in kind if it is most like those that were written for the question's intent."
  )

  /// One way to train.
  private struct Arm {
    var name: String
    var title: String
    var pairs: Int
    var settings = ChatbotSettings()
  }

  /// What an arm's chatbot does with questions that it never saw, in 8 bits as it is put into a page.
  private struct Judged: Codable {
    var losses: [Chatbot.AnswerLoss]
    var greedy: [AnswerCheck.Finding]
    var answers: [String]
    /// Words of answers drawn at temperature 0.5: distinct one and two of all.
    var distinct: [Double]
    /// Findings at temperature 0.5 and 1, drawn from the probabilities and as released.
    var drawn: [[AnswerCheck.Finding]]
    var drawnAsReleased: [[AnswerCheck.Finding]]
    var bytes: Int
    var steps: Int

    var perplexity: Double {
      exp(losses.reduce(0) { $0 + $1.sum } / Double(max(1, losses.reduce(0) { $0 + $1.words })))
    }
    var inKind: [Double] { greedy.map { $0.isInKind ? 1 : 0 } }
  }

  private static let temperatures = [0.5, 1.0]
  private let options: RecipeOptions
  private let arms: [Arm]
  private let pairs: [QuestionAnswer]
  private let questions: [Paraphrase]
  private let personality: Personality
  private let epochs: Int

  /// Combines the pairs.
  public init(_ options: RecipeOptions) throws {
    self.options = options
    personality = try .grizzle
    let sizes =
      options.isQuick ? [60, 120, 240] : [300, 1000, 3000].map { Int((Double($0) * options.scale).rounded()) }
    pairs = try personality.pairs(sizes[2], seed: options.seed)
    let all = personality.paraphrases(seed: options.seed)
    questions = options.isQuick ? Array(all.prefix(30)) : all
    epochs = options.isQuick ? 2 : 35
    var settings = ChatbotSettings()
    if options.isQuick { (settings.units, settings.embedding) = (24, 24) }
    func arm(_ name: String, _ title: String, _ size: Int, _ change: (inout ChatbotSettings) -> Void = { _ in }) -> Arm
    {
      var arm = Arm(name: name, title: title, pairs: size, settings: settings)
      change(&arm.settings)
      return arm
    }
    let quick = options.isQuick
    arms =
      sizes.map { arm("pairs-\($0)", "\($0) pairs", $0) } + [
        arm("shifted", "answers shifted by one", sizes[2]) { $0.shiftsPairs = true },
        arm("frozen-vectors", "frozen vectors, 64 units", sizes[2]) {
          $0.hasFrozenVectors = true
          if !quick { ($0.units, $0.embedding) = (64, 100) }
        },
        arm("attention", "attention", sizes[2]) { $0.hasAttention = true },
      ]
  }

  /// The personality is part of the experiment.
  public var configuration: [String: JSONValue] {
    let text = pairs.map { "\($0.question)\n\($0.answer)\n" }.joined()
    return ["pairs": .string(SHA256Digest(of: Data(text.utf8)).hexadecimal)]
  }

  /// Seconds on two cores.
  public var plan: [PlannedStage] {
    arms.flatMap { arm in
      [
        PlannedStage(arm.name, seconds: (arm.settings.units < 256 ? 0.02 : 0.06) * Double(arm.pairs)),
        PlannedStage("\(arm.name)-judged", seconds: 10),
      ]
    } + [PlannedStage("page", seconds: 2)]
  }

  /// Trains each arm, judges it, and writes the page and the raters' form.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    // What every arm is measured on: pairs that none has seen, with the right answers.
    let kept = ChatbotStudy(pairs, ChatbotSettings(), seed: options.seed).evaluation
    var judged: [Judged] = []
    for arm in arms {
      let steps = try run.stage(arm.name) {
        let study = ChatbotStudy(pairs, arm.settings, size: arm.pairs, seed: options.seed)
        var loop = ChatbotSettings.training
        loop.seed = options.seed
        let learner = study.learner(loop)
        loop.maxSteps = epochs * learner.stepsPerEpoch
        loop.evalSteps = learner.stepsPerEpoch
        loop.epochs = nil
        return try run.train(arm.name, learner, loop)
      }
      judged.append(
        try await run.stored("\(arm.name)-judged") {
          try judge(Chatbot(contentsOf: run.path(of: arm.name)), kept, steps: steps)
        })
    }
    let site = try run.stage("page") {
      let site = try ChatbotSite(contentsOf: run.path(of: arms[2].name))
      try site.write(to: run.path(of: "site"))
      try form(judged).write(to: run.path)
      return site
    }
    return findings(judged, site, run)
  }

  private func judge(_ chatbot: Chatbot, _ kept: [QuestionAnswer], steps: Int) throws -> Judged {
    let bot = try chatbot.talking()
    let check = AnswerCheck(personality)
    func answers(_ draw: TokenDraw, _ temperature: Double) -> [String] {
      bot.draw = draw
      return questions.enumerated().map { place, question in
        let seed = DerivedSeed(run: options.seed, for: "answer", step: place).value
        return bot.answer(question.question, temperature: temperature, seed: seed)
      }
    }
    func findings(_ answers: [String]) -> [AnswerCheck.Finding] {
      zip(answers, questions).map { check.finding($0, to: $1) }
    }
    let greedy = answers(.categorical, 0)
    let drawn = Self.temperatures.map { answers(.categorical, $0) }
    return Judged(
      losses: chatbot.losses(of: kept), greedy: findings(greedy), answers: greedy,
      distinct: [distinct(1, drawn[0]), distinct(2, drawn[0])], drawn: drawn.map(findings),
      drawnAsReleased: Self.temperatures.map { findings(answers(.released, $0)) }, bytes: chatbot.compact().count,
      steps: steps)
  }

  /// Answers of three systems, and one that was written by hand, to some questions.
  private func form(_ judged: [Judged]) -> RatersForm {
    var random = SeededGenerator(seed: DerivedSeed(run: options.seed, for: "form").value)
    let chosen = questions.indices.shuffled(using: &random).prefix(20)
    return RatersForm(
      chosen.flatMap { place in
        let question = questions[place]
        let written = personality.intents.first { $0.name == question.intent }?.answers.first ?? ""
        let bots = [2, 3, 5].map { arm in
          RatersForm.Item(
            question: question.question, answer: judged[arm].answers[place], system: arms[arm].title)
        }
        return bots + [
          RatersForm.Item(
            question: question.question, answer: Personality.filled(written, with: question.word),
            system: "written by hand")
        ]
      }, seed: options.seed)
  }

  // MARK: Findings

  private func findings(_ judged: [Judged], _ site: ChatbotSite, _ run: RecipeRun) -> RecipeFindings {
    var findings = RecipeFindings(effects: effects(judged))
    findings.pictures = [
      [sizes(judged)], arms.compactMap { run.curve($0.name, "eval_perplexity", $0.title, "perplexity") },
    ]
    let wrong = zip(pairs, pairs.shiftedByOne).filter { $0.answer != $1.answer }.count
    findings.details["arms"] = .array(
      zip(arms, judged).map { arm, result in
        [
          "name": .string(arm.name), "pairs": .int(arm.pairs), "perplexity": .double(result.perplexity),
          "in_kind": .double(mean(result.inKind)), "distinct_1": .double(result.distinct[0]),
          "distinct_2": .double(result.distinct[1]), "names_the_word": .double(mean(named(result))),
          "in_kind_drawn": .array(result.drawn.map { .double(share($0)) }),
          "in_kind_drawn_as_released": .array(result.drawnAsReleased.map { .double(share($0)) }),
          "bytes": .int(result.bytes), "steps": .int(result.steps),
        ]
      })
    findings.details["data"] = [
      "pairs": .int(pairs.count), "answers": .int(Set(pairs.map(\.answer)).count), "wrong_when_shifted": .int(wrong),
      "paraphrases": .int(questions.count),
    ]
    findings.details["page_bytes"] = .int(site.size)
    findings.cautions = [
      "The pairs are the project's own: the published ones are not at hand, nor are the published raters' scores. That an answer is in kind is "
        + "found by a fixed rule that compares words, not by people; raters.csv is a form for people."
    ]
    findings.sections = { [self] page in
      page.heading("Each way to train")
      page.table(
        header: [
          "", "perplexity", "in kind", "names the word", "in kind at T = 1", "as released", "distinct-1", "distinct-2",
          "bytes",
        ],
        rows: zip(arms, judged).map { arm, result in
          [
            .text(arm.title), .number(result.perplexity, decimals: 1),
            .estimate(Estimate.proportion(of: result.greedy.map(\.isInKind)), isPercentage: true),
            .estimate(Bootstrap(seed: 1).mean(named(result)), isPercentage: true),
            .number(100 * share(result.drawn[1]), decimals: 0),
            .number(100 * share(result.drawnAsReleased[1]), decimals: 0),
            .number(result.distinct[0], decimals: 3), .number(result.distinct[1], decimals: 3),
            .number(Double(result.bytes), decimals: 0),
          ]
        },
        caption:
          "\(questions.count) questions in wordings that no training has; perplexity of \(pairs.count / 20) pairs that were kept, with the "
          + "right answers. Shifting makes \(wrong) of \(pairs.count - 1) pairs wrong; of the published file's 2,999 it makes 748 wrong."
      )
      page.heading("Answers to questions that none has seen")
      page.table(
        header: ["question"] + [0, 2, 3, 5].map { arms[$0].title },
        rows: stride(from: 0, to: questions.count, by: max(1, questions.count / 14)).map { place in
          [.text(questions[place].question)] + [0, 2, 3, 5].map { .text(judged[$0].answers[place]) }
        })
      page.paragraph("The page with the model is in site/, \(site.size) bytes in all; the raters' form is raters.csv.")
    }
    return findings
  }

  private func effects(_ judged: [Judged]) -> [Effect] {
    let bootstrap = Bootstrap(seed: 1)
    func perWord(_ result: Judged) -> [Double] { result.losses.map { $0.sum / Double($0.words) } }
    func drawn(_ findings: [AnswerCheck.Finding]) -> [Double] { findings.map { $0.isInKind ? 1 : 0 } }
    let (small, large, shifted) = (judged[0], judged[2], judged[3])
    let names = arms.map(\.title)
    return [
      Effect(
        "unseen wordings answered in kind, \(names[2])", .proportion(of: large.greedy.map(\.isInKind)),
        goal: .above(0.5),
        isShare: true),
      Effect(
        "unseen wordings answered in kind, \(names[0])", .proportion(of: small.greedy.map(\.isInKind)),
        goal: .above(0.1),
        isShare: true),
      Effect(
        "in kind, gained by \(names[2]) over \(names[0])", bootstrap.meanDifference(large.inKind, small.inKind),
        goal: .above(0), isShare: true),
      Effect(
        "loss of a word saved by \(names[2]) over \(names[0])",
        bootstrap.meanDifference(perWord(small), perWord(large)),
        goal: .above(0)),
      Effect(
        "answers that name what the unseen wording named, \(names[2])", bootstrap.mean(named(large)), goal: .above(0.5),
        isShare: true),
      Effect(
        "in kind, lost to answers shifted by one", bootstrap.meanDifference(large.inKind, shifted.inKind),
        goal: .above(0),
        isShare: true),
      Effect(
        "in kind at temperature 1, lost to the released temperature",
        bootstrap.meanDifference(drawn(large.drawn[1]), drawn(large.drawnAsReleased[1])), goal: .above(0), isShare: true
      ),
    ]
  }

  /// For each answer that could name something, whether it is the question's.
  private func named(_ result: Judged) -> [Double] { result.greedy.compactMap(\.namesTheWord).map { $0 ? 1 : 0 } }
  private func share(_ findings: [AnswerCheck.Finding]) -> Double { mean(findings.map { $0.isInKind ? 1 : 0 }) }
  private func mean(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }

  private func sizes(_ judged: [Judged]) -> Plot {
    var plot = Plot(title: "Unseen wordings answered in kind", x: "pairs", y: Plot.Axis("share", range: 0...1))
    plot.add(
      "as published",
      points: (0..<3).map { place in
        Plot.Point(x: Double(arms[place].pairs), estimate: .proportion(of: judged[place].greedy.map(\.isInKind)))
      }, style: .linePoints)
    return plot
  }
}
