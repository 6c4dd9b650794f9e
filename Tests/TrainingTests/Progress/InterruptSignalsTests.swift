import Foundation
import Testing
import Training

@Suite("Signals")
struct InterruptSignalsTests {
  @Test("one signal asks for a stop and lets the step end", arguments: [SIGINT, SIGTERM])
  func once(number: Int32) async {
    await #expect(processExitsWith: .exitCode(7)) { [number] in
      InterruptSignals.install()
      guard !InterruptSignals.stopRequested else { exit(1) }
      raise(number)
      guard InterruptSignals.stopRequested else { exit(2) }
      exit(7)
    }
  }

  @Test("a second one ends the process at once", arguments: [SIGINT, SIGTERM])
  func twice(number: Int32) async {
    await #expect(processExitsWith: .signal(number)) { [number] in
      InterruptSignals.install()
      // To this thread, so that the first has been handled when the second comes.
      raise(SIGINT)
      raise(number)
      while true { sleep(1) }
    }
  }
}
