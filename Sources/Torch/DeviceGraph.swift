import CTorch

/// Work of a GPU, recorded once and sent again as a whole.
///
/// Queueing the few hundred kernels of a small step takes longer than they run; sent again they cost one call. What is
/// recorded reads and writes the same memory each time: who wants other inputs writes them into the same tensors before
/// ``replay()``, and tensors that it reads must live and stay where they are.
///
/// ```swift
/// let x = Tensor.zeros([4, 8], device: .cuda()), w = Tensor.ones([8, 2], device: .cuda())
/// var y = x.matmul(w)
/// if let graph = DeviceGraph(on: .cuda(), recording: { y = x.matmul(w) }) {
///   x.copyInPlace(Tensor.ones([4, 8]))
///   graph.replay()                      // every element of y is 8
/// }
/// ```
public final class DeviceGraph {
  private let graph: OpaquePointer

  /// Records what `body` queues on a device; nothing of it is done yet.
  ///
  /// - Returns: nil where the device or the bridge can't record, or `body` needs what can't be recorded, such as a look at a number.
  public init?(on device: Device, recording body: () -> Void) {
    guard device.kind == .cuda, let graph = torch.pointee.graph_begin(Int32(device.index)) else { return nil }
    let isRecorded = (try? withTensorErrors { body() }) != nil && torch.pointee.graph_end(graph) == 0
    guard isRecorded else {
      torch.pointee.graph_free(graph)
      return nil
    }
    self.graph = graph
  }
  deinit { torch.pointee.graph_free(graph) }

  /// Queues all of it.
  public func replay() { done("graph_replay", torch.pointee.graph_replay(graph), []) }
}
