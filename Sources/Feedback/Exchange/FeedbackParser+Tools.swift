import Documents
import Foundation

/// The exports of other labelling tools: Label Studio's tasks with annotations, Argilla's records with responses.
extension FeedbackParser {
  /// What one person said of a task in another tool.
  private struct Judgement {
    var provenance: Provenance
    /// The questions' names, what each is about where that is said, and the answers.
    var answers: [(question: String, about: String?, kind: String?, value: JSONValue)]
  }

  /// The annotations of a Label Studio task; those that were cancelled say nothing.
  ///
  /// Pairs, rankings and choices between answers become comparisons and rankings, stars and numbers ratings, texts demonstrations.
  func labelStudioItems(_ record: Record) throws(DataError) -> [FeedbackItem] {
    guard let data = record["data"]?.object, let texts = LabelledTexts(data) else {
      throw record.error(
        "'data' has no text that could be the prompt",
        advice: "Name the fields so that they tell: prompt, response_1, response_2.")
    }
    let judgements = (record["annotations"]?.array ?? record["completions"]?.array ?? [])
      .filter { $0["was_cancelled"]?.bool != true }
      .map { annotation -> Judgement in
        let author = annotation["completed_by"]
        let name =
          author?.string ?? author?["email"]?.string ?? (author?["id"]?.int ?? author?.int).map { "label-studio-\($0)" }
        var provenance = provenance(labeller: name, date: annotation["updated_at"] ?? annotation["created_at"])
        provenance.seconds = annotation["lead_time"]?.double
        return Judgement(
          provenance: provenance,
          answers: (annotation["result"]?.array ?? []).map { result in
            (
              result["from_name"]?.string ?? "answer", result["to_name"]?.string, result["type"]?.string,
              result["value"] ?? .null
            )
          })
      }
    return try items(of: judgements, texts, record)
  }

  /// The responses to an Argilla record, of its first or its second interface; drafts and those that were discarded say nothing.
  func argillaItems(_ record: Record) throws(DataError) -> [FeedbackItem] {
    guard let fields = record["fields"]?.object, let texts = LabelledTexts(fields) else {
      throw record.error(
        "'fields' has no text that could be the prompt",
        advice: "Name the fields so that they tell: prompt, response_1, response_2.")
    }
    var judgements: [Judgement] = []
    func isFinal(_ status: JSONValue?) -> Bool { !["discarded", "draft"].contains(status?.string) }
    if let people = record["responses"]?.array {
      for person in people where isFinal(person["status"]) {
        judgements.append(
          Judgement(
            provenance: provenance(labeller: person["user_id"]?.string, date: person["updated_at"]),
            answers: (person["values"]?.object?.members ?? []).map { ($0.key, nil, nil, $0.value["value"] ?? .null) }))
      }
    } else {
      var byPerson: [String: Judgement] = [:]
      for (question, said) in record["responses"]?.object?.members ?? [] {
        for answer in said.array ?? [] where isFinal(answer["status"]) {
          let name = answer["user_id"]?.string ?? answer["user"]?.string
          byPerson[
            name ?? "",
            default: Judgement(provenance: provenance(labeller: name, date: record["updated_at"]), answers: [])
          ].answers.append((question, nil, nil, answer["value"] ?? .null))
        }
      }
      judgements = byPerson.sorted { $0.key < $1.key }.map(\.value)
    }
    return try items(of: judgements, texts, record)
  }

  private func provenance(labeller: String?, date: JSONValue?) -> Provenance {
    let own = provenance(labeller: labeller)
    let when = date?.string.flatMap { text in
      // Microseconds, which Python writes, are cut; a time without a zone is UTC's.
      let whole = text.replacing(/\.[0-9]+/, with: "")
      return Provenance.date(whole) ?? Provenance.date(whole + "Z")
    }
    return Provenance(labeller: own.labeller, date: when ?? own.date, batch: own.batch, split: own.split)
  }

  private func items(
    of judgements: [Judgement], _ texts: LabelledTexts, _ record: Record
  ) throws(DataError) -> [FeedbackItem] {
    var items: [FeedbackItem] = []
    for judgement in judgements {
      for answer in judgement.answers {
        items += try self.items(answer, texts, judgement.provenance, record)
      }
    }
    return items
  }

