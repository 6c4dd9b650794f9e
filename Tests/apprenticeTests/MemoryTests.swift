import Foundation
import TestSupport
import Testing

extension LearningCommandTests {
  @Test("sizes that the machine can't hold are refused before memory is taken, with what would fit")
  func memory() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(pretrain("base", "--max-steps 1"))
    try folder.write("pages.txt", (0..<40_000).map { "page \($0) of many" }.joined(separator: " "))
    let base = "train pretrain --data text.txt --text-division lines --tokenizer words --run huge --max-steps 1 "
    for (line, words) in [
      (base + "--batch-size 999999999", ["batch_size 999999999", "would fit"]),
      (base + "--hidden-size 65536 --heads 64 --layers 900", ["parameters would fit", "900 layers"]),
      (base + "--context 2147483647 --model-type gpt2", ["parameters would fit", "2147483647"]),
      (
        "train sft --model base --data demonstrations.jsonl --run huge --batch-size 1999999999",
        ["batch_size", "would fit"]
      ),
      (
        "train reward --model base --data comparisons.jsonl --run huge --batch-size 1999999999",
        ["batch_size", "would fit"]
      ),
      (
        "train grpo --model base --data answers.jsonl --answer-column answer --run huge --response-length 4 --num-generations 1999999999",
        ["batch_size", "would fit"]
      ),
      ("sample --model base --prompt cat --n 1999999999", ["samples 1999999999", "would fit"]),
      ("experiment savings --pool 1999999999", ["pool 1999999999", "would fit"]),
    ] {
      let result = try Tool.run(
        arguments: line.split(separator: " ").map(String.init), in: folder.path,
        environment: ["OMP_NUM_THREADS": "1", "APPRENTICE_MEMORY_BYTES": "2000000000"])
      #expect(result.status == 64, "\(line): \(result.errors)")
      for word in words { #expect(result.errors.contains(word), "\(line): \(result.errors)") }
    }
    // A small model with much text: its activations count, too.
    let result = try Tool.run(
      arguments: ("train pretrain --data pages.txt --tokenizer words --run huge --layers 4 --hidden-size 256 --heads 4 "
        + "--batch-size 4096 --micro-batch-tokens 1000000").split(separator: " ").map(String.init),
      in: folder.path, environment: ["APPRENTICE_MEMORY_BYTES": "2000000000"])
    #expect(result.status == 64 && result.errors.contains("micro_batch_tokens"), "\(result.errors)")
  }
}
