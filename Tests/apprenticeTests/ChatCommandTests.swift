import Foundation
import TestSupport
import Testing

/// `apprentice chat` as people meet it: the built tool, on a pipe and in a terminal of its own.
extension LearningCommandTests {
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
    #expect(!result.output.contains("\u{1B}["))
    let said =
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appendingPathComponent("said.json")))
      as? [String: [[String: String]]]
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
    let said =
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appendingPathComponent("said.json")))
      as? [String: [[String: String]]]
    #expect(said?["messages"]?.map { $0["role"] } == ["system", "user", "assistant"])
    #expect(said?["messages"]?.prefix(2).map { $0["content"] } == ["Be brief.", "cat"])
  }

  /// The part of what a screen has shown between the line that was typed and the next prompt.
  private func answer(on screen: Screen, number: Int) throws -> Substring {
    try screen.wait(for: "\u{1B}[?2004h", times: number + 1)
    let parts = screen.seen.components(separatedBy: "\u{1B}[?2004l")
    let answer = try #require(parts.count > number ? parts[number] : nil)
    return answer.components(separatedBy: "\u{1B}[?2004h")[0][...]
  }

  @Test("control characters that a model writes are shown on a terminal and not obeyed; the saved text has them")
  func controls() throws {
    try models()
    // A model that knows nothing says every byte there is.
    let screen = try Screen(
      ["chat", "--model", "model", "--max-tokens", "200", "--temperature", "30", "--top-p", "1"], in: folder.path,
      environment: ["NO_COLOR": "1"])
    try screen.wait(for: "\u{1B}[?2004h", times: 1)
    screen.type("cat\r")
    let shown = try answer(on: screen, number: 1)
    screen.type("/save said.json\r")
    try screen.wait(for: "\u{1B}[?2004h", times: 3)
    screen.type("\u{04}")
    #expect(screen.status() == 0)
    let said =
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appendingPathComponent("said.json")))
      as? [String: [[String: String]]]
    let text = try #require(said?["messages"]?.last?["content"])
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.generalCategory == .control && !"\n\t".unicodeScalars.contains(scalar)
    }
    #expect(text.unicodeScalars.count(where: isControl) > 5)
    // The terminal itself writes a line end as two characters.
    let raw = shown.unicodeScalars.filter { isControl($0) && $0 != "\r" }
    #expect(raw.isEmpty, "\(String(String.UnicodeScalarView(raw)).debugDescription)")
    #expect(shown.unicodeScalars.contains { (0x2400...0x2421).contains($0.value) })
    // On a pipe they are the program's that reads them.
    let piped = try Tool.run(
      arguments: ["chat", "--model", "model", "--max-tokens", "200", "--temperature", "30", "--top-p", "1"],
      in: folder.path, environment: ["OMP_NUM_THREADS": "1"], input: "cat\n")
    #expect(piped.output.unicodeScalars.contains(where: isControl), "\(piped.errors)")
  }

  @Test("typed lines and the conversation come back in the next session, ~ is the home folder")
  func sessions() throws {
    try models()
    let home = ["HOME": folder.path, "APPRENTICE_HISTORY": folder.path("state")]
    let arguments = ["chat", "--model", "model", "--max-tokens", "4", "--conversation", "~/talk.json"]
    let first = try Screen(arguments, in: folder.path, environment: home)
    try first.wait(for: "\u{1B}[?2004h", times: 1)
    first.type("cat and dog\r")
    try first.wait(for: "\u{1B}[?2004h", times: 2)
    first.type("/save ~/copy.json\r")
    try first.wait(for: "2 messages in", times: 1)
    // A key that is typed before the next prompt is the terminal's own, and not the program's.
    try first.wait(for: "\u{1B}[?2004h", times: 3)
    first.type("\u{04}")
    #expect(first.status() == 0)
    #expect(folder.contents.contains("talk.json") && folder.contents.contains("copy.json"), "\(folder.contents)")

    let second = try Screen(arguments, in: folder.path, environment: home)
    try second.wait(for: "\u{1B}[?2004h", times: 1)
    // The last line but one of the other session.
    second.type("\u{1B}[A\u{1B}[A\r")
    try second.wait(for: "\u{1B}[?2004h", times: 2)
    #expect(second.seen.contains("> \u{1B}[0mcat and dog"))
    second.type("\u{04}")
    #expect(second.status() == 0)
    let talk =
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appendingPathComponent("talk.json")))
      as? [String: [[String: String]]]
    #expect(talk?["messages"]?.map { $0["role"] } == ["user", "assistant", "user", "assistant"])
    #expect(talk?["messages"]?[2]["content"] == "cat and dog")
  }

  @Test("Markdown is styled on a terminal, unless it is asked not to be")
  func markdown() throws {
    try models()
    // An answer that is known: the template opens the turn, and the model has learnt one thing to say.
    try folder.write(
      "bold.jsonl",
      (0..<64).map { _ in
        #"{"messages": [{"role": "user", "content": "cat"}, {"role": "assistant", "content": "a **b** c"}]}"#
      }
      .joined(separator: "\n"))
    try tool(
      "train sft --model model --data bold.jsonl --run bold --max-steps 120 --batch-size 16 --learning-rate 0.01 --eval-share 0"
    )
    for (more, expected) in [([], "a \u{1B}[1mb\u{1B}[0m c"), (["--no-markdown"], "a **b** c")] as [([String], String)]
    {
      let screen = try Screen(
        ["chat", "--model", "bold", "--max-tokens", "12", "--temperature", "0"] + more, in: folder.path)
      try screen.wait(for: "\u{1B}[?2004h", times: 1)
      screen.type("cat\r")
      let shown = try answer(on: screen, number: 1)
      #expect(shown.contains(expected), "\(shown.debugDescription)")
      screen.type("\u{04}")
      #expect(screen.status() == 0)
    }
  }
}
