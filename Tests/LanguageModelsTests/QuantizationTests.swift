import Foundation
import LanguageModels
import Testing
import Torch

/// Blocks against gguf's and libggml's own quantisers, types against llama.cpp's (Fixtures/quantizers.py).
@Suite struct QuantizationTests {
  private static func golden() throws -> SafetensorsFile {
    try SafetensorsFile(GGUFTests.file("quantizers.safetensors"))
  }

  @Test(arguments: ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "BF16", "F16"])
  func blocksOf32AreRoundedAsGGUFDoes(_ name: String) throws {
    let golden = try Self.golden()
    let type = try #require(BlockType(name: name))
    let made = try type.encoded(golden.tensor("x"))
    let expected = try golden.tensor(name).array(of: UInt8.self)
    #expect(made.count == expected.count && made.count > 1000)
    let wrong = made.indices.filter { made[$0] != expected[$0] }
    #expect(wrong.isEmpty, "\(wrong.count) bytes, the first in block \((wrong.first ?? 0) / type.bytes)")
  }

  /// The error of each row is no larger than that of libggml's blocks.
  @Test(arguments: ["Q4_K", "Q5_K", "Q6_K"]) func blocksOf256AreNoFurtherOffThanGGMLs(_ name: String) throws {
    let golden = try Self.golden()
    let x = try golden.tensor("x"), type = try #require(BlockType(name: name))
    func errors(_ bytes: [UInt8]) -> [Double] {
      let restored = bytes.withUnsafeBytes { type.restored($0, shape: x.shape) }
      return (restored - x).square().mean(axis: 1).sqrt().array(of: Double.self)
    }
    let own = errors(try type.encoded(x)), theirs = errors(try golden.tensor(name).array(of: UInt8.self))
    for (row, (mine, bound)) in zip(own, theirs).enumerated() {
      #expect(mine > 0 && mine <= bound, "row \(row): \(mine), ggml's \(bound)")
    }
  }

  @Test func numbersThatNoBlockCanHoldAreRefused() throws {
    let x = Tensor([Float](repeating: 1, count: 255) + [.infinity], shape: [1, 256])
    for name in ["Q8_0", "Q4_K"] {
      #expect { try #require(BlockType(name: name)).encoded(x) } throws: { "\($0)".contains("finite") }
    }
    #expect { try #require(BlockType(name: "F16")).encoded(Tensor([1e6 as Float])) } throws: {
      "\($0)".contains("65504")
    }
    #expect { try #require(BlockType(name: "IQ4_NL")).encoded(x.slice(0..<1)) } throws: {
      "\($0)".contains("not written")
    }
  }

  private struct Mixes: Decodable {
    struct Model: Decodable {
      struct Types: Decodable { let usual: String, other: [String: String] }
      let arch: String, layers: Int, heads: Int, keys: Int, tied: Bool, tensors: [String: [Int]], types: [String: Types]
    }
    let models: [String: Model]
  }

  @Test(arguments: QuantizationScheme.allCases) func tensorsGetTheTypesOfLlamasQuantizer(_ scheme: QuantizationScheme)
    throws
  {
    let mixes = try JSONDecoder().decode(Mixes.self, from: Data(contentsOf: GGUFTests.file("mixes.json")))
    #expect(mixes.models.count == 7)
    for (name, model) in mixes.models {
      let mix = QuantizationMix(
        scheme: scheme, architecture: model.arch, layers: model.layers, isTied: model.tied,
        isGrouped: model.heads != model.keys)
      let expected = try #require(model.types[scheme.rawValue])
      for (tensor, shape) in model.tensors {
        let wanted = expected.other[tensor] ?? expected.usual
        #expect(mix.type(of: tensor, shape: shape).description == wanted, "\(name): \(tensor)")
      }
    }
  }
}
