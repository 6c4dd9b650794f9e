public import Foundation

/// Shows on stderr how far a run is: steps, loss, tokens a second, time left, share of the peak.
///
/// ```swift
/// let progress = ProgressBar(title: "sft", totalSteps: 500)
/// progress.update(step: 1, tokens: 4096, figures: [("loss", 3.2)])
/// progress.finish()
/// ```
///
/// On a terminal it is one line, drawn over at most ten times a second, in colour unless `NO_COLOR`
/// is set; elsewhere it is a plain line every ten seconds and at the end, so that logs stay short.
public final class ProgressBar {
  /// The stream that the bar is drawn on.
  public struct Output {
    /// Whether it is a terminal, and its width.
    public var terminalWidth: Int?
    /// Whether colours are wanted.
    public var isColored: Bool
    /// Writes text.
    public var write: (String) -> Void

    /// Describes an output.
    public init(terminalWidth: Int?, isColored: Bool, write: @escaping (String) -> Void) {
      self.terminalWidth = terminalWidth
      self.isColored = isColored
      self.write = write
    }

    /// The process's stderr as it is.
    public static var standardError: Output {
      let environment = ProcessInfo.processInfo.environment
      let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
      var size = winsize()
      let hasSize = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
      return Output(
        terminalWidth: isTerminal ? (hasSize ? Int(size.ws_col) : 80) : nil,
        isColored: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
      ) { text in
        FileHandle.standardError.write(Data(text.utf8))
      }
    }
  }

  private let title: String
  private let totalSteps: Int
  private let peak: Double?
  private let output: Output
  private let now: () -> Double
  private var last: (time: Double, step: Int)
  // Averages of what a step takes and does: the mean of rates would let one short interval outweigh many long ones.
  private var secondsPerStep: Double?
  private var tokensPerStep: Double?
  private var operationsPerStep: Double?
  private var lastDrawn = -Double.infinity
  private var updates = 0
  private var reading: ProgressReading

  /// Starts the clock.
  ///
  /// - Parameters:
  ///   - title: what is going on, such as `sft`.
  ///   - totalSteps: how many steps the run has.
  ///   - step: how many it has behind it already.
  ///   - peak: the machine's measured matrix-product speed in FLOP/s, for the share of it.
  ///   - output: where the bar is drawn.
  ///   - now: a clock in seconds.
  public init(
    title: String, totalSteps: Int, startingAt step: Int = 0, peak: Double? = nil,
    output: Output = .standardError,
    now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    self.title = title
    self.totalSteps = totalSteps
    self.peak = peak
    self.output = output
    self.now = now
    last = (now(), step)
    reading = ProgressReading(title: title, step: step, total: totalSteps)
  }

  /// Tokens a second, averaged over the last steps; nil before the first.
  public var throughput: Double? { rate(of: tokensPerStep) }

  private func rate(of perStep: Double?) -> Double? {
    guard let perStep, let secondsPerStep else { return nil }
    return perStep / secondsPerStep
  }

  /// The time left in words, `3:20`, by the steps so far; nil before the first.
  public var timeLeft: String? { reading.secondsLeft.map(ProgressReading.duration) }

  /// Shows a step that has just ended.
  ///
  /// - Parameters:
  ///   - step: how many steps are done.
  ///   - tokens: how many tokens were processed since the last call.
  ///   - figures: the numbers to show, with their labels.
  ///   - operations: the floating-point operations since the last call, for the share of the peak.
  public func update(
    step: Int, tokens: Int, figures: [(label: String, value: Double)] = [], operations: Double? = nil
  ) {
    let time = now()
    let elapsed = max(time - last.time, 1e-9)
    let steps = max(step - last.step, 1)
    updates += 1
    // The first step, which takes memory and makes plans, is no measure of the others.
    let isFirstMeasure = updates <= 2
    // A moving average over about twenty steps: steady to read, and soon right after a change.
    func average(_ old: Double?, _ total: Double) -> Double {
      let new = total / Double(steps)
      guard let old, !isFirstMeasure else { return new }
      return old + (new - old) * min(1, 0.1 * Double(steps))
    }
    secondsPerStep = average(secondsPerStep, elapsed)
    // Steps that count no tokens have no such speed.
    if tokens > 0 || tokensPerStep != nil { tokensPerStep = average(tokensPerStep, Double(tokens)) }
    if let operations { operationsPerStep = average(operationsPerStep, operations) }
    last = (time, step)
    reading = ProgressReading(
      title: title, step: step, total: totalSteps, tokensPerSecond: throughput,
      figures: figures.map { .init(label: $0.label, value: $0.value) },
      shareOfPeak: peak.flatMap { peak in rate(of: operationsPerStep).map { $0 / peak } },
      secondsLeft: secondsPerStep.map { $0 * Double(max(0, totalSteps - step)) })
    let pause = output.terminalWidth == nil ? 10 : 0.1
    if time - lastDrawn >= pause {
      lastDrawn = time
      draw()
    }
  }

  /// Writes a line of its own, above the bar.
  public func log(_ message: String) {
    if output.terminalWidth == nil {
      output.write(message + "\n")
    } else {
      output.write("\r\u{1B}[K\(message)\n")
      draw()
    }
  }

  /// Draws the last state and leaves the line.
  public func finish() {
    draw()
    if output.terminalWidth != nil { output.write("\n") }
  }

  private func draw() {
    if let width = output.terminalWidth {
      // One column is left free: some terminals wrap when the last one is filled.
      output.write("\r\(reading.bar(width: width - 1, colored: output.isColored))\u{1B}[K")
    } else {
      output.write(reading.line + "\n")
    }
  }
}
