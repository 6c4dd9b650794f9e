import Foundation
import Testing

/// `apprentice serve` and `apprentice chat` as their users meet them: the built tool, and OpenAI's own client.
extension LearningCommandTests {
  private static let template =
    "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %} {% endfor %}"

  /// The python that Scripts/prepare-test-python made, if it could.
  private static var python: String? {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appendingPathComponent(".venv-test/bin/python").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  /// A barely trained model with a chat template, adapters over it and a reward model.
  private func models() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(
      "train pretrain --data text.txt --text-division lines --tokenizer words --layers 1 --hidden-size 32 --heads 2 "
        + "--context 1024 --batch-size 8 --run words-run --max-steps 2")
    try folder.write("words-run/checkpoints/step-000002/chat_template.jinja", Self.template)
    try FileManager.default.moveItem(atPath: folder.path("words-run/checkpoints/step-000002"), toPath: folder.path("model"))
  }

  @Test(
    "OpenAI's client finds every endpoint, streams, tools, schemas, refusals and cancellation as it expects them",
    .enabled(if: python != nil, "no .venv-test: Scripts/prepare-test-python makes it where PyPI can be reached"))
  func serving() throws {
    try models()
    try tool("train sft --model model --data demonstrations.jsonl --run tuned --max-steps 1 --lora-r 2 --batch-size 4")
    try tool("train reward --model model --data comparisons.jsonl --run reward --max-steps 1 --batch-size 4")
    let server = Process()
    server.executableURL = URL(fileURLWithPath: try Tool.path)
    server.arguments = [
      "serve", "--model", "model", "--name", "words", "--adapter", "tuned=tuned", "--reward", "reward", "--port", "0",
      "--api-key", "sesame", "--batch", "4", "--max-waiting", "24", "--prefill-tokens", "64",
    ]
    server.currentDirectoryURL = folder.url
    server.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
    let errors = Pipe()
    server.standardError = errors
    try server.run()
    defer { server.terminate() }
    var said = ""
    while !said.contains("listening on "), server.isRunning || said.isEmpty {
      let more = errors.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += String(decoding: more, as: UTF8.self)
    }
    let address = try #require(said.firstMatch(of: /listening on (http:\S+)/)?.1, "\(said)")

    let client = Process()
    client.executableURL = URL(fileURLWithPath: try #require(Self.python))
    let script = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
      .appendingPathComponent("openai_checks.py")
    client.arguments = [script.path, String(address), "sesame"]
    let (output, complaints) = (Pipe(), Pipe())
    client.standardOutput = output
    client.standardError = complaints
    try client.run()
    let passed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complained = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    client.waitUntilExit()
    #expect(client.terminationStatus == 0, "after \(passed): \(complained)")
    #expect(
      passed.split(separator: "\n") == [
        "models", "chat", "streaming", "cancellation", "texts", "schemas", "tools", "responses", "embeddings", "errors", "crowded",
        "rewards", "monitoring",
      ])
    // It ends by itself when it is told to, also while it computes what clients asked for and left.
    let leaving = """
      import http.client, json, sys
      def ask(i):
        connection = http.client.HTTPConnection(sys.argv[1].removeprefix("http://"))
        body = {"model": "words", "prompt": "the cat", "max_tokens": 900, "stream": True, "seed": i}
        connection.request("POST", "/v1/completions", json.dumps(body), {"Authorization": "Bearer sesame", "Content-Type": "application/json"})
        return connection
      asked = [ask(i) for i in range(16)]
      assert asked[0].getresponse().status == 200
      """
    let leaver = Process()
    leaver.executableURL = client.executableURL
    leaver.arguments = ["-c", leaving, String(address)]
    try leaver.run()
    leaver.waitUntilExit()
    #expect(leaver.terminationStatus == 0)
    server.terminate()
    server.waitUntilExit()
    #expect(server.terminationStatus == 0)
  }

