import Settings
import Testing
import Training

@Suite("What a step takes")
struct StepMemoryTests {
  private func settings(_ batch: Int, _ micro: Int) -> TrainingSettings {
    var made = TrainingSettings()
    (made.batchSize, made.microBatchTokens) = (batch, micro)
    return made
  }

  @Test("a pass is never taken for larger than its batch, nor a batch than its passes")
  func passes() throws {
    let memory = StepMemory(bytesPerExample: 100, tokensPerExample: 10, bytesPerToken: 1000)
    // 4 examples of 10 tokens: 40,000 bytes in a pass, however many tokens it might hold.
    try memory.require(settings(4, 2_000_000_000), state: 0, free: 40_000)
    // A large batch in passes of 20 tokens.
    try memory.require(settings(1000, 20), state: 0, free: 100_000)
    for (batch, micro, name) in [
      (5, 2_000_000_000, "batch_size"), (1000, 200, "micro_batch_tokens"), (1001, 20, "batch_size"),
    ] {
      let error = #expect(throws: MemoryShortageError.self) {
        try memory.require(settings(batch, micro), state: batch == 5 ? 60_000 : 0, free: 100_001)
      }
      #expect(error?.description.hasPrefix(name) == true, "\(batch), \(micro): \(error?.description ?? "")")
    }
  }
}
