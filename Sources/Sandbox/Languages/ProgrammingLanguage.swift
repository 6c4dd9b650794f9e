/// A way to compile and run programs of one language.
///
/// In the words of commands `{program}` stands for the first of the ``programs``, `{source}` for the program's file and
/// `{binary}` for what the compiler makes; `{memory}` is the limit in MiB.
public struct ProgrammingLanguage: Sendable, Codable, Equatable {
  /// Its name on the command line.
  public var name: String
  /// Other names for it.
  public var aliases: [String]
  /// The ending of its files' names, without the dot.
  public var fileExtension: String
  /// The programs of which one must be installed: names, or absolute paths.
  public var programs: [String]
  /// The compiler's command; none where programs are interpreted.
  public var compile: [String]
  /// Further words of the compiler's command for a program with tests.
  public var testWords: [String]
  /// The command that runs a program.
  public var run: [String]
  /// Text behind the tests that writes `{token}` to descriptor 3, so that a program which ends early has not passed; empty
  /// where the language has no way to.
  public var epilogue: String
  /// Words of the line on standard error by which a failed assertion is known.
  public var assertions: [String]
  /// Words on standard error by which a want of memory is known.
  public var memoryErrors: [String]
  /// Further folders that it reads.
  public var folders: [String]
  /// Environment variables.
  public var environment: [String: String]
  /// Whether memory can be limited by addresses; engines that reserve far more than they use can't.
  public var limitsAddresses: Bool
  /// Whether any exit status but 0 means that a test failed.
  public var failsByStatus: Bool

  /// A language that is interpreted, until told otherwise.
  public init(
    _ name: String, aliases: [String] = [], fileExtension: String, programs: [String], compile: [String] = [],
    testWords: [String] = [], run: [String] = ["{program}", "{source}"], epilogue: String = "",
    assertions: [String] = [],
    memoryErrors: [String] = [], folders: [String] = [], environment: [String: String] = [:],
    limitsAddresses: Bool = true, failsByStatus: Bool = false
  ) {
    self.name = name
    self.aliases = aliases
    self.fileExtension = fileExtension
    self.programs = programs
    self.compile = compile
    self.testWords = testWords
    self.run = run
    self.epilogue = epilogue
    self.assertions = assertions
    self.memoryErrors = memoryErrors
    self.folders = folders
    self.environment = environment
    self.limitsAddresses = limitsAddresses
    self.failsByStatus = failsByStatus
  }

  /// The language of a name or alias, or of a file's ending; nil where none here has it.
  public static func named(_ name: String) -> ProgrammingLanguage? {
    let name = name.lowercased()
    return builtIn.first { $0.name == name || $0.aliases.contains(name) || $0.fileExtension == name }
  }

  /// A program with its tests as one text, and the token that shows that the text ran to its end.
  func text(of program: SandboxedProgram, token: String) -> String {
    guard let tests = program.tests else { return program.source }
    let parts = [program.source, tests, epilogue.replacing("{token}", with: token)]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }
}
