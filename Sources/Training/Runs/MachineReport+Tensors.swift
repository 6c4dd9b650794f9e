import Foundation
import Torch

extension MachineReport {
  /// The part about libtorch: whether it is there, its devices, and how fast it is.
  static func tensors() -> [Finding] {
    do {
      try TorchLibrary.load()
    } catch let error as TorchError {
      // The first line says what to do; the others list the places that were searched.
      let remedy = error.message.prefix { $0 != "\n" }
      return [Finding(name: "libtorch", isFound: false, detail: String(remedy))]
    } catch {
      return [Finding(name: "libtorch", isFound: false, detail: "\(error)")]
    }
    let device = Device.best
    var findings = [
      Finding(
        name: "libtorch", isFound: true,
        detail: "\(TorchLibrary.version), \(TorchLibrary.capabilities), "
          + "\(TorchLibrary.threads) threads"),
      Finding(name: "device", isFound: true, detail: "\(device)"),
    ]
    do {
      findings += speeds(try MachineSpeed.measured(on: device, again: true))
    } catch {
      findings.append(Finding(name: "speed", isFound: false, detail: "\(error)"))
    }
    return findings
  }

  private static func speeds(_ speed: MachineSpeed) -> [Finding] {
    let products = [DType.float32, .bfloat16].map { dtype in
      Finding(
        name: "products", isFound: true,
        detail: String(format: "%.0f GFLOP/s in ", speed.productFlops(dtype) / 1e9) + "\(dtype)")
    }
    return products + [
      Finding(
        name: "copying", isFound: true,
        detail: String(format: "%.1f GB/s read and written", speed.memory / 1e9))
    ]
  }
}
