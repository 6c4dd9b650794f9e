import Documents
import Foundation
import Sandbox
import TestSupport
import Testing

/// What a run says of programs that mean no harm.
@Suite("Runs", .needsSandbox)
struct RunTests {
  @Test("Python without tests: its status, output and errors")
  func python() throws {
    let good = try run("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    #expect(good.verdict == .passed && good.output == "out\n" && good.errors == "err\n" && good.seconds > 0)
    #expect(try run("import sys; sys.exit(0)").isPassed)
    let status = try run("import sys; sys.exit(3)")
    #expect(status.verdict == .error && status.detail.contains("exit status 3"), "\(status)")
    let failed = try run("assert 1 == 2, 'one is not two'")
    #expect(failed.verdict == .failed && failed.detail == "AssertionError: one is not two", "\(failed)")
    let broken = try run("print(undefined)")
    #expect(
      broken.verdict == .error && broken.detail.hasPrefix("NameError: name 'undefined' is not defined"), "\(broken)")
    #expect(try run("if __name__ == '__main__': print(input())").detail.contains("EOFError"))
    let silent = try run("print('x' * 5_000_000)", keepsOutput: false)
    #expect(silent.isPassed && silent.output.isEmpty, "\(silent.verdict)")
  }

  @Test("Python's tests: the assertion that failed, where, and what the program gave")
  func details() throws {
    let failed = try run("def f(x): return x + 1", tests: "assert f(1) == 2\n\nassert f([2][0]) == 4, 'no'")
    #expect(
      failed.verdict == .failed
        && failed.detail
          == "AssertionError: no at line 3 of the tests: assert f([2][0]) == 4, 'no' (the last call, of 2, gave 3)",
      "\(failed.detail)")
    let thrown = try run("def f(x):\n  return {}[x]", tests: "f(7)")
    #expect(
      thrown.verdict == .error && thrown.detail == "KeyError: 7 at line 1 of the tests: f(7) (line 2 of the program)",
      "\(thrown.detail)")
    #expect(try run("def f(x): assert x > 3, 'small'", tests: "f(1)").verdict == .failed)
    #expect(try run("x = ", tests: "pass").detail.hasPrefix("SyntaxError"))
    let missing = try run("y = 1", tests: "assert f() == 1")
    #expect(missing.verdict == .error && missing.detail.contains("name 'f' is not defined"), "\(missing)")
    // An evaluator that lets programs read nothing at all would count this as right.
    #expect(
      try run("import sys\ndef f(): return sys.stdin.read()", tests: "f()").detail.hasPrefix(
        "OSError: there is no input"))
    let printed = try run("def f():\n  print('shown')\n  return 1", tests: "assert f() == 1")
    #expect(printed.isPassed && printed.output == "shown\n")
  }

  @Test(
    "what tests do with a program reaches it and comes back",
    arguments: [
      ("def f(xs): xs.sort(); xs.append(9)", "xs = [3, 1]\nassert f(xs) is None\nassert xs == [1, 3, 9]"),
      ("def f(d): d['k'] = {'n': (1, [2])}", "d = {}\nf(d)\nassert d == {'k': {'n': (1, [2])}}"),
      ("def f(t): t[0].append(1)", "t = ([],)\nf(t)\nassert t == ([1],)"),
      (
        "def f(x): return x",
        "for x in [1, -2**70, 0.1, float('inf'), 'ä\\0\\ud800', b'\\xff', None, True, 1+2j, [1, [2]], (1,), {1: 'a', (1, 2): {3}}, {1, 2}, frozenset([1]), range(3), ...]:\n  y = f(x)\n  assert type(y) is type(x) and y == x"
      ),
      (
        "def f(x): return x",
        "from decimal import Decimal\nfrom fractions import Fraction\nfrom collections import deque\nimport datetime\nfor x in [Decimal('1.10'), Fraction(1, 3), deque([1, 2]), datetime.date(2020, 2, 29), datetime.timedelta(1, 2, 3)]:\n  assert f(x) == x and type(f(x)) is type(x)"
      ),
      (
        "def f(x):\n  if x: raise ValueError('bad', x)",
        "f(0)\ntry:\n  f(5)\n  assert False\nexcept ValueError as e:\n  assert e.args == ('bad', 5) and str(e) == \"('bad', 5)\""
      ),
      (
        "class Odd(KeyError): pass\ndef f(): raise Odd('x')",
        "try:\n  f()\n  assert False\nexcept Odd as e:\n  assert isinstance(e, KeyError) and e.args == ('x',)"
      ),
      (
        "class Pair:\n  def __init__(self, a, b): self.a, self.b = a, b\ndef best(ps): return max(ps, key=lambda p: p.b - p.a)",
        "p, q = Pair(1, 2), Pair(5, 9)\nassert best([p, q]) is q and best([p, q]).b == 9 and q != p\nq.b = 0\nassert best([p, q]) is p"
      ),
      (
        "class Stack:\n  def __init__(self): self.items = []\n  def push(self, x): self.items.append(x); return self\n  def __len__(self): return len(self.items)\n  def __getitem__(self, i): return self.items[i]\n  def __str__(self): return 'Stack'",
        "s = Stack().push(1).push(2)\nassert len(s) == 2 and s[1] == 2 and str(s) == 'Stack' and s and s.items == [1, 2]"
      ),
      (
        "def f(n):\n  i = 0\n  while True:\n    yield i; i += n",
        "g = f(3)\nassert [next(g) for _ in range(4)] == [0, 3, 6, 9] and next(iter(g)) == 12"
      ),
      (
        "def f(g, xs): return [g(x) for x in xs]",
        "seen = []\ndef double(x):\n  seen.append(x)\n  return x * 2\nassert f(double, [1, 2]) == [2, 4] and seen == [1, 2]\nassert f(len, ['a', 'bc']) == [1, 2] and f(str, [1]) == ['1']"
      ),
      ("def make(n): return lambda x: x + n", "assert make(3)(4) == 7"),
      (
        "import math\nfrom collections import Counter, namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2), Counter('aab')",
        "assert f() == ((1, 2), {'a': 2, 'b': 1}) and math.pi > 3"
      ),
      ("def f(a, b=2, *c, d=4, **e): return [a, b, c, d, e]", "assert f(1, d=5, z=6) == [1, 2, (), 5, {'z': 6}]"),
      ("CONSTANT = 5\ndef f(): global CONSTANT; CONSTANT += 1", "assert CONSTANT == 5\nf()\nassert CONSTANT == 6"),
      (
        "def f(x): return x",
        "from solution import f as g\nimport solution\nassert g(1) == solution.f(1) == 1\nfrom solution import *\nassert f(2) == 2"
      ),
      (
        "def f(x): return x",
        "import unittest\nclass T(unittest.TestCase):\n  @classmethod\n  def setUpClass(cls): cls.x = 3\n  def test_f(self):\n    self.assertEqual(f(self.x), 3)\n    with self.assertRaises(TypeError): f()\nif __name__ == '__main__': unittest.main()"
      ),
      (
        "class E(Exception): pass\ndef f(): raise E",
        "import unittest\nclass T(unittest.TestCase):\n  def test_f(self):\n    with self.assertRaises(E): f()"
      ),
      (
        "import functools\n@functools.lru_cache(None)\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)",
        "assert f(90) == 2880067194370816120"
      ),
      ("def sum(a, b): return a + b", "assert total(2, 3) == 5\ntotal = None"),
    ])
  func fidelity(_ source: String, _ tests: String) throws {
    // The last one shows that a test which needs a name that isn't there is no pass.
    let result = try run(source, tests: tests)
    #expect(result.isPassed == !tests.hasPrefix("assert total"), "\(source): \(result.detail)")
  }

  @Test("sets of words have the same order each time, so verdicts are the same each time")
  func determinism() throws {
    let source = "print(list({str(i) for i in range(50)}))\ndef f(): return list({str(i) for i in range(50)})"
    let outputs = try (0..<2).map { _ in try run(source).output }
    #expect(outputs[0] == outputs[1])
    let refereed = try (0..<2).map { _ in try run(source, tests: "print(f())").output }
    #expect(refereed[0] == refereed[1] && refereed[0].contains(outputs[0].dropLast(1)))
  }

  @Test("a function named like a built-in one is the tests' only where they say so")
  func entryPoints() throws {
    let source = "def sum(a, b): return a + b"
    #expect(try run(source, tests: "assert sum(2, 3) == 5", entryPoints: ["sum"]).isPassed)
    #expect(!(try run(source, tests: "assert sum(2, 3) == 5")).isPassed)
  }

  @Test("tests that fail in each of a test runner's ways")
  func runners() throws {
    let source = "def f(x): return x"
    for tests in [
      "import unittest\nclass T(unittest.TestCase):\n  def test_f(self): self.assertEqual(f(1), 2)",
      "def test_f():\n  assert f(1) == 2",
      "import unittest\nclass T(unittest.TestCase):\n  def test_f(self): self.assertIn(f(1), [2])\nunittest.main()",
    ] {
      let result = try run(source, tests: tests)
      #expect(result.verdict == .failed, "\(tests): \(result)")
    }
  }

  @Test("what is given to a result as JSON has exactly the five keys")
  func json() throws {
    let value = try JSONValue(encoding: RunResult(.timedOut, detail: "d", output: "o", errors: "e", seconds: 1.5))
    #expect(
      value == ["result": "timed out", "detail": "d", "stdout": "o", "stderr": "e", "seconds": 1.5])
    #expect(
      RunResult.Verdict.allCases.map(\.rawValue) == [
        "passed", "failed", "error", "timed out", "out of memory", "killed",
      ])
  }

  @Test("limits that leave nothing to run with are refused")
  func badLimits() {
    for change: (inout SandboxLimits) -> Void in [
      { $0.seconds = 0 }, { $0.seconds = .nan }, { $0.memory = 1 }, { $0.processes = 0 }, { $0.scratchSize = 0 },
      { $0.openFiles = 1 },
    ] {
      #expect(throws: SandboxError.self) { try run("", change) }
    }
  }
}

