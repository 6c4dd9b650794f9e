import Foundation
import Synchronization

/// Counts failed tries under a name and says how long to wait before the next: none for the first five, then longer and longer.
final class Patience: Sendable {
  private struct Tries {
    var failures = 0
    var last = ContinuousClock.now
  }
  private let tries = Mutex<[String: Tries]>([:])
  /// The failures that cost nothing.
  private let free: Int

  init(free: Int = 5) { self.free = free }

  /// The seconds that are still to be waited; 0 for none.
  func wait(for name: String) -> Int {
    tries.withLock { tries in
      guard let tried = tries[name], tried.failures >= free else { return 0 }
      let pause = min(900, 1 << min(10, tried.failures - free + 1))
      let since = (ContinuousClock.now - tried.last).components.seconds
      return max(0, pause - Int(since))
    }
  }

  /// Takes note of how a try went.
  func note(_ name: String, isRight: Bool) {
    tries.withLock { tries in
      if isRight {
        tries[name] = nil
      } else {
        // Names are the callers' choice: what they make here must stay small.
        if tries.count > 10_000 { tries = tries.filter { ContinuousClock.now - $0.value.last < .seconds(900) } }
        tries[name, default: Tries()].failures += 1
        tries[name]?.last = .now
      }
    }
  }
}
