import Foundation
import Tokenization

// Times one job per line read from standard input, so that `compare.py` can take turns with its peers:
//   encode TOKENIZER FILE...    prints seconds, bytes and tokens for one pass over the files
//   train VOCABULARY FILE FOLDER   prints seconds, bytes and the learnt vocabulary's size

func bytes(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let elapsed = try clock.measure(body)
  return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
}

var loaded: [String: Tokenizer] = [:]
while let line = readLine() {
  let words = line.split(separator: " ").map(String.init)
  do {
    switch words.first {
    case "encode" where words.count >= 3:
      let tokenizer =
        try loaded[words[1]]
        ?? Tokenizer(
          contentsOf: URL(fileURLWithPath: words[1]))
      loaded[words[1]] = tokenizer
      let texts = try words[2...].map { String(decoding: try bytes($0), as: UTF8.self) }
      var tokens = 0
      let elapsed = seconds {
        for text in texts { tokens += tokenizer.encode(text, addSpecialTokens: false).count }
      }
      print(elapsed, texts.reduce(0) { $0 + $1.utf8.count }, tokens)
    case "train" where words.count == 4:
      let text = try bytes(words[2])
      var learnt: Tokenizer?
      let elapsed = try seconds {
        var trainer = try BytePairTrainer(vocabularySize: Int(words[1]) ?? 0)
        text.withUnsafeBufferPointer { trainer.count(bytes: $0) }
        learnt = try trainer.train()
      }
      try learnt?.write(to: URL(fileURLWithPath: words[3]))
      print(elapsed, text.count, learnt?.vocabularySize ?? 0)
    default:
      print("error: expected `encode TOKENIZER FILE...` or `train VOCABULARY FILE FOLDER`")
    }
  } catch {
    print("error: \(error)")
  }
  fflush(nil)
}