/// The same for languages other than Python, where they are installed.
@Suite("Languages", .needsSandbox)
struct LanguageTests {
  private static let solutions: [(ProgrammingLanguage, right: String, wrong: String, tests: String, broken: String)] = [
    (
      .c, "#include <assert.h>\nint add(int a, int b) { return a + b; }",
      "#include <assert.h>\nint add(int a, int b) { return a - b; }",
      "int main(void) { assert(add(2, 3) == 5); return 0; }",
      "int add(int a, int b) { return a + }"
    ),
    (
      .cPlusPlus, "#include <cassert>\n#include <vector>\nlong add(long a, long b) { return a + b; }",
      "#include <cassert>\nlong add(long a, long b) { return 0; }", "int main() { assert(add(2, 3) == 5); }",
      "long add(long a { }"
    ),
    (
      .javaScript, "function add(a, b) { return a + b }", "function add(a, b) { return a }",
      "const assert = require('node:assert'); assert.deepEqual(add(2, 3), 5)", "function add(a, {"
    ),
    (.bash, "add() { echo $(($1 + $2)); }", "add() { echo 0; }", "[[ $(add 2 3) = 5 ]] || exit 1", "add() { ("),
    (
      .swift, "func add(_ a: Int, _ b: Int) -> Int { a + b }", "func add(_ a: Int, _ b: Int) -> Int { a }",
      "assert(add(2, 3) == 5)", "func add(_ a: Int) -> Int { \"a\" }"
    ),
  ]

