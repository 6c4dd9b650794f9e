extension ProgrammingLanguage {
  /// The languages that need no file.
  public static let builtIn: [ProgrammingLanguage] = [.python, .swift, .c, .cPlusPlus, .javaScript, .bash]

  /// Python 3.
  public static let python = ProgrammingLanguage(
    "python", aliases: ["python3", "py"], fileExtension: "py", programs: ["python3"],
    // Not '-I', which passes over the environment.
    run: ["{program}", "-s", "-B", "{source}"], assertions: ["AssertionError"],
    memoryErrors: ["MemoryError", "[Errno 12]"],
    // Sets of strings have the same order each time, so a program has the same verdict each time.
    environment: ["PYTHONHASHSEED": "0"])

  /// Swift, without optimization: programs are short and compiling is long.
  public static let swift = ProgrammingLanguage(
    "swift", fileExtension: "swift", programs: ["swiftc"],
    compile: ["{program}", "-Onone", "-module-cache-path", "/tmp/modules", "{source}", "-o", "{binary}"],
    run: ["{binary}"],
    epilogue: "import Foundation\nFileHandle(fileDescriptor: 3).write(Data(\"{token}\".utf8))",
    assertions: ["Assertion failed", "Fatal error: Assertion", "Precondition failed"], limitsAddresses: false)

  /// C, as the system's compiler has it.
  public static let c = ProgrammingLanguage(
    "c", fileExtension: "c", programs: ["gcc", "clang", "cc"],
    compile: ["{program}", "-O1", "-w", "{source}", "-o", "{binary}", "-lm"], testWords: wrap, run: ["{binary}"],
    epilogue: mainEpilogue(""), assertions: ["Assertion"])

  /// C++20.
  public static let cPlusPlus = ProgrammingLanguage(
    "c++", aliases: ["cpp", "cxx"], fileExtension: "cpp", programs: ["g++", "clang++", "c++"],
    compile: ["{program}", "-std=c++20", "-O1", "-w", "{source}", "-o", "{binary}"], testWords: wrap, run: ["{binary}"],
    epilogue: mainEpilogue("extern \"C\" "), assertions: ["Assertion"],
    memoryErrors: ["std::bad_alloc"])

  /// JavaScript by Node.
  public static let javaScript = ProgrammingLanguage(
    "javascript", aliases: ["node"], fileExtension: "js", programs: ["node", "nodejs"],
    run: ["{program}", "--max-old-space-size={memory}", "{source}"],
    epilogue: ";require('fs').writeSync(3, '{token}');", assertions: ["AssertionError", "Assertion failed"],
    memoryErrors: ["heap out of memory", "Array buffer allocation failed"], limitsAddresses: false)

  /// Bash, whose tests fail by their exit status.
  public static let bash = ProgrammingLanguage(
    "bash", aliases: ["shell"], fileExtension: "sh", programs: ["bash"], epilogue: "printf %s '{token}' >&3",
    memoryErrors: ["cannot allocate"], failsByStatus: true)

  // The linker puts our `main` in front of the tests' one, so that something can follow its return, which `exit(0)` skips.
  private static let wrap = ["-Wl,--wrap=main"]

  private static func mainEpilogue(_ linkage: String) -> String {
    """
    \(linkage)long write(int, const void *, unsigned long);
    \(linkage)int __real_main(int, char **);
    \(linkage)int __wrap_main(int count, char **words) {
      int status = __real_main(count, words);
      if (status == 0) { write(3, "{token}", sizeof("{token}") - 1); }
      return status;
    }
    """
  }
}
