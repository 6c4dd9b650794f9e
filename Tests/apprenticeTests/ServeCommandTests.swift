import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// `apprentice serve` as its users meet it: the built tool, and OpenAI's own client.
extension LearningCommandTests {
  private static let template =
    "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %} {% endfor %}"

  /// A barely trained model with a chat template, adapters over it and a reward model.
  func models() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(
      "train pretrain --data text.txt --text-division lines --tokenizer words --layers 1 --hidden-size 32 --heads 2 "
        + "--context 1024 --batch-size 8 --run words-run --max-steps 2")
    try folder.write("words-run/checkpoints/step-000002/chat_template.jinja", Self.template)
    try FileManager.default.moveItem(
      atPath: folder.path("words-run/checkpoints/step-000002"), toPath: folder.path("model"))
  }

  /// Starts the server on a free port and waits until it listens.
  func serve(_ arguments: [String]) throws -> (process: Process, address: String) {
    let server = Process()
    server.executableURL = URL(fileURLWithPath: try Tool.path)
    server.arguments = ["serve", "--port", "0"] + arguments
    server.currentDirectoryURL = folder.url
    server.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
    let errors = Pipe()
    server.standardError = errors
    try server.run()
    var said = ""
    while !said.contains("listening on "), server.isRunning || said.isEmpty {
      let more = errors.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += String(decoding: more, as: UTF8.self)
    }
    let found = said.firstMatch(of: /listening on (http:\S+)/)?.1
    if found == nil { server.terminate() }
    #expect(said.contains("room for 65536 tokens"))
    return (server, String(try #require(found, "\(said)")))
  }

  /// Runs a program to its end; its output, and what it complained about if it failed.
  private func output(of program: String, _ arguments: [String]) throws -> String {
    let result = try Tool.run(program: program, arguments: arguments, in: folder.path, environment: ["PYTHONUTF8": "1"])
    #expect(result.status == 0, "after \(result.output): \(result.errors)")
    return result.output
  }

  @Test(
    "OpenAI's client finds every endpoint, streams, tools, schemas, refusals and cancellation as it expects them",
    .needsTestPython)
  func serving() throws {
    try models()
    try tool("train sft --model model --data demonstrations.jsonl --run tuned --max-steps 1 --lora-r 2 --batch-size 4")
    try tool("train reward --model model --data comparisons.jsonl --run reward --max-steps 1 --batch-size 4")
    let (server, address) = try serve([
      "--model", "model", "--name", "words", "--adapter", "tuned=tuned", "--reward", "reward",
      "--api-key", "sesame", "--batch", "4", "--max-waiting", "24", "--prefill-tokens", "64", "--embedder",
      "bert=\(EmbedCommandTests.encoder)",
    ])
    defer { server.terminate() }

    let python = try #require(TestPython.url?.path)
    let script = try Bundle.module.fixtures
      .appendingPathComponent("openai_checks.py")
    let passed = try output(of: python, [script.path, address, "sesame"])
    #expect(
      passed.split(separator: "\n") == [
        "models", "chat", "streaming", "cancellation", "texts", "schemas", "tools", "responses", "embeddings", "errors",
        "crowded",
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
    _ = try output(of: python, ["-c", leaving, address])
    server.terminate()
    server.waitUntilExit()
    #expect(server.terminationStatus == 0)
  }

  @Test(
    "what the server's description promises is what it does, as schemathesis sees it",
    .needsTestPython)
  func description() throws {
    try models()
    let (server, address) = try serve(["--model", "model"])
    defer { server.terminate() }
    // All that the document allows can't be accepted: no schema says that a prompt fits the context.
    let report = try output(
      of: try #require(TestPython.url?.path),
      [
        "-m", "schemathesis.cli", "run", "\(address)/openapi.json", "--max-examples", "20", "--seed", "1",
        "--exclude-checks", "positive_data_acceptance", "--phases", "coverage,fuzzing", "--no-color",
        // A machine that is busy with other tests is no fault of the server.
        "--request-timeout", "120", "--suppress-health-check", "all",
      ])
    #expect(report.contains("14 selected / 14 total"), "\(report)")
  }

  @Test("packed weights, adapters over them and a draft model give in the server what sample gives")
  func packedServing() async throws {
    try models()
    try tool(
      "train sft --model model --data demonstrations.jsonl --run tuned --max-steps 4 --lora-r 2 --batch-size 4 --learning-rate 0.05"
    )
    let (server, address) = try serve([
      "--model", "model", "--name", "words", "--adapter", "tuned=tuned", "--weights", "int8", "--draft-model", "model",
    ])
    defer { server.terminate() }
    var texts: [String] = []
    for (name, model) in [("words", "model"), ("tuned", "tuned")] {
      var request = URLRequest(url: try #require(URL(string: address + "/v1/completions")))
      request.httpMethod = "POST"
      request.httpBody = try JSONSerialization.data(
        withJSONObject: ["model": name, "prompt": "cat", "max_tokens": 24, "temperature": 0, "seed": 1] as [String: Any]
      )
      let (data, _) = try await URLSession.shared.data(for: request)
      let answer = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let served = try #require((answer["choices"] as? [[String: Any]])?.first?["text"] as? String)
      let sampled = try tool(
        "sample --model \(model) --weights int8 --prompt cat --max-tokens 24 --temperature 0 --seed 1 --json"
      ).json()
      #expect((sampled["completions"] as? [[String: Any]])?.first?["text"] as? String == served)
      texts.append(served)
    }
    #expect(texts[0] != texts[1])
    let (page, _) = try await URLSession.shared.data(from: try #require(URL(string: address + "/metrics")))
    let counted = String(decoding: page, as: UTF8.self)
    let drafted = try #require(counted.firstMatch(of: /vllm:spec_decode_num_draft_tokens_total (\d+)/)?.1)
    let accepted = try #require(counted.firstMatch(of: /vllm:spec_decode_num_accepted_tokens_total (\d+)/)?.1)
    // How much is drafted depends on how soon the texts end; the first model judges what it drafted itself.
    let (proposed, kept) = (Int(drafted) ?? 0, Int(accepted) ?? 0)
    #expect(proposed > 0 && kept * 2 >= proposed && kept <= proposed, "\(kept) of \(proposed)")
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
    let dates = try tool("sample --model model --prompt cat --n 4 --max-tokens 40 --regex [0-9]{4}-[0-9]{2} --json")
      .json()
    for completion in try #require(dates["completions"] as? [[String: Any]]) {
      #expect((completion["text"] as? String)?.wholeMatch(of: /[0-9]{4}-[0-9]{2}/) != nil)
    }
    try folder.write(
      "schema.json",
      #"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"#)
    let documents = try tool(
      "sample --model model --prompt cat --n 4 --max-tokens 200 --json-schema schema.json --json"
    ).json()
    for completion in try #require(documents["completions"] as? [[String: Any]])
    where completion["finish_reason"] as? String == "stop" {
      let text = try #require(completion["text"] as? String)
      #expect((try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Int])?.keys.first == "n")
    }
    try tool("sample --model model --prompt cat --regex a(?=b)", expecting: 65)
    try folder.write("bad.json", #"{"type":"array","uniqueItems":true}"#)
    let refused = try tool("sample --model model --prompt cat --json-schema bad.json", expecting: 65)
    #expect(refused.errors.contains("uniqueItems"))
  }
}
