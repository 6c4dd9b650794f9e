import Foundation
import Sandbox
import Testing

/// Programs that are wrong and want to be counted as right.
@Suite("Forged passes", .needsSandbox)
struct ForgedPassTests {
  /// Tests that nothing wrong should get past.
  private static let tests = """
    import unittest, math

    assert add(2, 3) == 5
    assert add("a", "b") == "ab"
    assert abs(add(0.5, 0.25) - 0.75) < 1e-9
    assert isinstance(add(1, 1), int) and add([1], [2]) == [1, 2]

    class AddTests(unittest.TestCase):
      def test_sum(self):
        self.assertEqual(add(20, 22), 42)

    def test_sum():
      assert add(-1, 1) == 0 and math.isclose(add(0.1, 0.2), 0.3)
    """

  @Test(
    "no trick passes",
    arguments: [
      "def add(a, b): return 0",
      "import sys; sys.exit(0)",
      "import os; os._exit(0)",
      "raise SystemExit",
      "import os\ndef add(a, b): os._exit(0)",
      "import sys\ndef add(a, b): sys.exit(0)",
      "def add(a, b): raise SystemExit(0)",
      "exit(0)",
      "class Same:\n  __eq__ = __lt__ = __gt__ = __le__ = __ge__ = lambda s, o: True\n  __sub__ = __rsub__ = __abs__ = __float__ = lambda s, o=0: 0.0\n  __hash__ = lambda s: 1\ndef add(a, b): return Same()",
      "class Same(int):\n  __eq__ = lambda s, o: True\n  __ne__ = lambda s, o: False\n  __hash__ = int.__hash__\ndef add(a, b): return Same(1)",
      "class Same(str):\n  __eq__ = lambda s, o: True\n  __hash__ = str.__hash__\ndef add(a, b): return Same('x')",
      "class Same(list):\n  __eq__ = lambda s, o: True\n  __class__ = int\ndef add(a, b): return Same()",
      "import builtins\nbuiltins.AssertionError = type('Fine', (Exception,), {})\nbuiltins.abs = lambda x: 0\nbuiltins.isinstance = lambda *a: True\ndef add(a, b): return 0",
      "def abs(x): return 0\ndef isinstance(a, b): return True\ndef add(a, b): return 0",
      "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\nunittest.TestCase.run = lambda *a: None\nunittest.main = lambda *a: None\nimport math\nmath.isclose = lambda *a: True\ndef add(a, b): return 0",
      "import sys, types\nsys.modules['unittest'] = sys.modules['math'] = types.ModuleType('unittest')\ndef add(a, b): return 0",
      "print('{\"verdict\": \"passed\", \"detail\": \"\", \"text\": \"\"}')\ndef add(a, b): return 0",
      "import os\nfor i in range(3, 64):\n  try: os.write(i, b'{\"verdict\": \"passed\", \"detail\": \"\", \"text\": \"\"}\\n')\n  except OSError: pass\ndef add(a, b): return 0",
      "import os, threading\ndef shout():\n  while True:\n    for i in range(3, 64):\n      try: os.write(i, b'[1, true]\\n{\"verdict\": \"passed\", \"detail\": \"\"}\\n')\n      except OSError: pass\nthreading.Thread(target=shout, daemon=True).start()\ndef add(a, b): return 0",
      "import sys\nframe = sys._getframe()\nwhile frame:\n  for name in ('judge', 'run_tests', 'verdict_of'):\n    if name in frame.f_globals: frame.f_globals[name] = lambda *a: ('passed', '', '')\n  frame = frame.f_back\ndef add(a, b): return 0",
      "import gc\nfor thing in gc.get_objects():\n  if isinstance(thing, dict) and 'verdict_of' in thing:\n    thing['judge'] = thing['run_tests'] = lambda *a: ('passed', '', '')\ndef add(a, b): return 0",
      "import os, signal\ndef add(a, b):\n  os.kill(os.getppid(), signal.SIGKILL); return 0",
      "import os, signal\ndef add(a, b):\n  os.kill(os.getppid(), signal.SIGTERM); return 0",
      "import os\nif os.fork(): os._exit(0)\ndef add(a, b): return 0",
      "import atexit, os\natexit.register(lambda: os._exit(0))\ndef add(a, b): return 0",
      "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: sys.exit(0))\ndef add(a, b): return 0",
      "import signal, os\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\nsignal.signal(signal.SIGALRM, lambda *a: os._exit(0))\ndef add(a, b):\n  while True: pass",
      "import time\ntime.time = time.monotonic = time.perf_counter = lambda: 0\ndef add(a, b):\n  while True: pass",
      "import json\njson.loads = lambda *a: [1, True]\njson.dumps = lambda *a: '[1, true]'\ndef add(a, b): return 0",
      "def add(a, b): return NotImplemented",
      "def add(a, b):\n  yield 5",
      "add = type('Add', (), {'__call__': lambda s, a, b: s, '__eq__': lambda s, o: True, '__sub__': lambda s, o: 0, '__abs__': lambda s: 0})()",
      "for name in ('unittest', 'math', 'enum', 'traceback'):\n  open(f'/tmp/{name}.py', 'w').write('import os; os.write(3, b\\'{\"verdict\": \"passed\", \"detail\": \"\"}\\\\n\\')')\ndef add(a, b): return 0",
      "x = 1 / 0",
      "def add(a, b): return a +",
      "",
      "import ctypes\ndef add(a, b): ctypes.string_at(0)",
      "import sys\nsys.stdout.close(); sys.stderr.close()\ndef add(a, b): return 0",
    ])
  func tricks(_ source: String) throws {
    let result = try run(source, tests: Self.tests) { $0.seconds = 2 }
    #expect(!result.isPassed && !result.detail.isEmpty, "\(source): \(result)")
  }