  @Test("right, wrong and broken programs of each", arguments: solutions.indices)
  func verdicts(_ place: Int) throws {
    let (language, right, wrong, tests, broken) = Self.solutions[place]
    // What isn't installed is told by the test of languages below.
    guard (try? Sandbox(language)) != nil else { return }
    let good = try run(right, tests: tests, in: language) { $0.seconds = 20 }
    #expect(good.isPassed, "\(language.name): \(good)")
    let bad = try run(wrong, tests: tests, in: language) { $0.seconds = 20 }
    #expect(bad.verdict == .failed && !bad.detail.isEmpty, "\(language.name): \(bad)")
    let worse = try run(broken, tests: tests, in: language) { $0.seconds = 20 }
    #expect([.error, .failed].contains(worse.verdict) && !worse.isPassed, "\(language.name): \(worse)")
    #expect(language.compile.isEmpty || worse.detail.contains("can't be compiled"), "\(worse)")
  }

  @Test("names, aliases and endings")
  func names() {
    #expect(ProgrammingLanguage.named("cpp") == .cPlusPlus && ProgrammingLanguage.named("Python3") == .python)
    #expect(ProgrammingLanguage.named("js") == .javaScript && ProgrammingLanguage.named("cobol") == nil)
  }

  @Test("a language of a file: its own interpreter, marks and limits")
  func file() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "awk.yaml",
      """
      name: awk
      extension: awk
      program: awk
      run: ["{program}", "-f", "{source}"]
      assertions: ["wrong:"]
      """)
    let language = try ProgrammingLanguage(contentsOf: path)
    #expect(language.fileExtension == "awk" && language.limitsAddresses)
    if (try? Sandbox(language)) != nil {
      #expect(try run("BEGIN { print 6 * 7 }", in: language).output == "42\n")
      let failed = try run("BEGIN { print \"wrong: it\" > \"/dev/stderr\"; exit 1 }", in: language)
      #expect(failed.verdict == .failed && failed.detail == "wrong: it", "\(failed)")
    }
    for (text, words) in [
      ("name: x\nprogram: y\nrunn: [a]", "'run'"), ("name: x", "program"), ("program: y", "\"name\""),
      ("name: x\nprogram: y\nrun: 5", "list"), ("name: x\nprogram: y\nfolders: [home]", "absolute"),
      ("name: x\nprogram: y\nlimits_addresses: maybe", "true or false"),
    ] {
      let bad = try folder.write("bad.yaml", text)
      let error = #expect(throws: DataError.self) { try ProgrammingLanguage(contentsOf: bad) }
      #expect(error?.description.contains(words) == true && error?.line != nil, "\(text): \(String(describing: error))")
    }
  }

  @Test("a language that isn't installed is named")
  func missing() {
    let language = ProgrammingLanguage("loglan", fileExtension: "lo", programs: ["no-such-loglan"])
    let error = #expect(throws: SandboxError.self) { try Sandbox(language) }
    #expect(error?.description.contains("no-such-loglan") == true && error?.exitStatus == .unavailable)
  }
}
