import Foundation
import NeuralNetworks
import Testing
import Torch

@Suite struct RotaryEmbeddingTests {
  private func scaling(_ golden: Golden) throws -> RotaryScaling {
    let data = try JSONSerialization.data(withJSONObject: golden.value)
    return try JSONDecoder().decode(RotaryScaling.self, from: data)
  }

  @Test func everyKindEqualsTransformers() throws {
    var seen: Set<RotaryScaling.Kind> = []
    for one in try Golden("rotary")["cases"].list {
      let name = "\(one["scaling"].value) longest \(one["longest"].number)"
      let rope = try RotaryEmbedding(
        width: Int(one["width"].number), base: one["base"].number,
        contextLength: Int(one["context"].number), scaling: scaling(one["scaling"]))
      seen.insert(rope.scaling.kind)
      let longest = one["longest"].number == 0 ? nil : Int(one["longest"].number)
      let inverse = rope.inverseFrequencies(longest: longest)
      let expected = one["inverse"].tensor.array()
      #expect(inverse.count == expected.count)
      // float32 to the last place but one: 2 units of 2⁻²³.
      for (a, b) in zip(inverse, expected) { #expect(abs(a - b) <= abs(b) * 2.4e-7, "\(name)") }
      #expect(abs(rope.tableFactor - one["factor"].number) < 1e-12, "\(name)")

      let (cos, sin) = rope.tables(one["positions"].ids, longest: longest)
      // At position 100,000 one unit in the last place of a frequency near 1 turns by 0.006.
      let near = 0..<5
      #expect(difference(cos[near], one["cos"].tensor[near]) < 1e-4, "\(name)")
      #expect(difference(sin[near], one["sin"].tensor[near]) < 1e-4, "\(name)")
      #expect(difference(cos, one["cos"].tensor) < 0.02, "\(name)")
      #expect(difference(sin, one["sin"].tensor) < 0.02, "\(name)")
    }
    #expect(seen == Set(RotaryScaling.Kind.allCases))
  }

  /// The score of a query and a key depends on their distance alone.
  @Test func scoresDependOnDistance() throws {
    let rope = try RotaryEmbedding(width: 16, contextLength: 64)
    let generator = Generator(seed: 2)
    let q = Tensor.randn([1, 1, 16], generator: generator)
    let k = Tensor.randn([1, 1, 16], generator: generator)
    func score(_ i: Int, _ j: Int) -> Double {
      func turned(_ x: Tensor, _ position: Int) -> Tensor {
        let (cos, sin) = rope.tables(Tensor(ids: [position]))
        return x.rotary(cos: cos, sin: sin)
      }
      return (turned(q, i) * turned(k, j)).sum().item()
    }
    #expect(abs(score(3, 1) - score(40, 38)) < 1e-4)
    #expect(abs(score(3, 1) - score(3, 2)) > 1e-3)
  }

  @Test func settingsThatDoNotWorkAreRefused() {
    func refusal(_ change: (inout RotaryScaling) -> Void, _ kind: RotaryScaling.Kind) -> String {
      var scaling = RotaryScaling(kind)
      change(&scaling)
      do {
        _ = try RotaryEmbedding(width: 8, contextLength: 16, scaling: scaling)
        return ""
      } catch { return "\(error)" }
    }
    #expect(refusal({ _ in }, .linear).contains("factor"))
    #expect(refusal({ $0.factor = 0 }, .yarn).contains("factor"))
    #expect(refusal({ $0.factor = 8 }, .llama3).contains("low_freq_factor"))
    #expect(refusal({ $0.shortFactor = [1, 2] }, .longrope).contains("short_factor"))
    #expect(refusal({ $0.originalLength = 0 }, .standard).contains("original_max_position_embeddings"))
    #expect(throws: RotaryScalingError.self) { try RotaryEmbedding(width: 7, contextLength: 16) }
  }
}