  @Test("chat answers piped lines, keeps the conversation, and does what lines with a slash say")
  func chat() throws {
    try models()
    let input = "/system Be brief.\ncat\ndog\n/save said.json\n/clear\n/save empty.json\n/nothing\n/quit\nnever read\n"
    let result = try Tool.run(
      arguments: ["chat", "--model", "model", "--max-tokens", "6", "--seed", "1"], in: folder.path,
      environment: ["OMP_NUM_THREADS": "1"], input: input)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("system: Be brief.") && result.output.contains("there is no command /nothing"))
    // Nothing but text where nobody looks at a terminal.
    #expect(!result.output.contains("\u{1B}"))
    let said = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appendingPathComponent("said.json"))) as? [String: [[String: String]]]
    let messages = try #require(said?["messages"])
    #expect(messages.map { $0["role"] } == ["system", "user", "assistant", "user", "assistant"])
    #expect(messages[0]["content"] == "Be brief." && messages[1]["content"] == "cat" && messages[3]["content"] == "dog")
    for answer in [messages[2], messages[4]] { #expect(result.output.contains(try #require(answer["content"]))) }
    #expect(try String(contentsOfFile: folder.path("empty.json"), encoding: .utf8).contains("Be brief."))
  }

  @Test("in a terminal lines are edited, come back from the history, and the terminal is left as it was")
  func terminal() throws {
    try models()
    let screen = try Screen(["chat", "--model", "model", "--max-tokens", "6", "--seed", "1"], in: folder.path)
    // Each line that is read begins by asking for pasted text to be marked.
    try screen.wait(for: "\u{1B}[?2004h", times: 1)
    #expect(!screen.isAsBefore)
    screen.type("/system Be brif\u{1B}[De\r")
    try screen.wait(for: "system: Be brief", times: 1)
    try screen.wait(for: "\u{1B}[?2004h", times: 2)
    screen.type("\u{1B}[A.\u{01}\u{05}\r")
    try screen.wait(for: "system: Be brief.", times: 1)
    try screen.wait(for: "\u{1B}[?2004h", times: 3)
    screen.type("dog\u{15}漢é\u{7F}\u{7F}cat\r")
    try screen.wait(for: "\u{1B}[?2004h", times: 4)
    screen.type("given up\u{03}/save said.json\r")
    try screen.wait(for: "\u{1B}[?2004h", times: 5)
    screen.type("\u{04}")
    #expect(screen.status() == 0 && screen.isAsBefore)
    #expect(screen.seen.contains("\u{1B}[1;36m> ") && screen.seen.contains("^C"))
    let said = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appendingPathComponent("said.json"))) as? [String: [[String: String]]]
    #expect(said?["messages"]?.map { $0["role"] } == ["system", "user", "assistant"])
    #expect(said?["messages"]?.prefix(2).map { $0["content"] } == ["Be brief.", "cat"])
  }

  @Test("what keeps the server from starting is said, with the exit code of its kind")
  func startup() throws {
    try models()
    let missing = try tool("serve --model nowhere --port 0", expecting: 66)
    #expect(missing.errors.contains("nowhere"))
    let open = try tool("serve --model model --host 0.0.0.0 --port 0", expecting: 65)
    #expect(open.errors.contains("--api-key"))
    try tool("serve --model model --port 70000", expecting: 64)
    try tool("serve --model model --adapter words --port 0", expecting: 64)
    let taken = try Listener()
    let refused = try tool("serve --model model --port \(taken.port)", expecting: 74)
    #expect(refused.errors.contains("\(taken.port)") && refused.errors.contains("in use"), "\(refused.errors)")
    try folder.write("keys.jsonl", #"{"name": "lab", "sha256": "12"}"#)
    let keys = try tool("serve --model model --api-keys keys.jsonl --port 0", expecting: 65)
    #expect(keys.errors.contains("keys.jsonl:1"))
  }

  @Test("sample takes expressions and schemas")
  func constrainedSamples() throws {
    try models()
    let dates = try tool("sample --model model --prompt cat --n 4 --max-tokens 40 --regex [0-9]{4}-[0-9]{2} --json").json()
    for completion in try #require(dates["completions"] as? [[String: Any]]) {
      #expect((completion["text"] as? String)?.wholeMatch(of: /[0-9]{4}-[0-9]{2}/) != nil)
    }
    try folder.write("schema.json", #"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"#)
    let documents = try tool("sample --model model --prompt cat --n 4 --max-tokens 200 --json-schema schema.json --json").json()
    for completion in try #require(documents["completions"] as? [[String: Any]]) where completion["finish_reason"] as? String == "stop" {
      let text = try #require(completion["text"] as? String)
      #expect((try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Int])?.keys.first == "n")
    }
    try tool("sample --model model --prompt cat --regex a(?=b)", expecting: 65)
    try folder.write("bad.json", #"{"type":"array","uniqueItems":true}"#)
    let refused = try tool("sample --model model --prompt cat --json-schema bad.json", expecting: 65)
    #expect(refused.errors.contains("uniqueItems"))
  }
}
