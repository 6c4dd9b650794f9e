import Foundation
import LanguageModels
import Testing
import Tokenization
import Torch

/// Downloaded open weights against llama.cpp, where `Scripts/fetch-models` put them into `models/` (Fixtures/real_models.py).
@Suite(.serialized) struct RealModelTests {
  private struct Golden: Decodable {
    struct Row: Decodable {
      let prompt: String, tokens: [Int], start: Int
      /// The most probable tokens at each place, their logits in float32, and llama.cpp's on the file's own blocks.
      let top: [[Int]], exact: [[Double]], blocks: [[Double]]
    }
    let file: String, rows: [Row]
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("models")
  private static func isThere(_ file: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(file).path)
  }

  @Test(
    .enabled(
      if: isThere("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
      "run Scripts/fetch-models qwen2.5-coder-0.5b to have this tested"))
  func qwenAgreesWithLlama() throws { try agree("qwen") }

  @Test(
    .enabled(if: isThere("gemma-3-270m-q4_k_m.gguf"), "run Scripts/fetch-models gemma-3-270m to have this tested"))
  func gemmaAgreesWithLlama() throws { try agree("gemma") }

  private func agree(_ name: String) throws {
    let url = try #require(fixtures).appendingPathComponent("gguf/real/\(name).json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    let file = Self.folder.appendingPathComponent(golden.file)
    // Weights restored to float32: the same tokens, and logits within what two orders of summation give.
    let tokenizer = try #require(try Checkpoint.load(file, keepingBlocks: true).tokenizer)
    for row in golden.rows { #expect(tokenizer.encode(row.prompt) == Array(row.tokens[..<row.start]), "\(row.prompt)") }
    let exact = try logits(golden, Checkpoint.load(file).model)
    for (row, found) in zip(golden.rows, exact) {
      for (place, logits) in found.enumerated() {
        for (mine, theirs) in zip(logits.values, row.exact[place]) {
          #expect(abs(mine - theirs) < 0.02, "\(row.prompt), place \(place): \(mine) against \(theirs)")
        }
        // Greedy texts part only where the two most probable tokens are nearly as probable.
        let isClear = row.exact[place][0] - row.exact[place][1] > 0.1
        if isClear { #expect(logits.best == row.tokens[row.start + place], "\(row.prompt), place \(place)") }
      }
    }
    // In the file's own blocks: no further from float32 than llama.cpp's.
    let blocks = try logits(golden, Checkpoint.load(file, keepingBlocks: true).model)
    var own = 0.0, theirs = 0.0, count = 0.0
    for (row, found) in zip(golden.rows, blocks) {
      for (place, logits) in found.enumerated() {
        for (i, exact) in row.exact[place].enumerated() {
          own += (logits.values[i] - exact) * (logits.values[i] - exact)
          theirs += (row.blocks[place][i] - exact) * (row.blocks[place][i] - exact)
          count += 1
        }
      }
    }
    let (error, bound) = ((own / count).squareRoot(), (theirs / count).squareRoot())
    #expect(error > 0 && error <= bound, "root mean square \(error), llama.cpp's \(bound)")
  }

  /// The logits of the golden's tokens at each place of each continuation, and the most probable token of all.
  private func logits(_ golden: Golden, _ model: Decoder) throws -> [[(values: [Double], best: Int)]] {
    withoutGradients {
      golden.rows.map { row in
        let hidden = model(PackedTokens([Array(row.tokens.dropLast())]))
        let all = model.logits(hidden.slice((row.start - 1)..<(row.tokens.count - 1)))
        let best = all.argmax(axis: -1).array(of: Int.self)
        let ids = Tensor(ids: row.top.flatMap { $0 }, shape: [row.top.count, row.top[0].count])
        let values = all.gather(ids, axis: 1).array(of: Double.self)
        let width = row.top[0].count
        return best.enumerated().map { (Array(values[$0.offset * width..<($0.offset + 1) * width]), $0.element) }
      }
    }
  }
}
