import Foundation
import TestSupport
import Testing
import Torch

/// Counts of live handles are the process's, and tests run side by side: each of these has a process of its own.
@Suite struct TensorMemoryTests {
  @Test func handlesGoWithTheLastCopy() async {
    await #expect(processExitsWith: .success) {
      try TorchLibrary.load()
      let before = TorchLibrary.liveHandles
      do {
        let a = Tensor.ones([10])
        let copy = a
        #expect(TorchLibrary.liveHandles == before + 1)
        let view = a[2...]
        #expect(TorchLibrary.liveHandles == before + 2)
        withExtendedLifetime((copy, view)) {}
      }
      #expect(TorchLibrary.liveHandles == before)
    }
  }

  @Test func aTrainingStepLeavesNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let w = Tensor.randn([8, 8], generator: Generator(seed: 1)).requiringGrad()
      let m = w.zerosLike()
      let v = w.zerosLike()
      let steps = Tensor(0)
      func step() {
        let x = Tensor.randn([6, 8], generator: Generator(seed: 2))
        let doubled = Tensor.custom(
          [x.matmul(w)], forward: { [$0[0] * 2] }, backward: { [$0[0].map { $0 * 2 }] })[0]
        let loss = Tensor.linearCrossEntropy(
          doubled, w, targets: Tensor.arange(0, 6), weights: Tensor.ones([6]))
        let q = doubled.reshaped(6, 2, 4)
        let attended = Tensor.packedAttention(q, q, q, boundaries: [0, 2, 6])
        let probabilities = Tensor.linearLogProbabilities(
          doubled, w, targets: Tensor.arange(0, 6), withEntropy: true)
        (loss.sum + attended.sum() + probabilities.logProbabilities.sum()).backward()
        if let gradient = w.grad {
          FusedOptimizers.adamW(
            parameters: [w], gradients: [gradient], first: [m], second: [v], steps: [steps],
            learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0)
        }
        w.grad = nil
        _ = try? withTensorErrors { x.matmul(x) }
        _ = x.sorted()
        _ = x.split([2, 4])
        _ = Tensor.gradients(of: [w.sum()], for: [w, x])
      }
      step()
      let before = TorchLibrary.liveHandles
      for _ in 0..<5 { step() }
      #expect(TorchLibrary.liveHandles == before)
    }
  }

  @Test func aCustomBackwardIsFreedWithItsGraph() async {
    await #expect(processExitsWith: .success) {
      final class Witness {}
      weak var seen: Witness?
      func build(requiresGrad: Bool) -> Tensor {
        let witness = Witness()
        seen = witness
        let x = Tensor([1] as [Float]).requiringGrad(requiresGrad)
        return Tensor.custom(
          [x], forward: { [$0[0] * 2] },
          backward: { gradients in
            withExtendedLifetime(witness) { gradients }
          })[0]
      }
      do {
        let y = build(requiresGrad: true)
        #expect(seen != nil)
        y.backward()
        #expect(y.item() == 2)
      }
      #expect(seen == nil)
      // Nobody asked for gradients: the closure is freed at once.
      let z = build(requiresGrad: false)
      #expect(seen == nil && z.item() == 2)
    }
  }

  final class Owner {
    let memory: UnsafeMutableBufferPointer<Float>
    let released: () -> Void
    init(_ count: Int, _ released: @escaping () -> Void) {
      memory = .allocate(capacity: count)
      memory.initialize(repeating: 1)
      self.released = released
    }
    deinit {
      memory.deallocate()
      released()
    }
  }

  @Test func borrowedMemoryIsSharedAndItsOwnerReleasedOnce() throws {
    var releases = 0
    var owner: Owner? = Owner(6) { releases += 1 }
    let memory = try #require(owner?.memory)
    var tensor: Tensor? = owner.map {
      Tensor(
        borrowing: UnsafeMutableRawPointer(memory.baseAddress!), shape: [2, 3], dtype: .float32, owner: $0)
    }
    owner = nil
    #expect(releases == 0)
    memory[4] = 7
    #expect(tensor?[1, 1].item() == 7)
    tensor?.fillInPlace(3)
    #expect(memory.allSatisfy { $0 == 3 })
    // A view keeps the memory too.
    var view = tensor?[1]
    tensor = nil
    #expect(releases == 0)
    #expect(view?.array() == [3, 3, 3] as [Float])
    view = nil
    #expect(releases == 1)
  }

  @Test func elementsAreLentWithoutACopy() {
    let x = Tensor([1, 2, 3] as [Float])
    x.withUnsafeElements(of: Float.self) { $0[1] = 9 }
    #expect(x.array() == [1, 9, 3] as [Float])
    x.withUnsafeBytes { #expect($0.count == 12) }
    let copy = x.clone()
    copy.fillInPlace(0)
    #expect(x[1].item() == 9)
    #expect(x.sharesMemory(with: x[1...]) && !x.sharesMemory(with: copy))
    #expect(Tensor([] as [Float]).array() == [] as [Float])
  }

  @Test func aFullDiskKeepsTheOldFile() async {
    await #expect(processExitsWith: .success) {
      let scratch = try TemporaryFolder()
      let url = scratch.file("model.safetensors")
      try Safetensors.write([("w", Tensor(1))], to: url)
      let before = try Data(contentsOf: url)
      // A limit on the size of files stands in for the end of the disk.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
      #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
      #expect { try Safetensors.write([("w", Tensor.ones([5000]))], to: url) } throws: { error in
        "\(error)".contains(url.path) && "\(error)".contains("the disk is full")
      }
      #expect(try Data(contentsOf: url) == before)
      #expect(scratch.contents == ["model.safetensors"])
    }
  }
}
