import Testing
import Training

@Suite("Progress")
struct ProgressBarTests {
  /// What was written, and the time that the bar sees.
  private final class Stage {
    var written = ""
    var time = 0.0

    func bar(width: Int?, total: Int, colored: Bool = false, peak: Double? = nil) -> ProgressBar {
      ProgressBar(
        title: "sft", totalSteps: total, peak: peak,
        output: .init(terminalWidth: width, isColored: colored) { self.written += $0 },
        now: { self.time })
    }
  }

  @Test("off a terminal: plain lines, one every ten seconds and one at the end")
  func plain() {
    let stage = Stage()
    let bar = stage.bar(width: nil, total: 40, peak: 1e12)
    for step in 1...40 {
      stage.time += 1
      bar.update(step: step, tokens: 1500, figures: [("loss", 2.0)], operations: 5e11)
    }
    bar.finish()
    let lines = stage.written.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0] == "sft  step 1/40  loss 2.0000  1,500 tok/s  ETA 0:39  50% of peak")
    #expect(lines[4] == "sft  step 40/40  loss 2.0000  1,500 tok/s  ETA 0:00  50% of peak")
    #expect(!stage.written.contains("\u{1B}") && !stage.written.contains("\r"))
  }

  @Test("on a terminal: one line that never outgrows the width", arguments: [20, 40, 60, 80, 200])
  func terminal(width: Int) {
    let stage = Stage()
    let bar = stage.bar(width: width, total: 10_000)
    for step in stride(from: 1, through: 10_000, by: 777) {
      stage.time += 1
      bar.update(step: step, tokens: 123_456, figures: [("loss", 12.3456)])
    }
    bar.finish()
    #expect(stage.written.hasSuffix("\n"))
    let frames = stage.written.replacing("\u{1B}[K", with: "").split { $0.isNewline }
    #expect(frames.count > 5)
    #expect(frames.allSatisfy { $0.count < width })
    #expect(frames.allSatisfy { $0.hasPrefix("sft") })
  }

  @Test("the estimate follows the pace, and a resumed run counts from where it was")
  func estimate() {
    let stage = Stage()
    let bar = ProgressBar(
      title: "", totalSteps: 3700, startingAt: 90,
      output: .init(terminalWidth: nil, isColored: false) { stage.written += $0 },
      now: { stage.time })
    stage.time = 10
    bar.update(step: 100, tokens: 1000)
    #expect(stage.written == "step 100/3700  100 tok/s  ETA 1:00:00\n")
    #expect(bar.throughput == 100)
  }

  @Test("speed is tokens over time, however unevenly the steps take it")
  func unevenSteps() {
    let stage = Stage()
    let bar = stage.bar(width: nil, total: 1000, peak: 1e9)
    // A second and a hundredth in turn: two steps of 1000 tokens take 1.01 s, where the mean of their rates is 50 times that.
    for step in 1...400 {
      stage.time += step.isMultiple(of: 2) ? 0.01 : 1
      bar.update(step: step, tokens: 1000, operations: 1e8)
    }
    bar.finish()
    let speed = bar.throughput ?? 0
    #expect(abs(speed / (2000 / 1.01) - 1) < 0.15, "\(speed)")
    #expect(stage.written.split(separator: "\n").last?.contains("% of peak") == true)
    let share = stage.written.split(separator: " ").last { $0.hasSuffix("%") }
    #expect((15...25).contains(Int(share?.dropLast() ?? "") ?? 0), "\(share ?? "")")
  }

  @Test("a slow first step is no measure of the others, in neither direction")
  func firstStep() {
    let stage = Stage()
    let bar = stage.bar(width: nil, total: 10)
    for (seconds, tokens) in [(60.0, 10), (1.0, 1000), (1.0, 1000)] {
      stage.time += seconds
      bar.update(step: Int(stage.time - 59), tokens: tokens)
    }
    #expect(bar.throughput == 1000)
  }

  @Test("colours only where they are wanted")
  func colors() {
    for colored in [true, false] {
      let stage = Stage()
      let bar = stage.bar(width: 80, total: 2, colored: colored)
      stage.time = 1
      bar.update(step: 1, tokens: 10)
      #expect(stage.written.contains("\u{1B}[32m") == colored)
      #expect(stage.written.contains("█"))
    }
  }

  @Test("a message stands on a line of its own above the bar")
  func messages() {
    let stage = Stage()
    let bar = stage.bar(width: 80, total: 2)
    bar.log("saved step-000001")
    #expect(stage.written.hasPrefix("\r\u{1B}[Ksaved step-000001\n\rsft   0%"))
  }
}
