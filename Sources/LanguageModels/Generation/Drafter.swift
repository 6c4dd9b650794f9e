import Torch

/// A small model that proposes the next tokens of completions, with a cache of its own.
///
/// It reads each prompt once and then only what was drawn since; what turned out otherwise than proposed is taken back.
final class Drafter {
  let model: Decoder
  /// The number of tokens that it proposes at a time.
  let tokens: Int
  private let cache: PagedCache

  init(_ model: Decoder, tokens: Int, cacheBlocks: Int) {
    self.model = model
    self.tokens = tokens
    cache = PagedCache(model.configuration, blocks: cacheBlocks, dtype: model.cacheDType, device: model.device)
  }

  /// Gives every completion a draft as long as wanted, and shorter or none where its context or memory ends.
  func propose(_ streams: [(stream: GenerationStream, wanted: Int)]) {
    let context = model.configuration.contextLength
    var active = streams.compactMap { stream, wanted -> (stream: GenerationStream, wanted: Int)? in
      let wanted = min(wanted, context - stream.tokens.count)
      return wanted > 0 ? (stream, wanted) : nil
    }
    readPrompts(active.map(\.stream))
    var turn = 0
    while !active.isEmpty {
      var read: [GenerationStream] = []
      var slots: [Int] = []
      var counts: [Int] = []
      for (stream, _) in active {
        let missing = stream.tokens.count + stream.draft.count - stream.draftSequence.length
        guard let own = cache.reserve(&stream.draftSequence, count: missing) else { continue }
        read.append(stream)
        slots += own
        counts.append(missing)
      }
      guard !read.isEmpty else { return }
      append(to: read, logits(of: read, counts, slots))
      turn += 1
      active = active.filter { $0.wanted > turn && $0.stream.draft.count == turn }
    }
  }

  /// Reads each prompt that is new, once for all completions of it.
  private func readPrompts(_ streams: [GenerationStream]) {
    var sharing: [[Int]: [GenerationStream]] = [:]
    var order: [[Int]] = []
    for stream in streams where stream.draftSequence.length == 0 {
      let prompt = stream.request.prompt
      if sharing[prompt] == nil { order.append(prompt) }
      sharing[prompt, default: []].append(stream)
    }
    var sequences: [PagedCache.Sequence] = []
    var slots: [Int] = []
    var read: [[Int]] = []
    for prompt in order {
      var sequence = PagedCache.Sequence()
      guard let own = cache.reserve(&sequence, count: prompt.count) else { continue }
      slots += own
      sequences.append(sequence)
      read.append(prompt)
    }
    guard !read.isEmpty else { return }
    let packed = PackedTokens(read)
    // A proposal may be made with the first regime's frequencies: it is judged, and what comes doesn't depend on it.
    _ = model.forward(
      packed.tokens, positions: packed.positions, regimes: [], boundaries: packed.boundaries,
      cache: CachePass(cache: cache, slots: slots))
    for (i, prompt) in read.enumerated() {
      for stream in sharing[prompt] ?? [] { stream.draftSequence = cache.fork(sequences[i]) }
      cache.release(&sequences[i])
    }
  }

  /// Logits after the last token of each completion, its draft included.
  private func logits(of streams: [GenerationStream], _ counts: [Int], _ slots: [Int]) -> Tensor {
    var tokens: [Int] = []
    var positions: [Int] = []
    var last: [Int] = []
    for (stream, count) in zip(streams, counts) {
      tokens += (stream.tokens + stream.draft).suffix(count)
      positions += (stream.draftSequence.length - count)..<stream.draftSequence.length
      last.append(tokens.count - 1)
    }
    let hidden = model.forward(
      tokens, positions: positions, regimes: [], boundaries: [],
      cache: CachePass(
        cache: cache, slots: slots, sequences: streams.map(\.draftSequence), counts: counts))
    return model.logits(hidden.indexSelect(Tensor(ids: last).to(device: model.device)))
  }

  /// Draws one more proposal for each; a greedy completion's is the most probable token, and needs no distribution.
  private func append(to streams: [GenerationStream], _ logits: Tensor) {
    let greedy = streams.indices.filter { streams[$0].parameters.temperature == 0 }
    if !greedy.isEmpty {
      let best = logits.argmax(axis: -1).array(of: Int.self)
      for i in greedy { streams[i].draft.append(best[i]) }
    }
    let drawn = streams.indices.filter { streams[$0].parameters.temperature > 0 }
    guard !drawn.isEmpty else { return }
    let rows =
      drawn.count == streams.count
      ? logits : logits.indexSelect(Tensor(ids: drawn).to(device: logits.device))
    for (i, distribution) in zip(drawn, TokenDistribution.rows(rows, drawn.map { streams[$0].parameters })) {
      let stream = streams[i]
      let place = stream.ids.count + stream.draft.count
      stream.draft.append(distribution.token(at: stream.random.uniform(.proposal, at: place)))
      stream.proposals.append(distribution)
    }
  }

  /// Takes back what was not drawn after all; the newest token is read with the next proposal.
  func keep(_ stream: GenerationStream) {
    let read = min(stream.draftSequence.length, stream.tokens.count - 1)
    cache.truncate(&stream.draftSequence, to: read)
  }

  func release(_ stream: GenerationStream) { cache.release(&stream.draftSequence) }
}

extension Decoder {
  /// Refuses a model that can't draft for this one: both must speak of the same tokens.
  ///
  /// - Throws: ``ConfigurationError`` that says what differs.
  public func checkDraft(_ draft: Decoder) throws {
    let (own, other) = (configuration.vocabularySize, draft.configuration.vocabularySize)
    guard own == other else {
      throw ConfigurationError(
        "the draft model's vocabulary has \(other) tokens and the model's \(own): a draft model must have the same tokenizer"
      )
    }
  }
}
