public import ArgumentParser
import Documents
public import Sandbox
import Settings

/// Options of how programs that nobody trusts are run, the same in every command that runs some.
struct SandboxOptions: ParsableArguments {
  @Option(in: .above(0), help: .init("Seconds that a program may take.", valueName: "seconds"))
  var timeout = 3.0

  @Option(in: .count(from: 16), help: .init("MiB of memory that a program may take.", valueName: "MiB"))
  var memory = 512

  @Option(
    help: .init(
      """
      How programs are kept from the machine: bubblewrap, seatbelt, or none, which runs them with limits only. Default: the \
      machine's.
      """, valueName: "kind"))
  var isolation: Isolation?

  /// The limits that the flags name.
  var limits: SandboxLimits {
    var limits = SandboxLimits()
    limits.seconds = timeout
    limits.memory = memory << 20
    return limits
  }

  /// A sandbox for a language; says so where it holds nothing back.
  func sandbox(_ language: ProgrammingLanguage) throws -> Sandbox {
    if isolation == Isolation.none { Log.warning("without isolation a program can do all that you can") }
    return try Sandbox(language, limits: limits, isolation: isolation)
  }
}

extension Isolation: ExpressibleByArgument {}
