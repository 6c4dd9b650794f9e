import Foundation
import Testing
import Torch

@Suite struct TensorThreadTests {
  /// Something that may not leave its thread: a class with tensors.
  final class Model {
    let weight = Tensor([2] as [Float]).requiringGrad()
    var steps = 0
  }

  @Test func stateLivesOnOneThreadOfItsOwn() async throws {
    let home = try await TensorThread { (Model(), UInt(bitPattern: pthread_self().hashValue)) }
    let threads = await withTaskGroup(of: UInt.self) { group in
      for _ in 0..<50 {
        group.addTask {
          await home.onTensorThread { state in
            state.0.steps += 1
            return UInt(bitPattern: pthread_self().hashValue)
          }
        }
      }
      return await group.reduce(into: Set<UInt>()) { $0.insert($1) }
    }
    let (made, steps) = await home.onTensorThread { ($0.1, $0.0.steps) }
    #expect(threads == [made])
    #expect(steps == 50)
    let other = try await TensorThread { UInt(bitPattern: pthread_self().hashValue) }
    #expect(await other.onTensorThread { $0 } != made)
  }

  @Test func gradientModeDoesNotLeakBetweenCallsOrThreads() async throws {
    struct Stop: Error {}
    let one = try await TensorThread { Model() }
    let two = try await TensorThread { Model() }
    await #expect(throws: Stop.self) {
      try await one.onTensorThread { _ in
        try withoutGradients { try withAutocast(.bfloat16) { throw Stop() } }
      }
    }
    let after = await one.onTensorThread { model in
      (gradientsEnabled, model.weight.unsqueezed(0).matmul(model.weight.unsqueezed(1)).dtype)
    }
    #expect(after.0 && after.1 == .float32)

    // While one is inside a scope without gradients, the other trains.
    let inside = DispatchSemaphore(value: 0)
    let leave = DispatchSemaphore(value: 0)
    async let waiting: Bool = one.onTensorThread { model in
      withoutGradients {
        inside.signal()
        leave.wait()
        return (model.weight * 2).requiresGrad
      }
    }
    await two.onTensorThread { _ in inside.wait() }
    let gradient = await two.onTensorThread { model in
      model.weight.square().sum().backward()
      return model.weight.grad?.item()
    }
    leave.signal()
    #expect(gradient == 4)
    #expect(await waiting == false)
  }

  @Test func errorsComeBack() async throws {
    await #expect(throws: TorchError.self) {
      try await TensorThread { try withTensorErrors { Tensor.ones([2]).reshaped(3) } }
    }
    let home = try await TensorThread { Tensor.ones([2, 3]) }
    await #expect(throws: TorchError.self) {
      try await home.onTensorThread { x in try withTensorErrors { x.matmul(x).sum().item() } }
    }
    #expect(await home.onTensorThread { $0.sum().item() } == 6)
  }

  @Test func stateAndThreadEndWithTheLastReference() async throws {
    final class Ended: @unchecked Sendable {
      let semaphore = DispatchSemaphore(value: 0)
    }
    final class Tracked {
      let ended: Ended
      init(_ ended: Ended) { self.ended = ended }
      deinit { ended.semaphore.signal() }
    }
    let ended = Ended()
    do {
      let home = try await TensorThread { Tracked(ended) }
      await home.onTensorThread { _ in }
    }
    let outcome = await Task.detached { ended.semaphore.waited(seconds: 20) }.value
    #expect(outcome)
  }
}

extension DispatchSemaphore {
  /// Waits outside the cooperative pool's async context.
  fileprivate func waited(seconds: Double) -> Bool { wait(timeout: .now() + seconds) == .success }
}
