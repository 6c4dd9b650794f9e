public import Documents
public import Sandbox
public import Statistics

/// Samples with what became of them.
///
/// ```swift
/// import Sandbox
/// import Statistics
///
/// let tasks = try CodeTask.read(contentsOf: "HumanEval.jsonl.gz")
/// let samples = try CodeSample.read(contentsOf: "samples.jsonl", of: tasks)
/// let grades = try CodeGrades(samples, of: tasks, pool: SandboxPool(Sandbox(.python)))
/// print(grades?.passRate(at: 1)?.percentage ?? "stopped")
/// ```
public struct CodeGrades: Sendable {
  /// The samples, in their order.
  public let samples: [CodeSample]
  /// The result of each.
  public let results: [RunResult]
  /// The samples' places by task, in the tasks' order; tasks without a sample are left out.
  public let places: [[Int]]

  /// Grades that are known already.
  public init(_ samples: [CodeSample], of tasks: [CodeTask], results: [RunResult]) {
    precondition(samples.count == results.count, "\(results.count) results for \(samples.count) samples")
    self.samples = samples
    self.results = results
    var byTask: [String: [Int]] = [:]
    for (place, sample) in samples.enumerated() { byTask[sample.taskID, default: []].append(place) }
    places = tasks.compactMap { byTask[$0.id] }
  }

  /// Runs every sample.
  ///
  /// - Parameters:
  ///   - pool: of a sandbox for the tasks' language.
  ///   - isStopped: asked between programs; nil comes back once it says so.
  ///   - progress: gets how many are graded.
  /// - Throws: `SandboxError` where nothing can be run here.
  public init?(
    _ samples: [CodeSample], of tasks: [CodeTask], pool: SandboxPool, isStopped: () -> Bool = { false },
    progress: (Int) -> Void = { _ in }
  ) throws(SandboxError) {
    let byID = Dictionary(tasks.map { ($0.id, $0) }) { first, _ in first }
    let programs = samples.compactMap { sample in byID[sample.taskID]?.program(completing: sample.completion) }
    precondition(programs.count == samples.count, "a sample of a task that isn't there")
    let results = try pool.run(programs, progress: { done, _ in progress(done) }, isStopped: isStopped)
    let known = results.compactMap { $0 }
    guard known.count == samples.count else { return nil }
    self.init(samples, of: tasks, results: known)
  }

  /// pass@k: the chance that one of k samples of a problem passes, its mean over problems (Chen 2021, equation 1), with a
  /// bootstrap interval over problems; nil where a problem has fewer than k samples.
  public func passRate(at k: Int, seed: UInt64 = 1) -> Estimate? {
    let rates = places.map { own in
      RepeatedSampling.passRate(samples: own.count, correct: own.count { results[$0].isPassed }, k: k)
    }
    guard !rates.isEmpty, rates.allSatisfy(\.isFinite) else { return nil }
    return Bootstrap(seed: seed).mean(rates)
  }

  /// The share of problems solved by the sample, of k, whose tokens are likeliest on average; nil where a sample doesn't say.
  ///
  /// Between chance, which is pass@1, and the oracle, which is pass@k (Chen 2021, figure 7).
  public func meanLogProbabilityRate(of k: Int, seed: UInt64 = 1) -> Estimate? {
    let rates = places.map { own -> Double in
      let scores = own.compactMap { samples[$0].meanLogProbability }
      guard scores.count == own.count else { return .nan }
      return RepeatedSampling.expectedScore(proxy: scores, gold: own.map { results[$0].isPassed ? 1 : 0 }, n: k)
    }
    guard !rates.isEmpty, rates.allSatisfy(\.isFinite) else { return nil }
    return Bootstrap(seed: seed).mean(rates)
  }

  /// How many samples came to each kind of end.
  public var counts: [RunResult.Verdict: Int] { Dictionary(results.map { ($0.verdict, 1) }, uniquingKeysWith: +) }

  /// Each sample's fields with `result` and `passed`, as the reference evaluator writes them.
  ///
  /// Its results are `passed`, `timed out` and `failed: ` with the exception's text; what it has no word for follows the latter.
  public var lines: [JSONValue] {
    zip(samples, results).map { sample, result in
      var fields = sample.fields
      fields["result"] = .string(Self.words(for: result))
      fields["passed"] = .bool(result.isPassed)
      return .object(fields)
    }
  }

  private static func words(for result: RunResult) -> String {
    switch result.verdict {
    case .passed: "passed"
    case .timedOut: "timed out"
    default: "failed: \(result.exceptionText ?? result.detail)"
    }
  }

  /// Writes ``lines`` to a file.
  public func write(to path: String) throws(DataError) {
    try DurableFile.write(lines.map { $0.serialized(ascii: true) + "\n" }.joined(), to: path)
  }
}
