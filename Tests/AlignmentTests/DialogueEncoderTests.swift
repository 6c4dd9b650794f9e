import Alignment
import Documents
import Feedback
import Foundation
import TestSupport
import Testing
import Tokenization

/// Conversations as tokens: what is learnt is what the model says, to the token, after what it sees when it says it.
@Suite struct DialogueEncoderTests {
  private static let turns =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}{% endfor %}"
    + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
  private static let marked =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' %}"
    + "{% generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}{% else %}"
    + "{{ m.content + '<|im_end|>' }}{% endif %}"
    + "{{ '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
  /// Leaves the thoughts of earlier turns out, as Qwen3's does.
  private static let forgetful =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' and loop.last %}"
    + "{{ '<think></think>' }}{% endif %}{{ m.content + '<|im_end|>' + '\n' }}{% endfor %}"
    + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

  private func tokenizer(_ template: String?) throws -> Tokenizer {
    let trained = try BytePairTrainer(vocabularySize: 300).train(texts: ["the cat and the dog and the cat"])
    var document = try #require(trained.document.object)
    let first = trained.vocabularySize
    document["added_tokens"] = .array(
      ["<|im_start|>", "<|im_end|>"].enumerated().map {
        ["id": .int(first + $0), "content": .string($1), "special": true]
      })
    var configuration: JSONObject = ["eos_token": "<|im_end|>"]
    if let template { configuration["chat_template"] = .string(template) }
    return try Tokenizer(document: .object(document), configuration: .object(configuration))
  }

  private func message(_ role: String, _ content: String) -> Prompt.Message { .init(role: role, content: content) }

  private var conversation: [Prompt.Message] {
    [
      message("system", "Be kind."), message("user", "Hi"), message("assistant", "Hello. Größe?"),
      message("user", "Why?"), message("assistant", "Because."),
    ]
  }

  private func encoder(_ template: String?) throws -> (DialogueEncoder, Tokenizer) {
    let tokenizer = try tokenizer(template)
    return (try DialogueEncoder(tokenizer, endOfText: tokenizer.eos), tokenizer)
  }

  private func learnt(_ piece: TargetedTokens, _ tokenizer: Tokenizer) -> String {
    tokenizer.decode(piece.targets.filter { $0 >= 0 }, skipSpecialTokens: false)
  }

  @Test("every turn of the assistant's is learnt with its end, and nothing else", arguments: [turns, marked])
  func everyTurn(template: String) throws {
    let (encoder, tokenizer) = try encoder(template)
    let pieces = try encoder.examples(conversation)
    let piece = try #require(pieces.first)
    #expect(pieces.count == 1)
    #expect(learnt(piece, tokenizer) == "Hello. Größe?<|im_end|>Because.<|im_end|>")
    // The tokens are those of the whole text, and each target is the next of them.
    let text = try tokenizer.applyChatTemplate(messages: .array(conversation.map(\.document)))
    let whole = tokenizer.encode(text, addSpecialTokens: false, allowSpecial: true)
    #expect(piece.tokens == Array(whole.dropLast()))
    #expect(zip(piece.targets, whole.dropFirst()).allSatisfy { $0 == $1 || $0 == -100 })
  }

  @Test("where a template writes earlier turns otherwise, each turn is a piece of its own, seen as when it was spoken")
  func forgetful() throws {
    let (encoder, tokenizer) = try encoder(Self.forgetful)
    let pieces = try encoder.examples(conversation)
    #expect(
      pieces.map { learnt($0, tokenizer) } == [
        "<think></think>Hello. Größe?<|im_end|>", "<think></think>Because.<|im_end|>",
      ])
    let seen = tokenizer.decode(try #require(pieces.last).tokens, skipSpecialTokens: false)
    #expect(!seen.contains("<think></think>Hello") && seen.contains("Hello. Größe?<|im_end|>"))
    let prompt = try encoder.prompt(.conversation(Array(conversation.dropLast())))
    #expect(try #require(pieces.last).tokens.starts(with: prompt))
  }

  @Test("a model without a template learns its turn of a transcript, as 'chat' shows it one")
  func transcript() throws {
    let (encoder, tokenizer) = try encoder(nil)
    let pieces = try encoder.examples(conversation)
    #expect(pieces.map { learnt($0, tokenizer) } == [" Hello. Größe?<|im_end|>", " Because.<|im_end|>"])
    let seen = try #require(pieces.last).tokens
    let before = try tokenizer.chatPrompt(messages: conversation.dropLast().map(\.document))
    #expect(seen.starts(with: before))
    #expect(tokenizer.decode(before).hasSuffix("user: Why?\nassistant:"))
  }

  @Test("an answer of several turns counts the assistant's only; both answers have one prompt")
  func answers() throws {
    let (encoder, tokenizer) = try encoder(Self.turns)
    let prompt = Prompt.conversation(Array(conversation.prefix(2)))
    let long = Response(Array(conversation.dropFirst(2)))
    let answer = try encoder.answer(to: prompt, long)
    #expect(answer.prompt == (try encoder.prompt(prompt)))
    let spoken = zip(answer.completion, answer.isSpoken).filter(\.1).map(\.0)
    #expect(tokenizer.decode(spoken, skipSpecialTokens: false) == "Hello. Größe?<|im_end|>Because.<|im_end|>")
    #expect(answer.completion.last == tokenizer.eos)
    #expect(answer.completion.count > spoken.count)

    let pair = Comparison(
      prompt: prompt, first: Response("Good."), second: long, preferred: .second, provenance: Provenance(labeller: "x"))
    let ranked = try RankedCompletions(pair, encoder)
    #expect(ranked.prompt == answer.prompt && ranked.completions[1] == answer.completion)
    #expect(ranked.isSpoken?[1] == answer.isSpoken && ranked.pairs == [.init(0, over: 1, probability: 0)])
    let pairs = DPOLearner.Pair.all(in: ranked)
    #expect(pairs.count == 1 && pairs[0].chosen == answer.completion && pairs[0].chosenIsSpoken == answer.isSpoken)
  }

  @Test("functions that are offered reach the template, and so does a call")
  func tools() throws {
    let template =
      "{% if tools %}[{% for t in tools %}{{ t.function.name }}{% endfor %}]{% endif %}"
      + "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.tool_calls %}call {{ m.tool_calls[0].function.name }}"
      + "{% else %}{{ m.content }}{% endif %}<|im_end|>{% endfor %}"
      + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    let (encoder, tokenizer) = try encoder(template)
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "c.jsonl",
      #"""
      {"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":null,"tool_calls":[{"type":"function","function":{"name":"look","arguments":{}}}]},{"role":"tool","content":"sun"},{"role":"assistant","content":"Sunny."}],"tools":[{"type":"function","function":{"name":"look"}}]}
      """#)
    let record = try #require(try RecordReader(paths: [path]).next())
    let example = try MessagesExample(record: record, columns: ColumnNames())
    let pieces = try encoder.examples(example.messages, tools: example.tools)
    #expect(pieces.map { learnt($0, tokenizer) } == ["call look<|im_end|>Sunny.<|im_end|>"])
    #expect(tokenizer.decode(pieces[0].tokens, skipSpecialTokens: false).hasPrefix("[look]<|im_start|>user"))
  }

  @Test("ties: left out, or half for either side")
  func ties() throws {
    let ranked = RankedCompletions(
      prompt: [1], completions: [[2], [3]],
      pairs: [.init(0, over: 1, probability: 0.5), .init(0, over: 1, probability: 0.2)])
    let dropped = DPOLearner.Pair.all(in: ranked)
    #expect(dropped.count == 1 && dropped[0].chosen == [3] && dropped[0].probability == 0.8)
    let kept = DPOLearner.Pair.all(in: ranked, ties: .half)
    #expect(kept.map(\.probability) == [0.5, 0.8])
  }
}
