import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Torch

/// GPT-3's sizes and its turns of dense and banded layers.
@Suite("GPT-3")
struct GPT3Tests {
  @Test(
    "the sizes have the parameters of the paper's appendix D, in millions",
    arguments: zip(GPT3Size.allCases, [125, 356, 760, 1320, 2650, 6660, 12_850, 174_600]))
  func sizes(_ size: GPT3Size, _ millions: Int) {
    let count = Double(size.configuration().parameterCount) / 1e6
    #expect(abs(count / Double(millions) - 1) < 0.005, "\(size): \(count)")
  }

  @Test("layers take turns, and a file says so in GPT-Neo's words")
  func turns() throws {
    let shape = DecoderConfiguration.gpt3(
      vocabularySize: 50, width: 16, layers: 4, heads: 2, contextLength: 64, window: 5)
    #expect((0..<4).map(shape.window(ofLayer:)) == [nil, 5, nil, 5])
    let data = try JSONSerialization.data(withJSONObject: shape.huggingFace)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains(#""attention_types":[[["global","local"],2]]"#) && text.contains(#""window_size":5"#))
    #expect(try DecoderConfiguration(huggingFace: data) == shape)
    // Older files have attention_types alone.
    var json = shape.huggingFace
    json["attention_layers"] = nil
    json["attention_types"] = [[["local"], 1], [["global", "local"], 1], [["global"], 1]]
    let older = try DecoderConfiguration(huggingFace: JSONSerialization.data(withJSONObject: json))
    #expect((0..<4).map(older.window(ofLayer:)) == [5, nil, 5, nil])
    for wrong: Any in [[[["global"], 3]], [["global"]], [[["sideways"], 4]]] {
      json["attention_types"] = wrong
      let bad = try JSONSerialization.data(withJSONObject: json)
      #expect(throws: ConfigurationError.self) { try DecoderConfiguration(huggingFace: bad) }
    }
  }

  @Test("a new model's scores have the variance that a scale would give them")
  func firstScores() throws {
    let shape = DecoderConfiguration.gpt3(
      vocabularySize: 50, width: 256, layers: 2, heads: 2, contextLength: 8)
    let model = try Decoder(shape, generator: Generator(seed: 1))
    let all = try #require(model.layers[0].attention).queryKeyValue.weight
    func deviation(_ rows: Range<Int>) -> Double { (all.slice(rows) * all.slice(rows)).mean().item().squareRoot() }
    let (queries, keys) = (deviation(0..<256), deviation(256..<512))
    // Heads are 128 wide.
    #expect(abs(keys / 0.02 - 1) < 0.03 && abs(queries / keys * 128.0.squareRoot() - 1) < 0.05)
  }

  /// Attention over the whole text with what lies before the band masked out, in plain ops: the banded layers, which never look there,
  /// give the same numbers and the same gradients, far beyond the band and at its edges.
  @Test("banded attention is masked dense attention", arguments: [1, 7, 64, 255, 256, 300])
  func band(_ window: Int) {
    let (tokens, heads, width) = (300, 2, 16)
    func drawn(_ seed: UInt64) -> Tensor { Tensor.randn([tokens, heads, width], generator: Generator(seed: seed)) }
    let parts = (1...3).map { drawn($0).requiringGrad() }
    let weights = drawn(4)
    let banded = Tensor.packedAttention(
      parts[0], parts[1], parts[2], boundaries: [0, 37, tokens], parents: [], scale: 0.25, window: window)
    (banded * weights).sum().backward()
    let gradients = parts.map { $0.grad?.clone() }
    let plain = parts.map { $0.detached().requiringGrad() }
    let rows = [0..<37, 37..<tokens].map { own -> Tensor in
      let (q, k, v) = (plain[0].slice(own), plain[1].slice(own), plain[2].slice(own))
      let ones = Tensor.ones([own.count, own.count])
      let hidden = ones.upperTriangle(1) + ones.lowerTriangle(-window)
      let scores = (q.transposed(0, 1).matmul(k.transposed(0, 1).transposed(1, 2)) * 0.25).maskedFill(
        hidden .> 0, -.infinity)
      return scores.softmax(axis: -1).matmul(v.transposed(0, 1)).transposed(0, 1)
    }
    let dense = Tensor.concatenated(rows)
    (dense * weights).sum().backward()
    #expect((banded - dense).abs().max().item() < 1e-5)
    for (a, b) in zip(gradients, plain) {
      guard let a, let b = b.grad else {
        Issue.record("there is no gradient")
        continue
      }
      #expect((a - b).abs().max().item() < 1e-4)
    }
  }
}
