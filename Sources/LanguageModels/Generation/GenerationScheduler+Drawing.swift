import Expressions
import Torch

// Tokens: drawn from logits, taken into completions, and what ends those.
extension GenerationScheduler {
  /// Draws tokens: a row of logits for each completion's newest token, and one for each token of its draft.
  func sample(_ logits: Tensor, _ streams: [GenerationStream]) {
    let rows = streams.flatMap(LogitsRow.rows)
    let wanted = rows.map(\.stream.parameters.alternatives)
    let best =
      wanted.contains { $0 > 0 } ? Self.mostProbable(logits.logSoftmax(axis: -1), wanted) : []
    let edited = EditedLogits(logits, rows, ends: ends)
    let how = rows.map { row in
      let p = row.stream.parameters
      return TokenSampling(
        temperature: p.temperature, topK: p.topK, topP: p.topP, minP: p.minP,
        seed: row.stream.random.seed,
        counter: UInt64(row.stream.ids.count + row.drafted))
    }
    var (ids, logProbabilities) = edited.logits.sampleTokens(how)
    let plain = ids
    judge(rows, edited.logits, &ids)
    for (i, row) in rows.enumerated() { if let next = row.stream.inserted.first { ids[i] = next } }
    if ids != plain {
      // A judged or inserted token's log-probability is looked up as the sampled one's was.
      let changed = ids.indices.filter { ids[$0] != plain[$0] }
      for (i, value) in zip(changed, Self.logProbabilities(edited.logits, rows: changed, of: ids)) {
        logProbabilities[i] = value
      }
    }
    edited.restore(&logProbabilities, of: ids)
    for (i, row) in rows.enumerated() {
      let stream = row.stream
      guard !stream.isFinished else { continue }
      // Of use only if what was drafted before it came.
      guard row.isReached else { continue }
      if row.drafted > 0 { counters.acceptedTokens += 1 }
      if let problem = row.problem {
        fail(stream, GenerationError(problem, cause: .constraint))
        continue
      }
      accept(ids[i], logProbabilities[i], best.isEmpty ? [] : best[i], stream)
      row.next?.isReached = stream.draft[row.drafted] == ids[i]
    }
    for stream in streams where !stream.isFinished {
      // What a wrong draft wrote is taken back; the newest token is written by the next step.
      cache.truncate(&stream.sequence, to: stream.request.prompt.count + stream.ids.count - 1)
      drafter?.keep(stream)
      (stream.draft, stream.proposals) = ([], [])
    }
  }

  private static func logProbabilities(_ logits: Tensor, rows: [Int], of ids: [Int]) -> [Float] {
    let own = logits.indexSelect(Tensor(ids: rows).to(device: logits.device)).to(.float32)
    let chosen = Tensor(ids: rows.map { ids[$0] }, shape: [rows.count, 1]).to(device: logits.device)
    return own.logSoftmax(axis: -1).gather(chosen, axis: 1).array()
  }

  func accept(
    _ id: Int, _ logProbability: Float, _ alternatives: [TokenScore], _ stream: GenerationStream
  ) {
    let parameters = stream.parameters
    let configuration = models[0].configuration
    // Two ways of summing give it a last digit each; whoever asks gets one.
    let alternatives = alternatives.map { $0.id == id ? TokenScore(id: id, logProbability: logProbability) : $0 }
    counters.generatedTokens += 1
    stream.ids.append(id)
    stream.logProbabilities.append(logProbability)
    if parameters.alternatives > 0 { stream.alternatives.append(alternatives) }
    if parameters.editsLogits { stream.counts[id, default: 0] += 1 }
    let isEnd =
      parameters.stopTokens.contains(id)
      || (configuration.isEnd(id) && !parameters.ignoresEndOfText)
    let isStopped = !isEnd && stream.append(id)
    emit(
      stream,
      .token(
        ScoredToken(
          score: TokenScore(id: id, logProbability: logProbability), alternatives: alternatives),
        text: stream.takeText(isWhole: isEnd || isStopped)))
    if isEnd || isStopped { return end(stream, .stop) }
    stream.inserted = stream.inserted.dropFirst()
    stream.lookForInsertion(tokenizer)
    if let matcher = stream.matcher, let state = stream.constraintState {
      guard let next = matcher.advance(state, by: id) else { return end(stream, .stop) }
      stream.constraintState = next
      if next.isFinal { return end(stream, .stop) }
    }
    if stream.ids.count >= parameters.maxTokens
      || stream.request.prompt.count + stream.ids.count >= configuration.contextLength
    {
      end(stream, .length)
    }
  }

  func fail(_ stream: GenerationStream, _ error: GenerationError) {
    stream.isFinished = true
    release(stream)
    emit(stream, .failed(error))
  }

  func end(_ stream: GenerationStream, _ reason: Completion.FinishReason) {
    if reason == .length { stream.flush() }
    stream.isFinished = true
    // The last token was not read, and what a draft wrote in its place is not it.
    cache.truncate(&stream.sequence, to: min(stream.sequence.length, stream.tokens.count - 1))
    if limits.reusesPrefixes {
      cache.record(stream.sequence, tokens: stream.tokens, weights: stream.request.model)
    }
    release(stream)
    emit(
      stream,
      .finished(
        Completion(
          text: stream.text, ids: stream.ids, logProbabilities: stream.logProbabilities,
          finishReason: reason,
          alternatives: stream.parameters.alternatives > 0 ? stream.alternatives : nil),
        text: stream.takeText(isWhole: true)))
  }
}