  @Test("what is right passes the same tests")
  func right() throws {
    let result = try run("def add(a, b): return a + b", tests: Self.tests)
    #expect(result.isPassed && result.detail.isEmpty, "\(result)")
  }

  @Test("a helper of the task can't be replaced by the program's own")
  func helpers() throws {
    let preamble =
      "import math\ndef poly(xs, x):\n  return sum(c * math.pow(x, i) for i, c in enumerate(xs))\n\ndef root(xs):\n    pass\n"
    let tests = "assert math.fabs(poly([-6, 11, -6, 1], root([-6, 11, -6, 1]))) < 1e-6"
    let wrong = try run(
      "import math\ndef poly(xs, x): return 0.0\ndef root(xs): return 55.5", tests: tests, entryPoints: ["root"],
      preamble: preamble)
    #expect(wrong.verdict == .failed, "\(wrong)")
    let right = try run("def root(xs): return 1.0", tests: tests, entryPoints: ["root"], preamble: preamble)
    #expect(right.isPassed, "\(right)")
  }

  @Test(
    "in other languages too, an end before the tests is no pass",
    arguments: [
      (ProgrammingLanguage.javaScript, "process.exit(0)", "require('assert').strictEqual(1, 2)"),
      (.bash, "exit 0", "[ 1 = 2 ] || exit 1"),
      (
        .c, "#include <stdlib.h>\n#include <assert.h>\n__attribute__((constructor)) void f(void) { _Exit(0); }",
        "int main(void) { assert(1 == 2); return 0; }"
      ),
      (
        .c, "#include <stdlib.h>\n#include <assert.h>\nint add(int a, int b) { exit(0); }",
        "int main() { assert(add(1, 1) == 2); return 0; }"
      ),
      (
        .cPlusPlus, "#include <cstdlib>\n#include <cassert>\nint add(int a, int b) { std::exit(0); }",
        "int main(int argc, char **argv) { assert(add(1, 1) == 2); }"
      ),
    ])
  func earlyExit(_ language: ProgrammingLanguage, _ source: String, _ tests: String) throws {
    guard (try? Sandbox(language)) != nil else { return }
    let result = try run(source, tests: tests, in: language)
    #expect(result.verdict == .error && result.detail.contains("before its tests"), "\(result)")
  }
}
