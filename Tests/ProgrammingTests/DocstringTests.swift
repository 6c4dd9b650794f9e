import Documents
import LanguageModels
import Programming
import TestSupport
import Testing
import Tokenization
import Torch

/// Docstrings of Python functions: found, taken away, and scored.
@Suite("Docstrings")
struct DocstringTests {
  @Test(
    "the last definition's docstring is found, whatever its quotes and the signature's lines",
    arguments: [
      ("def f(a):\n    \"\"\"Adds.\n\n    >>> f(1)\n    \"\"\"\n    return 1\n", "Adds.\n\n>>> f(1)"),
      (
        "import math\n\ndef g(x):\n    '''no'''\n\ndef f(x: str = \":\", y=(1, 2)) -> int:\n\n    'Says \\'hi\\'.'\n    pass\n",
        "Says \\'hi\\'."
      ),
      ("def f(\n    a,  # one: the first\n    b={'k': 2},\n):\n    r\"\"\"Raw \\d.\"\"\"\n", "Raw \\d."),
      ("class A:\n    async def f (self):\n        \"\"\"Deep.\"\"\"\n", "Deep."),
      ("def f(a):\n    \"\"\"old\"\"\"\ndef f(a):\n    \"\"\"new\"\"\"\n", "new"),
    ])
  func found(_ source: String, _ words: String) {
    #expect(PythonDocstring(of: "f", in: source)?.words == words)
  }

  @Test(
    "a function without a docstring, or none at all, has none",
    arguments: [
      "", "def f(a):\n    return '''x'''\n", "def ff(a):\n    '''x'''\n", "def f(a):\n", "def f(a", "x = f(1)\n",
      "def f(a):\n    \"\"\"never closed\n",
    ])
  func missing(_ source: String) {
    #expect(PythonDocstring(of: "f", in: source) == nil)
    #expect(PythonDocstring.removed(of: "f", from: source) == source)
  }

  @Test("what is left without it is the function")
  func removed() throws {
    let source = "import os\n\ndef f(a):\n    \"\"\"Two\n    lines.\"\"\"  # odd\n    return a\n"
    #expect(PythonDocstring.removed(of: "f", from: source) == "import os\n\ndef f(a):\n    return a\n")
    for task in CodeTask.small {
      let found = try #require(PythonDocstring(of: task.entryPoint, in: task.prompt), "\(task.id)")
      #expect(!found.words.isEmpty && task.prompt.contains(found.text))
    }
  }

  @Test("a sample's score is the likelihood of its task's docstring, however the sample repeats it")
  func scores() throws {
    let tokenizer = try BytePairTrainer(vocabularySize: 257, specialTokens: ["<|endoftext|>"]).train()
    let shape = DecoderConfiguration.llama(
      vocabularySize: 257, width: 16, layers: 1, heads: 2, feedForwardWidth: 32, contextLength: 2048, endOfText: 0)
    let model = try Decoder(shape, generator: Generator(seed: 3))
    let task = CodeTask(
      id: "T/0", prompt: "def f(a):\n    \"\"\"One more.\"\"\"\n", entryPoint: "f",
      tests: "def check(f):\n    assert f(1) == 2\n")
    let body = "    return a + 1\n"
    let samples = [
      CodeSample(taskID: "T/0", completion: body),
      CodeSample(taskID: "T/0", completion: "\ndef f(a):\n    \"\"\"One more.\"\"\"\n" + body),
      CodeSample(taskID: "T/0", completion: "    return a\n"),
    ]
    let writer = try DocstringWriter(model: model, tokenizer: tokenizer)
    let scores = try #require(try writer.logProbabilities(ofDocstringsGiven: samples, of: [task]))
    #expect(scores[0] == scores[1] && scores[0] != scores[2] && scores.allSatisfy { $0 < 0 })
    // By hand: the docstring and its quotes behind the code without it.
    let prompt = tokenizer.encode("def f(a):\n    return a + 1\n\n\"\"\"")
    let said = tokenizer.encode("One more.\"\"\"")
    let all: [Float] = withoutGradients { model.logProbabilities(PackedTokens([prompt + said])).array() }
    let sum = all[prompt.count...].reduce(0) { $0 + Double($1) }
    #expect(abs(scores[0] - sum) < 1e-4)
    // One at a time: the same.
    let apart = try #require(
      try writer.logProbabilities(ofDocstringsGiven: samples, of: [task], microBatchTokens: 1))
    #expect(zip(apart, scores).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(try writer.logProbabilities(ofDocstringsGiven: samples, of: [task], isStopped: { true }) == nil)
    let example = try #require(DocstringWriter.example(task.prompt, function: "f", body: body))
    #expect(example.prompt == "def f(a):\n    return a + 1\n\n\"\"\"" && example.docstring == "One more.\"\"\"\n")
  }

  @Test("a failed solution is shown whole, with the end of what is wrong")
  func mending() {
    let task = CodeTask(
      id: "T/0", prompt: "def f(a):\n    \"\"\"One more.\"\"\"\n", entryPoint: "f", tests: "")
    let text = CodeSampler.mendingPrompt(
      of: task, .init(completion: "    return a\n", problem: "Traceback\nAssertionError: 1 != 2"))
    #expect(text == task.prompt + "    return a\n\n# It fails: AssertionError: 1 != 2\n" + task.prompt)
    let whole = CodeSampler.mendingPrompt(
      of: task, .init(completion: "\ndef f(a):\n    return a\n", problem: "x"))
    #expect(whole == "def f(a):\n    return a\n\n# It fails: x\n" + task.prompt)
  }
}
