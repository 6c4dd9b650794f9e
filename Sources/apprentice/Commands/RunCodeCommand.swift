import ArgumentParser
import Documents
import Foundation
import Sandbox

/// `apprentice run-code`.
struct RunCodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-code",
    abstract: "Run a program that nobody trusts, with its tests.",
    discussion: """
      The program sees the system's interpreters and compilers and an empty folder: no network, no files of \
      yours, no other process. Tests of Python are assertions, unittest's classes or functions named test_…; \
      they see the program's names, or import them from 'solution', and run where the program can't reach \
      them. In other languages they follow the program in one file.

      The result is passed, failed, error, timed out, out of memory or killed; the exit status is 0 only for \
      passed.

      EXAMPLE:
        apprentice run-code solution.py --tests tests.py --timeout 3 --memory 512 --json
      """)

  @Argument(help: .init("The program; - is standard input.", valueName: "file"))
  var file: String

  @Option(
    help: .init(
      "python, swift, c, c++, javascript or bash. Default: what the file's name says, or python.", valueName: "name"))
  var language: String?

  @Option(help: .init("A YAML file that describes another language.", valueName: "file"))
  var languageFile: String?

  @Option(help: .init("The program's tests.", valueName: "file"))
  var tests: String?

  @Option(
    parsing: .upToNextOption,
    help: .init("Functions of the program that tests may call although Python has one of the name.", valueName: "name"))
  var entryPoint: [String] = []

  @OptionGroup var sandboxOptions: SandboxOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard language == nil || languageFile == nil else {
      throw ValidationError("--language and --language-file can't be had together.")
    }
    guard language == nil || known != nil else {
      let names = ProgrammingLanguage.builtIn.map(\.name)
      let near = language.flatMap { names.nearest(to: $0) }.map { " Did you mean '\($0)'?" } ?? ""
      throw ValidationError(
        "--language: there is no '\(language ?? "")', only \(names.joined(separator: ", ")).\(near)")
    }
  }

  private var known: ProgrammingLanguage? { ProgrammingLanguage.named(language ?? (file as NSString).pathExtension) }

  func run() throws {
    let spoken = try languageFile.map { try ProgrammingLanguage(contentsOf: $0) } ?? known ?? .python
    let program = SandboxedProgram(
      try FileContents.text(of: file), tests: try tests.map { try FileContents.text(of: $0) }, entryPoints: entryPoint,
      moduleName: ((file as NSString).lastPathComponent as NSString).deletingPathExtension)
    let result = try sandboxOptions.sandbox(spoken).run(program)
    output.show(
      [
        "result": .string(result.verdict.rawValue), "detail": .string(result.detail), "stdout": .string(result.output),
        "stderr": .string(result.errors), "seconds": .double(result.seconds),
      ], text: text(of: result))
    if !result.isPassed { throw ExitCode(1) }
  }

  /// What the program wrote, and what became of it.
  private func text(of result: RunResult) -> String {
    let ending = "\(result.verdict.rawValue) in \(String(format: "%.2f", result.seconds)) s"
    return [result.output, result.errors, result.detail.isEmpty ? ending : "\(ending): \(result.detail)"]
      .filter { !$0.isEmpty }.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }.joined(separator: "\n")
  }
}
