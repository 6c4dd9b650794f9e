/// The outcome of a program in a sandbox.
///
/// As JSON it has exactly the keys `result`, `detail`, `stdout`, `stderr` and `seconds`.
public struct RunResult: Sendable, Codable, Equatable {
  /// A kind of outcome.
  public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// It came to its end, and so did all of its tests.
    case passed
    /// A test doesn't hold.
    case failed
    /// It can't be compiled, something went wrong in it, or it ended before its tests.
    case error
    /// It used up its time.
    case timedOut = "timed out"
    /// It used up its memory.
    case outOfMemory = "out of memory"
    /// It was ended for something else that it must not do, or ended itself by a signal.
    case killed
  }

  /// The kind of outcome.
  public var verdict: Verdict
  /// The assertion, the error or the limit; empty where it passed.
  public var detail: String
  /// The beginning of what it wrote to standard output.
  public var output: String
  /// The beginning of what it wrote to standard error.
  public var errors: String
  /// Wall time from the program's start.
  public var seconds: Double
  /// The text of the exception that a test met, as Python's `str` gives it and HumanEval's evaluator prints it.
  ///
  /// It isn't in the JSON.
  public var exceptionText: String?

  enum CodingKeys: String, CodingKey {
    case verdict = "result"
    case detail
    case output = "stdout"
    case errors = "stderr"
    case seconds
  }

  /// An outcome.
  public init(
    _ verdict: Verdict, detail: String = "", output: String = "", errors: String = "", seconds: Double = 0,
    exceptionText: String? = nil
  ) {
    self.verdict = verdict
    self.detail = detail
    self.output = output
    self.errors = errors
    self.seconds = seconds
    self.exceptionText = exceptionText
  }

  /// Whether it passed.
  public var isPassed: Bool { verdict == .passed }
}
