import Foundation
import Sandbox
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test with a reason where programs can't be isolated.
  static var needsSandbox: Self {
    let problem: String
    do {
      _ = try Isolation.available()
      problem = ""
    } catch { problem = error.description }
    return .enabled(if: problem.isEmpty, "\(problem)")
  }

  /// Skips a test with a reason where programs can't be isolated or a language isn't installed.
  static func needsSandbox(for language: ProgrammingLanguage) -> Self {
    let problem: String
    do {
      _ = try Sandbox(language)
      problem = ""
    } catch { problem = error.description }
    return .enabled(if: problem.isEmpty, "\(problem)")
  }
}

/// A program's result in a sandbox of its own limits.
func run(
  _ source: String, tests: String? = nil, in language: ProgrammingLanguage = .python, entryPoints: [String] = [],
  preamble: String? = nil, keepsOutput: Bool = true, _ change: (inout SandboxLimits) -> Void = { _ in }
) throws -> RunResult {
  var limits = SandboxLimits()
  change(&limits)
  return try Sandbox(language, limits: limits).run(
    SandboxedProgram(source, tests: tests, preamble: preamble, entryPoints: entryPoints, keepsOutput: keepsOutput))
}
