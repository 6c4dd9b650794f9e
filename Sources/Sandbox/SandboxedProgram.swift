/// A program that nobody trusts, and the tests that it is put to.
public struct SandboxedProgram: Sendable, Codable, Equatable {
  /// The text of the program.
  public var source: String
  /// The text of its tests, which are trusted; nil runs the program alone.
  ///
  /// In Python they run in a process of their own, where the program's names are at hand and the program can't reach; in other
  /// languages they follow the program in one file.
  public var tests: String?
  /// Trusted text that tests may count on, such as the helpers in a task's prompt; of Python only.
  public var preamble: String?
  /// The names that tests call, which may be those of built-in functions; of Python only.
  public var entryPoints: [String]
  /// The name under which tests can import the program, besides `solution`; of Python only.
  public var moduleName: String?
  /// Whether what it writes is wanted; what isn't wanted has no limit.
  public var keepsOutput: Bool

  /// A program.
  public init(
    _ source: String, tests: String? = nil, preamble: String? = nil, entryPoints: [String] = [],
    moduleName: String? = nil, keepsOutput: Bool = true
  ) {
    self.source = source
    self.tests = tests
    self.preamble = preamble
    self.entryPoints = entryPoints
    self.moduleName = moduleName
    self.keepsOutput = keepsOutput
  }
}
