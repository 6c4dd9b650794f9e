import Documents
import Foundation
import Torch

/// Compares what a device makes of a computation with what the processor makes of it, a line for each.
final class Check {
  let device: Device
  private(set) var failures = 0

  init(_ device: Device) { self.device = device }

  /// Where a computation runs: its tensors go through ``callAsFunction(_:)``.
  struct Place {
    let device: Device
    func callAsFunction(_ tensor: Tensor) -> Tensor { tensor.to(device: device) }
  }

  /// Runs `body` on the device; on the processor, as a rehearsal, by the ops that a device would take.
  func there<Result>(_ body: () throws -> Result) rethrows -> Result {
    try device == .cpu ? withComposedKernels(body) : body()
  }

  /// Runs a computation in both places and compares all tensors that it returns, relative to the largest element of each.
  func compare(_ name: String, _ tolerance: Double, _ body: (Place) throws -> [Tensor?]) {
    report(name) {
      let plain = try withTensorErrors { try body(Place(device: .cpu)) }
      let found = try there { try withTensorErrors { try body(Place(device: device)) } }
      guard plain.count == found.count else { throw Problem("\(found.count) results and not \(plain.count)") }
      var worst = 0.0
      for (i, (a, b)) in zip(plain, found).enumerated() {
        guard let a, let b else {
          guard (a == nil) == (b == nil) else { throw Problem("result \(i) is there on one side only") }
          continue
        }
        guard a.shape == b.shape else { throw Problem("result \(i) has shape \(b.shape) and not \(a.shape)") }
        worst = max(worst, Self.difference(a, b))
      }
      return (worst, tolerance)
    }
  }

  /// max |a − b| / max |a|; infinite where either is no number.
  static func difference(_ a: Tensor, _ b: Tensor) -> Double {
    guard a.count > 0 else { return 0 }
    let (x, y) = (a.detached().to(.float64), b.detached().to(.float64, device: .cpu))
    let difference = (x - y).abs().max().item() / Swift.max(x.abs().max().item(), 1e-12)
    return difference.isFinite ? difference : .infinity
  }

  /// Prints the line of a check: `body` gives what it measured and the most that is allowed.
  func report(_ name: String, _ body: () throws -> (Double, Double)) {
    do {
      let (measured, allowed) = try body()
      let isFine = measured <= allowed
      if !isFine { failures += 1 }
      say(
        (isFine ? "ok     " : "FAILED ") + name.padding(toLength: 66, withPad: " ", startingAt: 0)
          + String(format: " %.1e of at most %.0e", measured, allowed))
    } catch {
      failures += 1
      say("FAILED \(name): \("\(error)".prefix(600))")
    }
  }
}

/// Writes a line at once: a crash must not take what was found before it.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

struct Problem: UserFacingError {
  let description: String
  init(_ description: String) { self.description = description }
}

func randn(_ shape: [Int], _ seed: UInt64, _ dtype: DType = .float32) -> Tensor {
  Tensor.randn(shape, generator: Generator(seed: seed)).to(dtype)
}

/// A computation's values, and its gradients for `inputs` under an upstream gradient drawn from a seed.
func withGradients(_ outputs: [Tensor], for inputs: [Tensor], seed: UInt64 = 99) -> [Tensor?] {
  let upstream = outputs.map { randn($0.shape, seed, $0.dtype).to(device: $0.device) }
  return outputs + Tensor.gradients(of: outputs, for: inputs, upstream: upstream)
}
