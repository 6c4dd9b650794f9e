import Torch

// Tokens that are proposed before the model has seen them, so that one pass judges several.

extension GenerationScheduler {
  /// Proposes tokens for every running completion: by prompt look-up where that finds something, else by the draft model.
  func proposeDrafts() {
    var asking: [(stream: GenerationStream, wanted: Int)] = []
    for stream in growing {
      (stream.draft, stream.proposals) = ([], [])
      let configuration = models[0].configuration
      let room = min(
        min(configuration.contextLength - stream.request.prompt.count, stream.parameters.maxTokens) - stream.ids.count
          - 1,
        configuration.roomInRegime(afterLength: stream.sequence.length + 1))
      // What is inserted can't be known before the text that it follows.
      guard room > 0, stream.request.insertion == nil else { continue }
      stream.draft = lookedUp(stream, room: room)
      if stream.draft.isEmpty, let drafter { asking.append((stream, min(room, drafter.tokens))) }
    }
    if !asking.isEmpty { drafter?.propose(asking) }
    counters.draftedTokens += growing.reduce(0) { $0 + $1.draft.count }
  }

  private func lookedUp(_ stream: GenerationStream, room: Int) -> [Int] {
    guard stream.parameters.lookupTokens > 0 else { return [] }
    var draft = Array(stream.lookUpDraft().prefix(room))
    // A token that the constraint forbids can't come, and neither can what follows it.
    if let matcher = stream.matcher, var state = stream.constraintState {
      for (i, id) in draft.enumerated() {
        guard let next = matcher.advance(state, by: id) else {
          draft.removeLast(draft.count - i)
          break
        }
        state = next
      }
    }
    return draft
  }

  /// Judges proposals of the draft model: a token x that it drew with probability q(x) is taken with probability
  /// min(1, p(x)/q(x)), and one drawn from max(p − q, 0) comes in place of a refused one, so that what comes is
  /// distributed as p (Leviathan 2023, algorithm 1; Chen 2023).
  ///
  /// - Parameter ids: what sampling alone gave for each row; changed where a proposal stood.
  func judge(_ rows: [LogitsRow], _ logits: Tensor, _ ids: inout [Int]) {
    let judged = rows.indices.filter { rows[$0].drafted < rows[$0].stream.proposals.count && rows[$0].problem == nil }
    guard !judged.isEmpty else { return }
    let own = TokenDistribution.rows(
      logits.indexSelect(Tensor(ids: judged).to(device: logits.device)),
      judged.map { rows[$0].stream.parameters })
    for (i, p) in zip(judged, own) {
      let (stream, drafted) = (rows[i].stream, rows[i].drafted)
      let (x, q) = (stream.draft[drafted], stream.proposals[drafted])
      let place = stream.ids.count + drafted
      let isTaken =
        stream.random.uniform(.acceptance, at: place) * Double(q.probabilities[x]) < Double(p.probabilities[x])
      ids[i] = isTaken ? x : p.residual(after: q).token(at: stream.random.uniform(.residual, at: place))
    }
  }
}
