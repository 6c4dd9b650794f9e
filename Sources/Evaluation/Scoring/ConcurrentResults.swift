import Synchronization

/// Places for what several threads make, each filled once.
final class ConcurrentResults<Value: Sendable>: Sendable {
  private let values: Mutex<[Value?]>

  init(count: Int) { values = Mutex([Value?](repeating: nil, count: count)) }

  func set(_ value: Value, at place: Int) { values.withLock { $0[place] = value } }

  /// What was filled, in the order of places.
  var all: [Value] { values.withLock { $0.compactMap { $0 } } }
}
