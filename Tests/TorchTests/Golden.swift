import Foundation
import Testing
import Torch

/// One case of Fixtures/golden.safetensors.
struct Golden {
  private let file: SafetensorsFile
  let name: String

  init(_ name: String) throws {
    file = try SafetensorsFile(fixture("golden.safetensors"))
    self.name = name
  }

  /// A copy, so that gradients and in-place ops never touch what another test reads.
  func callAsFunction(_ key: String) throws -> Tensor { try file.tensor("\(name)/\(key)").clone() }
}

/// max |a − b| / (1 + |b|): infinite where shapes differ or where one is NaN and the other is not.
func worst(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.isDefined, b.isDefined, a.shape == b.shape else { return .infinity }
  return zip(a.array(of: Double.self), b.array(of: Double.self)).reduce(0) { most, pair in
    if pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) { return most }
    let error = Swift.abs(pair.0 - pair.1) / (1 + Swift.abs(pair.1))
    return error.isNaN ? .infinity : Swift.max(most, error)
  }
}

/// `worst` with nothing to compare counting as infinitely wrong.
func worst(_ a: Tensor?, _ b: Tensor?) -> Double {
  guard let a, let b else { return .infinity }
  return worst(a, b)
}

func randn(_ shape: [Int], seed: UInt64) -> Tensor {
  Tensor.randn(shape, generator: Generator(seed: seed))
}
