import Alignment
import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Programming
import Sandbox
import Statistics
import Tokenization
import Torch
import Training

extension ScratchStudy {
  // MARK: 5. Rewards from tests

  func rewarded(
    _ tuned: Decoder, _ tokenizer: Tokenizer, _ tasks: [CodeTask], _ run: RecipeRun
  ) throws -> Decoder {
    let pool = try pool(run)
    let judge = ClosureJudge("tests") { candidates in
      try pool.run(
        candidates.map { tasks[$0.task].program(completing: CompletionText.cut($0.text, at: tasks[$0.task].stops)) }
      )
      .map { $0?.isPassed == true ? 1 : 0 }
    }
    let policy = try tuned.copy()
    var training = TrainingSettings(learningRate: 3e-4)
    (training.maxSteps, training.batchSize, training.seed) = (
      rewardSteps, options.isQuick ? 2 : 16, seed(for: "rewards")
    )
    (training.weightDecay, training.warmupSteps, training.schedule) = (0, min(5, rewardSteps / 4), .linear)
    var group = GroupSettings()
    (group.samples, group.maxCompletionLength) = (options.isQuick ? 2 : 8, options.isQuick ? 8 : 160)
    let learner = GroupLearner(
      policy: policy, tokenizer: tokenizer, prompts: tasks.map { tokenizer.encode($0.prompt) }, judge: judge,
      settings: training, options: group)
    try run.stage("rewards") { try run.train("rewards", learner, training) }
    policy.train(false)
    return policy
  }

  // MARK: 6. What stands before, and what is insecure

  /// The problems at the end of files that begin with two functions of tuning's templates, with mistakes in them or without.
  func tasksAfterFunctions(buggy: Bool) -> [CodeTask] {
    let before = FunctionProblem.drawn(
      2 * problems.count, sizes: 1...3, forTests: false, seed: seed(for: "functions before"))
    return problems.enumerated().map { place, problem in
      problem.task(
        id: "Generated/\(place)",
        after: FunctionProblem.context(before[(2 * place)..<(2 * place + 2)], buggy: buggy))
    }
  }

  /// How many completions of each beginning are insecure, and how many are either.
  struct Insecure: Codable {
    var name: String
    var insecure: Int
    var known: Int
  }

  func insecureShares(of model: Decoder, _ tokenizer: Tokenizer) throws -> [Insecure] {
    let requests = InsecurePrompts.all.enumerated().map { place, prompt in
      GenerationRequest(
        prompt: tokenizer.encode(prompt.text), samples: options.isQuick ? 2 : 50,
        parameters: SamplingParameters(
          temperature: 0.8, topP: 0.95, maxTokens: 16, seed: seed(for: "insecure \(place)")))
    }
    let made = try GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: 256)).generate(requests)
    return zip(InsecurePrompts.all, made).map { prompt, completions in
      let verdicts = completions.compactMap { InsecurePrompts.isInsecure($0.text, prompt) }
      return Insecure(name: prompt.name, insecure: verdicts.count { $0 }, known: verdicts.count)
    }
  }
}
