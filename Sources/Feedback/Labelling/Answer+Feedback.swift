import Documents
import Foundation

extension Answer {
  /// The feedback that the answer is: checked against the task, and turned from what was shown to the task's own order.
  ///
  /// Ratings stay ratings and rankings rankings; nothing is converted.
  ///
  /// - Parameters:
  ///   - id: the submission's identifier, from which those of its items are made.
  /// - Throws: ``ProjectError`` that says what is missing or doesn't fit.
  func feedback(
    id: String, project: Project, assignment: Assignment, provenance: Provenance
  ) throws -> [FeedbackItem] {
    let (prompt, responses, shown) = (assignment.prompt, assignment.responses, assignment.shown)
    func invalid(_ problem: String) -> ProjectError { ProjectError(.invalid, problem) }
    switch project.kind {
    case .demonstration:
      guard let text, !text.allSatisfy(\.isWhitespace) else { throw invalid("Write an answer first.") }
      let policy = model.map { PolicyVersion($0) }
      return [
        .demonstration(
          Demonstration(id: id, prompt: prompt, completion: Response(text, policy: policy), provenance: provenance))
      ]
    case .comparison:
      guard let score, (-4...4).contains(score) else { throw invalid("Choose one of the nine points first.") }
      let side: Comparison.Side? = score == 0 ? nil : (score < 0) == (shown[0] == 0) ? .first : .second
      return [
        .comparison(
          Comparison(
            id: id, prompt: prompt, first: responses[0], second: responses[1], preferred: side,
            strength: score == 0 ? nil : Double(abs(score)) / 4, shownFirst: shown[0] == 0 ? .first : .second,
            provenance: provenance))
      ]
    case .ranking:
      guard let ranks, ranks.count == responses.count, ranks.allSatisfy({ (1...responses.count).contains($0) }) else {
        throw invalid("Give each of the \(responses.count) answers a rank from 1 to \(responses.count).")
      }
      var own = [Int](repeating: 0, count: ranks.count)
      for (place, index) in shown.enumerated() { own[index] = ranks[place] }
      return [
        .ranking(
          Ranking(
            id: id, prompt: prompt, responses: responses, ranks: own, shownOrder: shown, provenance: provenance))
      ]
    case .rating:
      return try ratings(id: id, form: try project.form, assignment: assignment, provenance: provenance)
    case .critique:
      return try critiques(id: id, assignment: assignment, provenance: provenance)
    case .conversation:
      return try comparisons(id: id, prompt: prompt, provenance: provenance)
    }
  }

  private func ratings(
    id: String, form: LabellingForm, assignment: Assignment, provenance: Provenance
  ) throws -> [FeedbackItem] {
    var items: [FeedbackItem] = []
    for question in form.questions {
      let range: ClosedRange<Int>
      switch question.answering {
      case .scale(let scale): range = scale
      case .yesNo: range = 0...1
      case .text:
        if question.isRequired, words?[question.name, default: ""].allSatisfy(\.isWhitespace) ?? true {
          throw ProjectError(.invalid, "'\(question.text)' wants an answer.")
        }
        continue
      }
      guard let value = values?[question.name] else {
        if question.isRequired { throw ProjectError(.invalid, "'\(question.text)' wants an answer.") }
        continue
      }
      guard let whole = Int(exactly: value), range.contains(whole) else {
        throw ProjectError(
          .invalid, "'\(question.text)' takes a whole number from \(range.lowerBound) to \(range.upperBound).")
      }
      items.append(
        .rating(
          Rating(
            id: "\(id)/\(question.name)", prompt: assignment.prompt, response: assignment.responses[0],
            axis: question.name, value: value, scale: Double(range.lowerBound)...Double(range.upperBound),
            provenance: provenance)))
    }
    let known = Set(form.questions.map(\.name))
    if let other = (values ?? [:]).keys.first(where: { !known.contains($0) }) {
      throw ProjectError(.invalid, "the form has no question '\(other)'; load the page again.")
    }
    return items
  }

