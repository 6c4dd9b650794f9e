package import Programming
import Statistics

/// A generated problem: a function with a docstring, its body, and tests that compare with it.
///
/// Two kinds, both of the paper's limits (Chen 2021, section 6): chains of building blocks on a text, and operations bound to variables.
package struct FunctionProblem {
  /// What decides which part of the data it may be in: the blocks in their order, or the operations bound to how many variables.
  package var template: String
  /// The number of blocks or of bound operations.
  package var size: Int
  /// Whether it is a chain of blocks.
  package var isChain: Bool
  /// Signature and docstring.
  package var prompt: String
  /// The body.
  package var solution: String
  /// The body with a mistake in one of its steps that is easily overlooked.
  package var buggySolution: String
  /// The function's name.
  package var name: String
  private var inputs: [String]

  /// Whether tuning never sees its template.
  ///
  /// Single blocks are always for tuning: nobody can chain what they never saw.
  package var isForTests: Bool {
    size > 1
      && template.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 40 & 3 == 0
  }

  /// As a task that is graded by running.
  package func task(id: String) -> CodeTask {
    CodeTask(
      id: id, prompt: prompt, entryPoint: name, canonicalSolution: solution,
      tests: """


        def check(candidate):
            space = {}
            exec(compile(\(Self.quoted(prompt + solution)), "reference", "exec"), space)
            for inputs in [\(inputs.map { "(\($0),)" }.joined(separator: ", "))]:
                assert candidate(*inputs) == space["\(name)"](*inputs)
        """)
  }

  /// Whether a docstring says what the function does: the same blocks in the same order, in any of their words, or the very words of
  /// operations that are bound to variables.
  package func isDescribed(by docstring: String) -> Bool {
    let said = docstring.replacing(/\s+/, with: " ")
    guard isChain else {
      return PythonDocstring(of: name, in: prompt)?.words == said
    }
    guard said.hasPrefix("Take the text s: "), said.hasSuffix(".") else { return false }
    var rest = said.dropFirst("Take the text s: ".count).dropLast()
    var names: [String] = []
    // Words of a block may have a comma in them: the longest that fits is taken.
    while !rest.isEmpty {
      let fitting = Self.blocks.flatMap { block in block.words.map { (block.name, $0) } }
        .filter { rest.hasPrefix($0.1) }.max { $0.1.count < $1.1.count }
      guard let (block, words) = fitting else { return false }
      names.append(block)
      rest = rest.dropFirst(words.count)
      for joint in [", and then ", ", "] where rest.hasPrefix(joint) {
        rest = rest.dropFirst(joint.count)
        break
      }
    }
    return names.joined(separator: " ") == template
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'").replacing("\n", with: "\\n") + "'"
  }

  // MARK: Chains of blocks

  private struct Block {
    var name: String
    /// What is done to the text s; one of these is drawn.
    var words: [String]
    var code: String
    /// The same with a mistake that is easily overlooked.
    var bug: String
  }

  private static let blocks: [Block] = [
    Block(
      name: "lower", words: ["convert it to lower case", "make all letters small"],
      code: "s = s.lower()",
      bug: "s = s[:1] + s[1:].lower()"),
    Block(
      name: "upper", words: ["convert it to upper case", "make all letters large"],
      code: "s = s.upper()",
      bug: "s = s[:1] + s[1:].upper()"),
    Block(
      name: "reverse", words: ["reverse it", "turn it around"],
      code: "s = s[::-1]",
      bug: "s = s[:0:-1]"),
    Block(
      name: "ends", words: ["drop the first and the last character", "cut off both ends"],
      code: "s = s[1:-1]",
      bug: "s = s[1:-2]"),
    Block(
      name: "half", words: ["drop the last half", "keep the first half"],
      code: "s = s[:len(s) // 2]",
      bug: "s = s[:len(s) // 2 + 1]"),
    Block(
      name: "third", words: ["remove every third character", "leave out each third character"],
      code: "s = ''.join(c for i, c in enumerate(s) if i % 3 != 2)",
      bug: "s = ''.join(c for i, c in enumerate(s) if i % 3 != 1)"),
    Block(
      name: "vowels", words: ["remove all vowels", "leave out the vowels"],
      code: "s = ''.join(c for c in s if c not in 'aeiouAEIOU')",
      bug: "s = ''.join(c for c in s if c not in 'aeio')"),
    Block(
      name: "dashes", words: ["replace spaces by dashes", "put a dash for each space"],
      code: "s = s.replace(' ', '-')",
      bug: "s = s.replace(' ', '-', 1)"),
    Block(
      name: "double", words: ["double every character", "write each character twice"],
      code: "s = ''.join(c + c for c in s)",
      bug: "s = ''.join(c + c for c in s[1:])"),
    Block(
      name: "words", words: ["reverse the order of the words", "put the last word first and so on"],
      code: "s = ' '.join(s.split()[::-1])",
      bug: "s = ' '.join(s.split()[:0:-1])"),
    Block(
      name: "apples", words: ["add the word apples after every word", "put apples behind each word"],
      code: "s = ' '.join(w + ' apples' for w in s.split())",
      bug: "s = ' apples '.join(w for w in s.split())"),
    Block(
      name: "initials", words: ["keep the first letter of every word", "reduce it to initials"],
      code: "s = ''.join(w[0] for w in s.split())",
      bug: "s = ''.join(w[-1] for w in s.split())"),
    Block(
      name: "long", words: ["keep the words of more than three letters", "leave out words of three letters or fewer"],
      code: "s = ' '.join(w for w in s.split() if len(w) > 3)",
      bug: "s = ' '.join(w for w in s.split() if len(w) >= 3)"),
    Block(
      name: "sort", words: ["sort its characters", "put the characters in order"],
      code: "s = ''.join(sorted(s))",
      bug: "s = ''.join(sorted(set(s)))"),
    Block(
      name: "title", words: ["capitalize every word", "begin each word with a capital"],
      code: "s = s.title()",
      bug: "s = s.capitalize()"),
    Block(
      name: "digits", words: ["remove all digits", "leave out the digits"],
      code: "s = ''.join(c for c in s if not c.isdigit())",
      bug: "s = ''.join(c for c in s if c != '1')"),
  ]
  private static let texts = [
    "'The quick brown fox'", "'abc 123 def'", "''", "'Hello, World'", "'a bb ccc dddd eeeee'", "'Never odd or even'",
  ]
  private static let names = [
    "transform", "convert", "change", "process", "rewrite", "edit", "f", "g", "clean", "prepare",
  ]

  /// A chain of so many blocks.
  static func chain(of size: Int, _ random: inout SeededGenerator) -> FunctionProblem {
    let chosen = blocks.shuffled(using: &random).prefix(size)
    let name = names[random.index(below: names.count)]
    let words = chosen.map { $0.words[random.index(below: $0.words.count)] }
    let before = words.dropLast().joined(separator: ", ")
    var wrong = chosen.map(\.code)
    let place = random.index(below: size)
    wrong[place] = chosen[place].bug
    let text = before.isEmpty ? words[0] : "\(before), and then \(words[size - 1])"
    return FunctionProblem(
      template: chosen.map(\.name).joined(separator: " "), size: size, isChain: true,
      prompt: "def \(name)(s):\n    \"\"\"Take the text s: \(text).\"\"\"\n",
      solution: Self.body(chosen.map(\.code)), buggySolution: Self.body(wrong), name: name, inputs: texts)
  }

  private static func body(_ lines: [String]) -> String {
    (lines + ["return s"]).map { "    \($0)\n" }.joined()
  }

  // MARK: Operations bound to variables

  private static let operations: [(name: String, words: String, sign: String)] = [
    ("add", "add % to $", "+"), ("subtract", "subtract % from $", "-"), ("multiply", "multiply $ by %", "*"),
  ]

  /// Four variables, to so many of which something is done.
  static func bound(_ size: Int, _ random: inout SeededGenerator) -> FunctionProblem {
    let variables = ["x", "y", "z", "w"]
    let chosen = variables.shuffled(using: &random).prefix(size)
    let name = names[random.index(below: names.count)]
    var (words, code, kinds) = ([String](), "", [String]())
    for variable in chosen {
      let operation = operations[random.index(below: operations.count)]
      let number = "\(2 + random.index(below: 8))"
      words.append(operation.words.replacing("%", with: number).replacing("$", with: variable))
      code += "    \(variable) = \(variable) \(operation.sign) \(number)\n"
      kinds.append("\(operation.name) \(variable)")
    }
    let isSum = random.index(below: 2) == 0
    let inputs = (0..<5).map { _ in (0..<4).map { _ in "\(random.index(below: 19) - 9)" }.joined(separator: ", ") }
    let end = "    return \(variables.joined(separator: isSum ? " + " : " * "))\n"
    // The last one's step goes to another variable.
    let other = variables.first { $0 != chosen[size - 1] } ?? ""
    let lines = code.split(separator: "\n")
    let wrong =
      lines.dropLast().map { "\($0)\n" }.joined()
      + (lines.last?.replacing("    \(chosen[size - 1]) =", with: "    \(other) =") ?? "") + "\n"
    return FunctionProblem(
      template: kinds.joined(separator: " ") + (isSum ? " sum" : " product"), size: size, isChain: false,
      prompt: "def \(name)(x, y, z, w):\n    \"\"\"\(words.joined(separator: ", then ")); return the "
        + "\(isSum ? "sum" : "product") of the four numbers.\"\"\"\n",
      solution: code + end, buggySolution: wrong + end, name: name, inputs: inputs)
  }

  // MARK: Files

  /// A file of some functions, of which the last one is asked for: what stands before it, with mistakes or without.
  package static func context(_ functions: some Sequence<FunctionProblem>, buggy: Bool) -> String {
    functions.map { $0.prompt + (buggy ? $0.buggySolution : $0.solution) + "\n\n" }.joined()
  }

  /// This problem at the end of a file that begins with a text.
  package func task(id: String, after context: String) -> CodeTask {
    var task = task(id: id)
    task.prompt = context + task.prompt
    return task
  }

  // MARK: Sets

  /// Problems of one part of the data, half of them chains, their sizes in turns.
  package static func drawn(_ count: Int, sizes: ClosedRange<Int>, forTests: Bool, seed: UInt64) -> [FunctionProblem] {
    var random = SeededGenerator(seed: seed)
    var made: [FunctionProblem] = []
    var seen: Set<String> = []
    while made.count < count {
      let size = sizes.lowerBound + made.count / 2 % sizes.count
      let problem = made.count % 2 == 0 ? chain(of: size, &random) : bound(min(size, 4), &random)
      guard problem.isForTests == forTests else { continue }
      // Problems of tests differ in template; tuning may see the same one more than once.
      guard !forTests || seen.insert(problem.template).inserted else { continue }
      made.append(problem)
    }
    return made
  }
}
