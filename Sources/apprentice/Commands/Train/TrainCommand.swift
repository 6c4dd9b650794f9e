import ArgumentParser

/// `apprentice train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model: from text, demonstrations, comparisons or a reward.",
    discussion: """
      Every command writes a run's folder: run.json, metrics.jsonl, TensorBoard events and checkpoints \
      that transformers loads. Repeating the command goes on with the run.

      EXAMPLE:
        apprentice train pretrain --data books/ --tokenizer tokenizer --run runs/base --max-steps 500
        apprentice train sft --model runs/base --data demonstrations.jsonl --run runs/sft
      """,
    subcommands: [
      PretrainCommand.self, FineTuneCommand.self, RewardCommand.self, PPOCommand.self,
      DPOCommand.self, GRPOCommand.self, CloneCommand.self, PainterCommand.self, TrainChatbotCommand.self,
    ])
}
