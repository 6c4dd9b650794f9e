import Synchronization

/// Lends encoders, which hold caches and scratch memory, to one caller at a time.
final class EncoderPool: Sendable {
  private let make: @Sendable () -> WordEncoder
  private let idle = Mutex<[WordEncoder]>([])

  init(make: @escaping @Sendable () -> WordEncoder) {
    self.make = make
  }

  /// Runs `body` with an encoder that nobody else uses meanwhile.
  func withEncoder(_ body: (WordEncoder) -> Void) {
    let encoder = idle.withLock { $0.popLast() } ?? make()
    body(encoder)
    idle.withLock { $0.append(encoder) }
  }
}
