import Foundation

/// A home for tensors: one dedicated thread, and the state that lives on it.
///
/// libtorch keeps gradient mode, autocast and its pool of worker threads per thread, and tensors are not `Sendable`. So a
/// model, its optimizer and its caches are made on one thread and stay there; the rest of the program sends values in and
/// gets values out. `onTensorThread` is the only crossing, its body is synchronous, and the compiler checks that nothing
/// but `Sendable` values passes:
///
/// ```swift
/// let home = try await TensorThread { Tensor.zeros([8]) }
/// let sum = await home.onTensorThread { total in
///   total = total + 1
///   return total.sum().item()              // 8.0
/// }
/// ```
///
/// Calls run one at a time in the order in which they arrive. The thread ends with the last reference.
public actor TensorThread<State> {
  private let executor: ThreadExecutor
  private var state: State

  /// Starts a thread and makes the state on it.
  public init(
    name: String = "tensors", _ make: @escaping @Sendable () throws -> sending State
  ) async throws {
    let executor = ThreadExecutor(name: name)
    self.executor = executor
    state = try await executor.perform(make)
  }

  deinit { executor.stop() }

  /// The dedicated thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Runs `body` on the thread with the state and hands back its result.
  public func onTensorThread<Result: Sendable>(
    _ body: @Sendable (inout State) throws -> Result
  ) rethrows -> Result {
    try body(&state)
  }
}
