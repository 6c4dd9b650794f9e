import Documents
import Foundation
import LanguageModels
import TestSupport
import Testing
import Tokenization

/// Conversations with a random model: what it sees, what is kept, what is said about it.
@Suite struct ChatSessionTests {
  private static let template =
    "{% for m in messages %}<{{ m.role }}>{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
  private static let greedy = SamplingParameters(temperature: 0, maxTokens: 8)

  private func session(
    context: Int = 512, system: String? = nil, template: String? = template
  ) throws -> ChatSession {
    let trained = try #require(TinyModel.tokenizer)
    let tokenizer = try template.map {
      try Tokenizer(document: trained.document, configuration: ["chat_template": .string($0)])
    }
    return try ChatSession(
      model: TinyModel.make(context: context), tokenizer: tokenizer ?? trained, system: system)
  }

  /// Asks and gives the answer with the remarks around it.
  private func ask(
    _ text: String, _ session: inout ChatSession, maxTokens: Int? = 8, endless: Bool = false
  ) throws -> (text: String, notes: [String]) {
    var parameters = Self.greedy
    parameters.ignoresEndOfText = endless
    var (answer, notes) = ("", [String]())
    try session.answer(text, parameters, maxTokens: maxTokens) { piece in
      switch piece {
      case .text(let text): answer += text
      case .note(let note): notes.append(note)
      case .thought: break
      }
    }
    return (answer, notes)
  }

  @Test(
    "an answer that fills the context is said to be cut, and the next question is answered as in a new conversation")
  func full() throws {
    var long = try session(context: 96, system: "the")
    let first = try ask("the cat", &long, maxTokens: nil, endless: true)
    #expect(first.notes.count == 1 && first.notes[0].contains("the context of 96 tokens is full"), "\(first.notes)")
    let second = try ask("the dog", &long, endless: true)
    #expect(second.notes.first == "the context of 96 tokens is full: the model no longer sees the oldest turn")
    #expect(long.leftOut == 2)
    var fresh = try session(context: 96, system: "the")
    #expect(try ask("the dog", &fresh, endless: true).text == second.text)
    // What the model no longer sees is still there to save.
    #expect(long.transcript.messages.map { $0["role"]?.string } == ["user", "assistant", "user", "assistant"])
    #expect(long.transcript.messages[1]["content"]?.string == first.text)
    // An answer that was only kept short is said to be.
    #expect(second.notes.last == "the answer was cut after 8 tokens")
  }

  @Test("a conversation that fits loses nothing, and one that grows loses its oldest turns one after the other")
  func growing() throws {
    var talk = try session(context: 160)
    var dropped: [Int] = []
    for turn in 0..<12 {
      let answer = try ask("the rain \(turn)", &talk, endless: true)
      #expect(answer.notes.allSatisfy { $0.contains("context") || $0.contains("after 8 tokens") }, "\(answer.notes)")
      dropped.append(talk.leftOut)
    }
    #expect(dropped.first == 0 && dropped.last ?? 0 > 0 && dropped == dropped.sorted())
    #expect(dropped.allSatisfy { $0 % 2 == 0 })
    #expect(talk.transcript.messages.count == 24)
  }

  @Test("a message that no context holds is refused by its length, and the conversation is as before")
  func tooLong() throws {
    var talk = try session(context: 96)
    _ = try ask("the cat", &talk)
    let before = talk.transcript
    let error = #expect(throws: GenerationError.self) {
      try ask(String(repeating: "the plain ", count: 100), &talk)
    }
    #expect(error?.description.contains("context is 96") == true)
    #expect(talk.transcript == before && talk.leftOut == 0)
    #expect(!(try ask("the dog", &talk).text.isEmpty))
  }

  @Test("a conversation in a file is gone on with by another session as if there had been no break")
  func kept() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("talk.json")
    var whole = try session(system: "the")
    _ = try ask("the cat", &whole)
    let expected = try ask("and the dog", &whole).text

    var first = try session(system: "the")
    #expect(try first.keep(in: file, system: "the").contains("is kept in"))
    _ = try ask("the cat", &first)
    var second = try session()
    #expect(try second.keep(in: file) == "goes on with 1 turn in \(file)")
    #expect(second.transcript == first.transcript && second.transcript.system == "the")
    #expect(try ask("and the dog", &second).text == expected)
    // The file has both turns, in the form that training reads.
    let record = try JSONValue(contentsOf: file)
    #expect(
      record["messages"]?.array?.map { $0["role"]?.string } == ["system", "user", "assistant", "user", "assistant"])
    #expect(second.command("/undo") == "taken back; 1 turn left")
    #expect(try ChatTranscript(path: file) == first.transcript)
    #expect(second.command("/clear") == "forgotten")
    #expect(try ChatTranscript(path: file) == ChatTranscript(system: "the"))
  }

  @Test("a file that can't be written is told before anything is asked")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    var talk = try session()
    #expect(throws: DataError.self) { try talk.keep(in: folder.path("nowhere/talk.json")) }
  }

  @Test("saved conversations are loaded, and what is none is refused by file, line and reason")
  func loading() throws {
    let folder = try TemporaryFolder()
    var talk = try session(system: "the")
    _ = try ask("the cat", &talk)
    #expect(talk.command("/save \(folder.path("a.json"))") == "3 messages in \(folder.path("a.json"))")
    var other = try session()
    #expect(other.command("/load \(folder.path("a.json"))") == "goes on with 1 turn")
    #expect(other.transcript == talk.transcript)
    for (content, word) in [
      ("{\"text\": 1}", "no conversation"), ("{\"messages\": [\n{\"role\": \"user\"}]}", ":2: message 1"),
      ("[{\"role\": \"robot\", \"content\": \"x\"}]", "known role"),
      ("[{\"role\": \"user\", \"content\": \"x\"}]", "waits for an answer"), ("{", "bad.json:1"),
    ] {
      try folder.write("bad.json", content)
      let said = other.command("/load \(folder.path("bad.json"))")
      #expect(said.contains("bad.json") && said.contains(word), "\(content): \(said)")
      #expect(other.transcript == talk.transcript)
    }
    #expect(other.command("/load").contains("needs") && other.command("/sing").contains("/help"))
    #expect(ChatSession.isFarewell("/bye") && !ChatSession.isFarewell("/by"))
  }

  @Test("reasoning that the prompt opened is kept apart from the answer")
  func reasoning() throws {
    let opened = Self.template.replacingOccurrences(of: "<assistant>{% endif %}", with: "<assistant><think>{% endif %}")
    var talk = try session(template: opened)
    var (thought, text) = ("", "")
    try talk.answer("the cat", Self.greedy, maxTokens: 12) { piece in
      switch piece {
      case .thought(let more): thought += more
      case .text(let more): text += more
      case .note: break
      }
    }
    // A random model never closes it.
    let message = try #require(talk.transcript.messages.last)
    #expect(!thought.isEmpty && text.isEmpty)
    #expect(message["reasoning_content"]?.string == thought && message["content"] == "")
  }

  @Test("without a template the model sees a transcript, also when the oldest turns are gone")
  func transcript() throws {
    var talk = try session(context: 96, template: nil)
    _ = try ask("the cat", &talk, maxTokens: nil, endless: true)
    let second = try ask("the dog", &talk)
    var fresh = try session(context: 96, template: nil)
    #expect(try ask("the dog", &fresh).text == second.text)
  }
}
