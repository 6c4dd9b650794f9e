import Foundation
import Testing
import Training

@Suite("Signals")
struct InterruptSignalsTests {
  @Test("one signal asks for a stop and lets the step end", arguments: [SIGINT, SIGTERM, SIGHUP])
  func once(number: Int32) async {
    await #expect(processExitsWith: .exitCode(7)) { [number] in
      InterruptSignals.install()
      guard !InterruptSignals.stopRequested else { exit(1) }
      kill(getpid(), number)
      exit(Self.stopIsSoonRequested() ? 7 : 2)
    }
  }

  @Test("a second one ends the process at once", arguments: [SIGINT, SIGTERM, SIGHUP])
  func twice(number: Int32) async {
    await #expect(processExitsWith: .signal(number)) { [number] in
      InterruptSignals.install()
      kill(getpid(), SIGINT)
      guard Self.stopIsSoonRequested() else { exit(2) }
      kill(getpid(), number)
      sleep(60)
      exit(3)
    }
  }

  @Test("what nohup told the process to ignore stays ignored")
  func ignored() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGHUP, SIG_IGN)
      InterruptSignals.install()
      kill(getpid(), SIGHUP)
      usleep(200_000)
      exit(InterruptSignals.stopRequested ? 1 : 7)
    }
  }

  /// Waits for the handler: a signal to the process is delivered by whichever thread takes it.
  private static func stopIsSoonRequested() -> Bool {
    for _ in 0..<3000 where !InterruptSignals.stopRequested { usleep(10_000) }
    return InterruptSignals.stopRequested
  }
}
