import Expressions
import Foundation
import Statistics
import Testing

/// Each dialect against the engine that it is for: what it prints must mean there what it means here.
@Suite struct DialectTests {
  static let expressions = [
    "a|bc|", "(?:ab)*c?", "[^0-9]+x{2,4}", "\\.\\*\\?\\(\\)", "[\\]\\-\\^\\\\]+", "[\\[\\^]", "[\\^\\-]x", "[\\^\\]]",
    "[\\-a]",
    "[^\\]\\[\\-]{2}", "[\\[\\-]", ".{2}", "\\t[^\\[]?", "é+ü?", "[а-яё]+", "/[a-z]+/?", "[!-/]+", "[\\[-`]{1,2}",
    "\\x{301}?e", "[\\x{200b}\\x{a0}]?b", "\\x{1f600}{2}", "(?:[0-9]{1,3}\\.){3}[0-9]{1,3}", "[^\\x{e9}]",
  ]

  /// Strings near what the expressions match, without newlines, since some engines read lines.
  static let strings: [String] = {
    var generator = SeededGenerator(seed: 12)
    var strings = expressions.flatMap { text -> [String] in
      guard let expression = try? RegularExpression(parsing: text) else { return [] }
      return (0..<12).compactMap { _ in expression.sample(using: &generator) }
    }
    let alphabet = "ab]^-[\\x.*é/я09!`\u{301}\u{200B}\t😀".unicodeScalars.map { $0 }
    for _ in 0..<300 {
      var string = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<4, using: &generator) {
        string.append(alphabet.randomElement(using: &generator) ?? "a")
      }
      strings.append(String(string))
    }
    return strings.filter { !$0.contains("\n") && !$0.contains("\r\n") }
  }()

  private func truth(_ text: String) throws -> [Bool] {
    let automaton = PositionAutomaton(try RegularExpression(parsing: text))
    return Self.strings.map { automaton.accepts($0) }
  }

  @Test(arguments: expressions) func perl(_ text: String) throws {
    let pattern = try PCREPattern(try RegularExpression(parsing: text).written(for: .pcre))
    #expect(try Self.strings.map { try pattern.matches($0) } == truth(text), "\(text)")
  }

  @Test(arguments: expressions) func swift(_ text: String) throws {
    let expected = try truth(text)
    let regex = try Regex(try RegularExpression(parsing: text).written(for: .swift)).matchingSemantics(.unicodeScalar)
    for (string, isMember) in zip(Self.strings, expected) {
      #expect((try regex.wholeMatch(in: string) != nil) == isMember, "\(text) on \(string.debugDescription)")
    }
  }

  @Test(.enabled(if: Engine.python.isThere, "there is no python3")) func python() throws {
    try agrees(.python, .python)
  }

  @Test(.enabled(if: Engine.node.isThere, "there is no node")) func javascript() throws {
    try agrees(.node, .javascript)
  }

  @Test(.enabled(if: Engine.grep.isThere, "there is no grep")) func posix() throws {
    // What a range beyond ASCII holds, POSIX leaves to the locale.
    for text in Self.expressions where text != "[а-яё]+" {
      let expression = try RegularExpression(parsing: text)
      let strings = Self.strings.filter { !$0.isEmpty }
      let automaton = PositionAutomaton(expression)
      let lines = try Engine.grep.run(
        ["-anxE", "-e", expression.written(for: .posix)], input: strings.joined(separator: "\n") + "\n",
        environment: ["LC_ALL": "C.UTF-8"])
      // By bytes: a line may begin with an accent, which would belong to the colon.
      let matched = Set(
        lines.utf8.split(separator: UInt8(ascii: "\n")).compactMap {
          Int(Substring($0.prefix { $0 != UInt8(ascii: ":") }))
        })
      for (place, string) in strings.enumerated() {
        let isMember = automaton.accepts(string)
        #expect(
          matched.contains(place + 1) == isMember,
          "\(text) as \(expression.written(for: .posix)) on \(string.debugDescription)")
      }
    }
  }

  /// Asks an engine, all expressions and strings at once as JSON.
  private func agrees(_ engine: Engine, _ dialect: RegularExpressionDialect) throws {
    let written = try Self.expressions.map { try RegularExpression(parsing: $0).written(for: dialect) }
    let input = try JSONSerialization.data(withJSONObject: ["expressions": written, "strings": Self.strings])
    let output = try engine.run(
      ["-", engine.program].compactMap { $0 == "-" ? engine.flag : $0 }, input: String(decoding: input, as: UTF8.self))
    let answers = try #require(
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[Bool]], "\(output.prefix(300))")
    for (place, text) in Self.expressions.enumerated() {
      #expect(answers[place] == (try truth(text)), "\(text) as \(written[place])")
    }
  }
}

/// A program at hand that matches expressions.
struct Engine {
  var name: String
  var flag = ""
  var program = ""

  static let python = Engine(
    name: "python3", flag: "-c",
    program: """
      import json, re, sys
      d = json.load(sys.stdin)
      print(json.dumps([[bool(re.compile(e).fullmatch(s)) for s in d["strings"]] for e in d["expressions"]]))
      """)
  static let node = Engine(
    name: "node", flag: "-e",
    program: """
      const d = JSON.parse(require("fs").readFileSync(0, "utf8"));
      console.log(JSON.stringify(d.expressions.map(e => d.strings.map(s => new RegExp("^(?:" + e + ")$", "u").test(s)))));
      """)
  static let grep = Engine(name: "grep")

  private var path: String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  var isThere: Bool { path != nil }

  func run(_ arguments: [String], input: String, environment: [String: String] = [:]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "/")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // A file, not a pipe: neither side then waits for the other.
    let file = FileManager.default.temporaryDirectory.appending(path: "dialect-\(UUID().uuidString)")
    try Data(input.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
