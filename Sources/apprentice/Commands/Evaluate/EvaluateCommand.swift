import ArgumentParser

/// `apprentice evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure models: tasks, likelihood, overlap with references, form, reward models, win rates, programs.",
    discussion: """
      EXAMPLE:
        apprentice evaluate tasks gsm8k --model models/small --data-dir data --limit 200
        apprentice evaluate likelihood --model runs/base --data held-out.txt
        apprentice evaluate reward --model runs/reward --data comparisons.jsonl
        apprentice evaluate win-rate --model runs/ppo --against runs/sft --reward runs/judge \\
          --data prompts.jsonl
      """,
    subcommands: [
      EvaluateLikelihoodCommand.self, EvaluateRougeCommand.self, EvaluateFormatCommand.self,
      EvaluateRewardCommand.self, EvaluateWinRateCommand.self, EvaluateTasksCommand.self,
      EvaluateCompareCommand.self, EvaluateContaminationCommand.self, EvaluateItemsCommand.self,
      EvaluateCodeCommand.self,
    ])
}
