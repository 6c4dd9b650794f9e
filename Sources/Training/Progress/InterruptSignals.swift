import Foundation
import Synchronization

/// Turns Ctrl-C, `kill` and a closed terminal into a request to stop after the current step.
///
/// ```swift
/// InterruptSignals.install()
/// var step = 0
/// while step < totalSteps, !InterruptSignals.stopRequested { step += 1 }
/// ```
///
/// The first SIGINT, SIGTERM or SIGHUP only sets ``stopRequested``: the loop ends its step, saves and
/// returns. A second one ends the process at once, as if there were no handler; what the last
/// checkpoint holds is safe, because checkpoints appear whole or not at all.
public enum InterruptSignals {
  private static let count = Atomic<Int>(0)

  /// Whether a signal asked the run to stop.
  public static var stopRequested: Bool { count.load(ordering: .relaxed) > 0 }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Glibc)
      unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    #else
      unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    #endif
  }

  /// Starts to listen, also where whoever started the process had these signals blocked.
  public static func install() {
    var listened = sigset_t()
    sigemptyset(&listened)
    for number in numbers { sigaddset(&listened, number) }
    pthread_sigmask(SIG_UNBLOCK, &listened, nil)
    for number in numbers {
      // What `nohup` told the process to ignore stays ignored.
      var before = sigaction()
      if sigaction(number, nil, &before) == 0, isIgnored(before) { continue }
      signal(number) { number in
        // Only what is allowed inside a signal handler: an atomic add, write(2), signal(2), kill(2).
        if InterruptSignals.count.add(1, ordering: .relaxed).oldValue == 0 {
          let message: StaticString =
            "\nstopping after this step and saving; once more stops at once\n"
          _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
        } else {
          signal(number, SIG_DFL)
          kill(getpid(), number)
        }
      }
    }
  }

  /// Stops listening and forgets what was requested.
  public static func uninstall() {
    for number in numbers { signal(number, SIG_DFL) }
    count.store(0, ordering: .relaxed)
  }
}
