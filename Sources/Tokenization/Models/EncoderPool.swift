import Synchronization

/// Lends encoders, which hold caches and scratch memory, to one caller at a time.
final class EncoderPool: Sendable {
  private let model: BytePairModel
  private let idle = Mutex<[ByteLevelEncoder]>([])

  init(model: BytePairModel) {
    self.model = model
  }

  /// Runs `body` with an encoder that nobody else uses meanwhile.
  func withEncoder(_ body: (ByteLevelEncoder) -> Void) {
    let encoder = idle.withLock { $0.popLast() } ?? ByteLevelEncoder(model: model)
    body(encoder)
    idle.withLock { $0.append(encoder) }
  }
}