  private func items(
    _ answer: (question: String, about: String?, kind: String?, value: JSONValue), _ texts: LabelledTexts,
    _ provenance: Provenance, _ record: Record
  ) throws(DataError) -> [FeedbackItem] {
    let value = answer.value
    func place(_ name: String) throws(DataError) -> Int {
      guard let place = texts.answers.firstIndex(where: { $0.name == name }) else {
        throw record.error(
          "'\(answer.question)' names '\(name)', and the answers are \(texts.answers.map { "'\($0.name)'" }.joined(separator: ", "))"
        )
      }
      return place
    }
    // What a rating or a text is about: the answer that it names, or the only one.
    let about =
      answer.about.flatMap { name in texts.answers.firstIndex { $0.name == name } }
      ?? texts.answers.indices.first { answer.question.contains(texts.answers[$0].name) }
      ?? (texts.answers.count == 1 ? 0 : nil)
    if let order = Self.order(value) {
      var ranks = [Int?](repeating: nil, count: texts.answers.count)
      for (name, rank) in order { ranks[try place(name)] = rank }
      let ranked = ranks.indices.filter { ranks[$0] != nil }
      guard ranked.count > 1 else { throw record.error("'\(answer.question)' ranks fewer than two answers") }
      return [
        .ranking(
          Ranking(
            prompt: texts.prompt, responses: ranked.map { texts.answers[$0].response },
            ranks: ranked.compactMap { ranks[$0] }, provenance: provenance))
      ]
    }
    let chosen = value["selected"]?.string ?? value["choices"]?[0]?.string ?? value.string
    if texts.answers.count == 2, let words = chosen, value["text"] == nil, let side = texts.choice(words) {
      return [
        .comparison(
          Comparison(
            prompt: texts.prompt, first: texts.answers[0].response, second: texts.answers[1].response,
            preferred: side.map { $0 == 0 ? .first : .second }, provenance: provenance))
      ]
    }
    if let number = value["rating"]?.double ?? value["number"]?.double ?? value.double, let about {
      return [
        .rating(
          Rating(
            prompt: texts.prompt, response: texts.answers[about].response, axis: answer.question, value: number,
            // An export doesn't say how long the scale is: five stars, unless there are more.
            scale: min(1, number)...(number > 10 ? max(100, number) : number > 7 ? 10 : number > 5 ? 7 : 5),
            provenance: provenance))
      ]
    }
    // A text that somebody wrote: the answer itself, where none was given to be judged, or one that corrects it.
    let written = value["text"]?.string ?? value["text"]?[0]?.string ?? (answer.kind == nil ? value.string : nil)
    if let written, !written.isEmpty, texts.answers.isEmpty || Self.isAnswer(answer.question) {
      return [
        .demonstration(Demonstration(prompt: texts.prompt, completion: Response(written), provenance: provenance))
      ]
    }
    return []
  }

  /// Names with ranks, in any of the shapes that rankings are exported in; nil where a value is none.
  private static func order(_ value: JSONValue) -> [(String, Int)]? {
    if let list = value.array, list.count > 1 {
      let named = list.compactMap { entry -> (String, Int)? in
        guard let name = entry["value"]?.string, let rank = entry["rank"]?.int else { return nil }
        return (name, rank)
      }
      if named.count == list.count { return named }
      let names = list.compactMap(\.string)
      return names.count == list.count ? names.enumerated().map { ($1, $0 + 1) } : nil
    }
    // A ranker has a list by the name of each of its columns.
    guard let columns = value["ranker"]?.object else { return nil }
    let lists = columns.members.compactMap { $0.value.array }.max { $0.count < $1.count } ?? []
    let names = lists.compactMap { $0.string ?? $0.int.map(String.init) }
    return names.count > 1 ? names.enumerated().map { ($1, $0 + 1) } : nil
  }

  private static func isAnswer(_ question: String) -> Bool {
    let name = question.lowercased()
    return ["response", "answer", "completion", "correct", "rewrite", "edited", "demonstration", "output"]
      .contains { name.contains($0) }
  }
}
