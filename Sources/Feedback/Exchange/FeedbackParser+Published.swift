import Documents

/// The published collections: learning to summarize, WebGPT, helpful and harmless dialogues.
extension FeedbackParser {
  /// A comparison of two summaries (Stiennon et al., 2020).
  ///
  /// Posts become the prompt that the paper's models saw. The files don't say which summary was
  /// shown first, nor what `confidence` means exactly: it is kept as it is.
  func summaryComparison(_ record: Record) throws(DataError) -> FeedbackItem {
    guard let summaries = record["summaries"]?.array, summaries.count == 2 else {
      throw record.error("'summaries' is not an array of two")
    }
    guard let choice = record["choice"]?.number.flatMap({ Int(exactly: $0) }), (0...1).contains(choice) else {
      throw record.error("'choice' is neither 0 nor 1")
    }
    return .comparison(
      Comparison(
        prompt: try summaryPrompt(record), first: try summary(summaries[0], of: record),
        second: try summary(summaries[1], of: record), preferred: choice == 0 ? .first : .second,
        confidence: record["extra"]?["confidence"]?.double, provenance: provenance(of: record)))
  }

  /// The ratings of one summary along several axes from 1 to 7; axes left empty give none.
  func summaryRatings(_ record: Record) throws(DataError) -> [FeedbackItem] {
    guard let rated = record["summary"], let axes = rated["axes"]?.object else {
      throw record.error("'summary' has no 'axes'")
    }
    let prompt = try summaryPrompt(record)
    let response = try summary(rated, of: record)
    var items: [FeedbackItem] = []
    for (axis, value) in axes.members.sorted(by: { $0.key < $1.key }) where !value.isNull {
      // One axis is a yes-or-no question in the files, not a place on the scale.
      if value.bool != nil { continue }
      guard let number = value.double, (1...7).contains(number) else {
        throw record.error("the axis '\(axis)' is not a number from 1 to 7")
      }
      items.append(
        .rating(
          Rating(
            prompt: prompt, response: response, axis: axis, value: number, scale: 1...7,
            provenance: provenance(of: record))))
    }
    return items
  }

  /// A comparison of two answers (Nakano et al., 2021): the sign of the score decides, 0 is a tie.
  ///
  /// The prompt is the question alone; the quotes, which differ between the answers, are left out.
  func answerComparison(_ record: Record) throws(DataError) -> FeedbackItem {
    let question = record["question"]
    guard let prompt = question?.string ?? question?["full_text"]?.string else {
      throw record.error("'question' is neither a string nor an object with 'full_text'")
    }
    let answers = [
      try record.text(in: "answer_0"),
      try record.text(in: "answer_1"),
    ]
    // The counterpart may be missing: the scores sum to 0.
    let score = record["score_0"]?.number ?? record["score_1"]?.number.map(-)
    guard let score, (-1...1).contains(score) else {
      throw record.error("'score_0' is not a number from -1 to 1")
    }
    return .comparison(
      Comparison(
        prompt: .text(prompt), first: Response(answers[0]), second: Response(answers[1]),
        preferred: score == 0 ? nil : (score > 0 ? .first : .second),
        strength: score == 0 ? nil : score.magnitude, provenance: provenance(of: record)))
  }

  /// Two dialogues that differ in what the assistant says at the end (Bai et al., 2022).
  ///
  /// The prompt ends with the last `Assistant:` that both share; what follows is compared.
  func dialogueComparison(_ record: Record) throws(DataError) -> FeedbackItem {
    let chosen = try record.text(in: options.columns.chosen, role: "chosen")
    let rejected = try record.text(in: options.columns.rejected, role: "rejected")
    guard let end = Self.endOfSharedPrompt(chosen, rejected) else {
      throw record.error(
        "'chosen' and 'rejected' share no beginning that ends in \"Assistant:\"",
        advice: "Dialogues look like \"\\n\\nHuman: …\\n\\nAssistant: …\".")
    }
    return .comparison(
      Comparison(
        prompt: .text(String(decoding: chosen.utf8.prefix(end), as: UTF8.self)),
        first: Response(String(decoding: chosen.utf8.dropFirst(end), as: UTF8.self)),
        second: Response(String(decoding: rejected.utf8.dropFirst(end), as: UTF8.self)),
        preferred: .first, provenance: provenance()))
  }

  /// The number of bytes to the end of the last mark within the common beginning of two texts.
  private static func endOfSharedPrompt(_ first: String, _ second: String) -> Int? {
    let shared = Array(zip(first.utf8, second.utf8).prefix { $0 == $1 }.map(\.0))
    let mark = Array(DataShape.assistantMark.utf8)
    guard shared.count >= mark.count else { return nil }
    for start in stride(from: shared.count - mark.count, through: 0, by: -1)
    where shared[start..<(start + mark.count)].elementsEqual(mark) {
      return start + mark.count
    }
    return nil
  }

  /// An instruction with its output (Taori et al., 2023): the input, where there is one, follows the instruction after a blank line.
  func instructionItem(_ record: Record) throws(DataError) -> FeedbackItem {
    let instruction = try record.text(in: "instruction", role: "instruction")
    let input = record.holds("input") ? try record.text(in: "input", role: "input") : ""
    return .demonstration(
      Demonstration(
        prompt: .text(input.isEmpty ? instruction : "\(instruction)\n\n\(input)"),
        completion: Response(try record.text(in: "output", role: "output")), provenance: provenance()))
  }

  /// Several models' answers to an instruction, ranked by their overall scores, higher ones better (Cui et al., 2023).
  func scoredAnswers(_ record: Record) throws(DataError) -> FeedbackItem {
    let prompt = try record.text(in: "instruction", role: "instruction")
    var responses: [Response] = [], scores: [Double] = []
    for (place, answer) in (record["completions"]?.array ?? []).enumerated() {
      guard let text = answer["response"]?.string else {
        throw record.error("completion \(place) has no text 'response'")
      }
      guard let score = answer["overall_score"]?.number ?? answer["fine-grained_score"]?.number else {
        throw record.error("completion \(place) has no number 'overall_score'")
      }
      responses.append(Response(text, policy: answer["model"]?.string.map { PolicyVersion($0) }))
      scores.append(score)
    }
    let ranks = scores.map { score in 1 + Set(scores).count { $0 > score } }
    if let problem = Ranking.problem(responses, ranks, nil) { throw record.error(problem) }
    return .ranking(Ranking(prompt: .text(prompt), responses: responses, ranks: ranks, provenance: provenance()))
  }

  private func provenance(of record: Record) -> Provenance {
    provenance(
      labeller: record["worker"]?.string, batch: record["batch"]?.string,
      split: record["split"]?.string)
  }

  private func summary(_ value: JSONValue, of record: Record) throws(DataError) -> Response {
    guard let text = value["text"]?.string else { throw record.error("a summary has no 'text'") }
    return Response(text, policy: value["policy"]?.string.map { PolicyVersion($0) })
  }

  private func summaryPrompt(_ record: Record) throws(DataError) -> Prompt {
    let info = record["info"]
    if let post = info?["post"]?.string {
      let subreddit = info?["subreddit"]?.string ?? ""
      let title = info?["title"]?.string ?? ""
      return .text("SUBREDDIT: r/\(subreddit)\n\nTITLE: \(title)\n\nPOST: \(post)\n\nTL;DR:")
    }
    if let article = info?["article"]?.string {
      return .text("Article:\n\(article)\n\nTL;DR:\n")
    }
    throw record.error("'info' has neither a 'post' nor an 'article'")
  }
}