  private func critiques(id: String, assignment: Assignment, provenance: Provenance) throws -> [FeedbackItem] {
    let response = assignment.responses[0]
    let scalars = Array(response.text.unicodeScalars)
    var items: [FeedbackItem] = []
    for (i, passage) in (passages ?? []).enumerated() {
      guard passage.start >= 0, passage.start < passage.end, passage.end <= scalars.count else {
        throw ProjectError(.invalid, "A marked passage lies outside the answer; mark it again.")
      }
      var marked = String.UnicodeScalarView()
      marked.append(contentsOf: scalars[passage.start..<passage.end])
      guard String(marked) == passage.text else {
        throw ProjectError(.invalid, "A marked passage is not what stands in the answer; mark it again.")
      }
      guard !passage.comment.allSatisfy(\.isWhitespace) || passage.suggestion != nil else {
        throw ProjectError(.invalid, "Say what is wrong with “\(passage.text.prefix(40))”, or what should stand there.")
      }
      guard (0...1).contains(passage.severity) else { throw ProjectError(.invalid, "A severity lies between 0 and 1.") }
      let refinement = passage.suggestion.map { suggestion in
        var whole = String.UnicodeScalarView(scalars[..<passage.start])
        whole.append(contentsOf: suggestion.unicodeScalars)
        whole.append(contentsOf: scalars[passage.end...])
        return String(whole)
      }
      items.append(
        .critique(
          Critique(
            id: "\(id)/\(i)", prompt: assignment.prompt, response: response, text: passage.comment,
            severity: passage.severity, refinement: refinement,
            passage: Critique.Passage(start: passage.start, end: passage.end, text: passage.text),
            provenance: provenance)))
    }
    let said = comment.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    let better = refinement.flatMap { $0 == response.text || $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    if said != nil || better != nil {
      items.append(
        .critique(
          Critique(
            id: "\(id)/whole", prompt: assignment.prompt, response: response, text: said ?? "", refinement: better,
            provenance: provenance)))
    }
    guard !items.isEmpty else {
      throw ProjectError(
        .invalid, "Mark a passage, or say something about the whole answer. If it has no fault, say so.")
    }
    return items
  }

  private func comparisons(id: String, prompt: Prompt, provenance: Provenance) throws -> [FeedbackItem] {
    guard let turns, !turns.isEmpty else { throw ProjectError(.invalid, "Say something to the model first.") }
    var messages: [Prompt.Message] =
      switch prompt {
      case .text(let text): text.isEmpty ? [] : [Prompt.Message(role: "system", content: text)]
      case .conversation(let messages, _): messages
      }
    return try turns.enumerated().map { i, turn in
      guard turn.replies.count == 2, (-4...4).contains(turn.score) else {
        throw ProjectError(.invalid, "Turn \(i + 1) needs two replies and a choice between them.")
      }
      messages.append(Prompt.Message(role: "user", content: turn.user))
      let policy = turn.model.map { PolicyVersion($0) }
      let side: Comparison.Side? = turn.score == 0 ? nil : turn.score < 0 ? .first : .second
      defer { messages.append(Prompt.Message(role: "assistant", content: turn.replies[side == .second ? 1 : 0])) }
      return .comparison(
        Comparison(
          id: "\(id)/\(i)", prompt: .conversation(messages), first: Response(turn.replies[0], policy: policy),
          second: Response(turn.replies[1], policy: policy), preferred: side,
          strength: side == nil ? nil : Double(abs(turn.score)) / 4, shownFirst: .first, provenance: provenance))
    }
  }

  /// One number by which two labellers' answers to a task are compared; nil where there is none.
  ///
  /// Of a comparison it is the score in the task's own order, of a rating the first question's value, of a ranking the
  /// identifier of its best response.
  func value(kind: Project.Kind, shown: [Int], form: LabellingForm?) -> Double? {
    switch kind {
    case .comparison: score.map { Double(shown.first == 0 ? $0 : -$0) }
    case .ranking:
      ranks.flatMap { ranks in
        let best = ranks.indices.filter { ranks[$0] == ranks.min() }
        return best.count == 1 ? Double(shown[best[0]]) : -1
      }
    case .rating: form?.questions.first.flatMap { values?[$0.name] }
    case .demonstration, .critique, .conversation: nil
    }
  }

  /// Whether an answer agrees with the known one: the same side of a comparison, the same best of a ranking, within a point of
  /// each scale and the same yes or no; nil where kinds have no right answer.
  func agrees(with gold: Answer, kind: Project.Kind, shown: [Int], form: LabellingForm?) -> Bool? {
    // Gold answers are written in the task's own order.
    let own = Array(shown.indices)
    switch kind {
    case .comparison, .ranking:
      guard let mine = value(kind: kind, shown: shown, form: form),
        let right = gold.value(kind: kind, shown: own, form: form)
      else { return nil }
      return kind == .comparison ? mine.sign(of: right) : mine == right
    case .rating:
      guard let right = gold.values, let values else { return nil }
      return right.allSatisfy { name, value in
        guard let mine = values[name] else { return false }
        let isBinary = form?.questions.first { $0.name == name }?.answering == .yesNo
        return abs(mine - value) <= (isBinary ? 0 : 1)
      }
    case .demonstration, .critique, .conversation: return nil
    }
  }
}

extension Double {
  /// Whether both are above, below or at zero.
  fileprivate func sign(of other: Double) -> Bool { (self > 0) == (other > 0) && (self < 0) == (other < 0) }
}
