import Torch

// Completions: which run, and one pass of the model over all that do.
extension GenerationScheduler {
  /// Starts completions whose prompts have been read: their first tokens come from the prompt's logits.
  func start() {
    var begun: [GenerationStream] = []
    var rows: [Tensor] = []
    var rest: [GenerationStream] = []
    for (i, stream) in queue.enumerated() {
      guard growing.count + begun.count < limits.batch else {
        rest += queue[i...]
        break
      }
      guard let logits = stream.prompt.logits else {
        rest.append(stream)
        continue
      }
      let prompt = stream.prompt
      stream.sequence = cache.fork(prompt.sequence)
      if !stream.isAnnounced {
        stream.isAnnounced = true
        counters.promptTokens += prompt.tokens.count
        counters.cachedTokens += prompt.cachedTokens
        emit(stream, .promptRead(cachedTokens: prompt.cachedTokens, scores: prompt.scores))
      }
      leave(prompt)
      if stream.parameters.maxTokens == 0 {
        end(stream, .length)
        continue
      }
      rows.append(logits)
      begun.append(stream)
    }
    queue = rest
    guard !begun.isEmpty else { return }
    for model in models.indices {
      let places = begun.indices.filter { begun[$0].request.model == model }
      guard !places.isEmpty else { continue }
      sample(Tensor.stacked(places.map { rows[$0] }), places.map { begun[$0] })
    }
    growing += begun.filter { !$0.isFinished }
    growing.sort { $0.order < $1.order }
  }

  /// One pass over the newest token of every running completion, and over a piece of each prompt that is being read.
  func decode() {
    rereadGrown()
    proposeDrafts()
    var slots: [Int: [Int]] = [:]
    var i = 0
    while i < growing.count {
      let stream = growing[i]
      if let own = cache.reserve(&stream.sequence, count: 1 + stream.draft.count) {
        slots[stream.order] = own
        i += 1
      } else if !stream.draft.isEmpty {
        (stream.draft, stream.proposals) = ([], [])
        if let own = cache.reserve(&stream.sequence, count: 1) {
          slots[stream.order] = own
          i += 1
        } else {
          makeRoom()
        }
      } else {
        makeRoom()
      }
    }
    var pieces: [(prompt: Prompt, slots: [Int])] = []
    for prompt in reading where prompt.chunk > 0 && prompt.isReading {
      while true {
        if let own = cache.reserve(&prompt.sequence, count: prompt.chunk) {
          pieces.append((prompt, own))
          break
        }
        // With nothing running, only other prompts can be in the way.
        guard growing.isEmpty, pieces.isEmpty, dropIdlePrompt(but: prompt) else { break }
      }
    }
    for model in models.indices {
      decode(
        growing.filter { $0.request.model == model }, slots,
        pieces.filter { $0.prompt.key.model == model }, models[model])
    }
    reading.removeAll { $0.logits != nil }
    growing.removeAll { $0.isFinished }
  }

  func decode(
    _ streams: [GenerationStream], _ slots: [Int: [Int]], _ pieces: [(prompt: Prompt, slots: [Int])],
    _ model: Decoder
  ) {
    guard !streams.isEmpty || !pieces.isEmpty else { return }
    var tokens: [Int] = []
    var positions: [Int] = []
    var places: [Int] = []
    var lengths: [Int] = []
    for stream in streams {
      tokens += stream.ids.suffix(1) + stream.draft
      positions += (stream.sequence.length - 1 - stream.draft.count)..<stream.sequence.length
      places += slots[stream.order] ?? []
      lengths += repeatElement(stream.sequence.length, count: 1 + stream.draft.count)
    }
    let decoded = tokens.count
    for (prompt, own) in pieces {
      let range = (prompt.sequence.length - own.count)..<prompt.sequence.length
      tokens += prompt.tokens[range]
      positions += range
      places += own
      lengths += repeatElement(prompt.tokens.count, count: own.count)
    }
    if pieces.isEmpty, let logits = recordedLogits(streams, tokens, positions, places, model) {
      return sample(logits, streams)
    }
    let hidden = model.forward(
      tokens, positions: positions, regimes: model.configuration.rotaryRegimes(lengths), boundaries: [],
      cache: CachePass(
        cache: cache, slots: places,
        sequences: streams.map(\.sequence) + pieces.map(\.prompt.sequence),
        counts: streams.map { 1 + $0.draft.count } + pieces.map(\.slots.count)))
    var row = decoded
    for (prompt, own) in pieces {
      score(
        prompt, hidden, rows: row..<(row + own.count), first: prompt.sequence.length - own.count, model)
      row += own.count
      if prompt.unread == 0 {
        finishReading(prompt, model.logits(hidden.slice((row - 1)..<row)).select(0, axis: 0))
      }
    }
    guard decoded > 0 else { return }
    sample(model.logits(pieces.isEmpty ? hidden : hidden.slice(0..<decoded)), streams)
  }

  /// Frees blocks for those that came first: prompts that wait, then the youngest completion.
  func makeRoom() {
    if dropIdlePrompt(but: nil) { return }
    guard let youngest = growing.popLast() else { return }
    counters.preemptions += 1
    waitToBeRead(youngest)
  }

  /// Gives a completion's blocks back, and reads what it has come to as a prompt in its turn.
  private func waitToBeRead(_ stream: GenerationStream) {
    release(stream)
    (stream.draft, stream.proposals) = ([], [])
    let prompt = self.prompt(Prompt.Key(tokens: stream.tokens, model: stream.request.model, alternatives: nil))
    prompt.waiting += 1
    stream.prompt = prompt
    queue.insert(stream, at: 0)
  }

  /// Has completions read again whose next token brings them to a length with other rotary frequencies: their keys were turned by
  /// the old ones.
  private func rereadGrown() {
    for stream in growing.reversed() {
      let configuration = models[stream.request.model].configuration
      guard configuration.turnsByLength else { continue }
      let length = stream.sequence.length
      if configuration.rotaryRegime(ofLength: length + 1) != configuration.rotaryRegime(ofLength: length) {
        waitToBeRead(stream)
      }
    }
    growing.removeAll { $0.sequence.length == 0 }
  }

  /// Forgets what was read of the last prompt that has not started; it is read again in its turn.
  func dropIdlePrompt(but kept: Prompt?) -> Bool {
    for stream in queue.reversed() {
      let prompt = stream.prompt
      guard prompt !== kept, !prompt.sequence.blocks.isEmpty else { continue }
      cache.release(&prompt.sequence)
      prompt.logits = nil
      prompt.isReading = false
      prompt.scores = []
      reading.removeAll { $0 === prompt }
      return true
    }
    return false
  }
}
