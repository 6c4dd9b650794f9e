import Foundation

/// What the end of a run means.
struct RunReading {
  let end: Execution.End
  let language: ProgrammingLanguage
  let limits: SandboxLimits
  /// Whether the kernel ended something for want of memory.
  let isOutOfMemory: Bool

  /// The outcome of a Python program with tests: the referee's word, unless something ended the run before it was given.
  var refereed: RunResult {
    if end.reason == .ended, let line = end.control.split(separator: "\n").first,
      let said = try? JSONDecoder().decode(PythonReferee.Verdict.self, from: Data(line.utf8)),
      let verdict = RunResult.Verdict(rawValue: said.verdict)
    {
      if verdict != .passed, isOutOfMemory { return outOfMemory }
      return result(verdict, said.detail, exceptionText: said.text)
    }
    return ended ?? result(.error, "the run ended without a verdict: \(lastLine ?? ending)")
  }

  /// The outcome of any other program: its exit status, and the mark that its text came to its end.
  ///
  /// - Parameter token: the mark; nil where there is none to be expected.
  func plain(token: String?) -> RunResult {
    if let ended { return ended }
    if end.status == 0 {
      guard let token, end.control != token else { return result(.passed, "") }
      return result(.error, "the program ended with status 0 before its tests did")
    }
    if let line = line(with: language.memoryErrors) { return result(.outOfMemory, line) }
    if let line = line(with: language.assertions) { return result(.failed, line) }
    if [9, 15].contains(signal) { return result(.killed, "it was ended by signal \(signal)") }
    if signal > 0 { return result(.error, lastLine.map { "\($0) (\(ending))" } ?? ending) }
    return result(language.failsByStatus ? .failed : .error, lastLine.map { "\($0) (\(ending))" } ?? ending)
  }

  /// The outcome of what didn't come to its end by itself; nil for what did.
  private var ended: RunResult? {
    switch end.reason {
    case .neverReady:
      if isOutOfMemory { return outOfMemory }
      return language.compile.isEmpty
        ? result(.error, "it didn't begin") : result(.error, "the compiler took more than \(limits.compileSeconds) s")
    case .tooMuchOutput: return result(.killed, "it wrote more than \(limits.outputSize) bytes")
    case .timedOut: return isOutOfMemory ? outOfMemory : result(.timedOut, "it took more than \(limits.seconds) s")
    case .ended: break
    }
    if isOutOfMemory { return outOfMemory }
    if !end.wasReady { return result(.error, compilerError) }
    switch signal {
    case SIGXCPU: return result(.timedOut, "it used up its time of the processor")
    case SIGXFSZ: return result(.killed, "it wrote a file of more than \(limits.fileSize) bytes")
    default: return nil
    }
  }

  private var outOfMemory: RunResult { result(.outOfMemory, "it took more than \(limits.memory >> 20) MiB") }

  private func result(_ verdict: RunResult.Verdict, _ detail: String, exceptionText: String? = nil) -> RunResult {
    RunResult(
      verdict, detail: detail, output: end.output, errors: end.errors, seconds: end.seconds,
      exceptionText: exceptionText)
  }

  /// The signal that ended it, also as shells and bubblewrap tell it; 0 for none.
  private var signal: Int32 {
    if let signal = end.signal { return signal }
    guard let status = end.status, status > 128, status <= 192 else { return 0 }
    return status - 128
  }

  private var ending: String {
    signal > 0 ? "ended by signal \(signal)" : "exit status \(end.status ?? -1)"
  }

  private var lines: [Substring] { end.errors.split(whereSeparator: \.isNewline) }

  private var lastLine: String? { lines.last { !$0.allSatisfy(\.isWhitespace) }.map { String($0.prefix(500)) } }

  private var compilerError: String {
    let first = lines.first { $0.contains("error") } ?? lines.first
    return first.map { "it can't be compiled: \($0.prefix(500))" } ?? "it didn't begin (\(ending))"
  }

  private func line(with words: [String]) -> String? {
    lines.last { line in words.contains { line.contains($0) } }.map { String($0.prefix(500)) }
  }
}
