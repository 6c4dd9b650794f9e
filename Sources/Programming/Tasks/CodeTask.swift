import Foundation
public import Sandbox

/// A problem whose solutions are judged by running them.
public struct CodeTask: Sendable, Equatable {
  /// A set's way to put a prompt, a completion and tests together.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    /// HumanEval (Chen 2021): the program is prompt and completion, `check(entry_point)` follows the test.
    case humanEval = "humaneval"
    /// HumanEval+ as released (Liu 2023): inputs whose results the canonical solution gives.
    case humanEvalPlus = "humaneval+"
    /// MBPP (Austin 2021): the completion is the program, a list of assertions tests it.
    case mbpp
    /// MultiPL-E (Cassano 2022): prompt, completion and tests are one program of another language.
    case multiPLE = "multipl-e"
  }

  /// Its identifier, such as `HumanEval/0`.
  public var id: String
  /// The shape of its set.
  public var shape: Shape
  /// The language's name.
  public var language: String
  /// The text that a model goes on from.
  public var prompt: String
  /// The function that is asked for; empty where the set doesn't name it.
  public var entryPoint: String
  /// The authors' solution, as a completion; nil where the set has none.
  public var canonicalSolution: String?
  /// The tests as the set has them.
  public var tests: String
  /// Texts that end a completion.
  public var stops: [String]

  /// A problem.
  public init(
    id: String, shape: Shape = .humanEval, language: String = "python", prompt: String, entryPoint: String,
    canonicalSolution: String? = nil, tests: String, stops: [String]? = nil
  ) {
    self.id = id
    self.shape = shape
    self.language = language
    self.prompt = prompt
    self.entryPoint = entryPoint
    self.canonicalSolution = canonicalSolution
    self.tests = tests
    self.stops = stops ?? shape.stops
  }

  /// The program that grades a completion.
  ///
  /// What a HumanEval prompt defines besides the function that is asked for is trusted and runs with the tests: `poly` of
  /// HumanEval/32 judges a completion, so no completion may bring its own.
  public func program(completing completion: String) -> SandboxedProgram {
    switch shape {
    case .humanEval, .humanEvalPlus:
      SandboxedProgram(
        prompt + completion, tests: "\(tests)\ncheck(\(entryPoint))", preamble: prompt + "    pass\n",
        entryPoints: [entryPoint], keepsOutput: false)
    case .mbpp:
      SandboxedProgram(completion, tests: tests, entryPoints: calledNames, keepsOutput: false)
    case .multiPLE:
      SandboxedProgram(prompt + completion, tests: tests, keepsOutput: false)
    }
  }

  /// The function that a completion makes, as one text: a chat model's completion has it whole, docstring and all, behind the prompt.
  public func definition(completing completion: String) -> String {
    shape == .mbpp || !entryPoint.isEmpty && completion.contains("def \(entryPoint)")
      ? completion.trimmingCharacters(in: .newlines) + "\n" : prompt + completion
  }

  /// The program of the authors' solution; nil where there is none.
  public var canonicalProgram: SandboxedProgram? { canonicalSolution.map { program(completing: $0) } }

  /// The names that MBPP's assertions call: its functions may be named like built-in ones.
  private var calledNames: [String] {
    if !entryPoint.isEmpty { return [entryPoint] }
    return Set(tests.matches(of: /([A-Za-z_][A-Za-z_0-9]*)\(/).map { String($0.output.1) })
      .intersection(definedNames).sorted()
  }

  /// The functions and classes that the authors' solution defines.
  private var definedNames: Set<String> {
    Set(
      (canonicalSolution ?? "").matches(of: /(?m)^(?:def|class)\s+([A-Za-z_][A-Za-z_0-9]*)/).map { String($0.output.1) }
    )
  }
}

extension CodeTask.Shape {
  /// The texts at which a completion is cut.
  ///
  /// HumanEval's are the paper's (Chen 2021, section 3.2); decorators, special tokens and the fence of a code block were added
  /// by the harnesses that came after it. MBPP's are those of its zero-shot form.
  public var stops: [String] {
    switch self {
    case .humanEval, .humanEvalPlus: ["\nclass", "\ndef", "\n#", "\nif", "\nprint", "\n@", "<|", "\n```"]
    case .mbpp: ["\nclass", "\nassert", "\n\"\"\"", "\nprint", "\nif", "<|", "\n```"]
    case .multiPLE: ["\n}"]
    }
  }
}
