public import Tokenization
import Torch

/// The engine's loop, one step at a time: requests come and go between steps.
///
/// A step reads some of the waiting prompts, starts what has been read, and gives every running completion its next token
/// (continuous batching, Yu 2022). Memory is a fixed number of cache blocks: a request that could never fit is refused when
/// it is submitted, one that doesn't fit yet waits, and if running completions outgrow the cache the youngest gives its
/// blocks back and is read again later. Prompts longer than a step's allowance are read in pieces between the tokens of
/// others. A completion depends on its prompt, parameters and seed, whatever else runs.
///
/// ```swift
/// let scheduler = GenerationScheduler(models: [model], tokenizer: tokenizer, cacheTokens: 65_536)
/// let number = try scheduler.submit(GenerationRequest(prompt: ids, parameters: .init(seed: 1)))
/// while !scheduler.isIdle { for event in try scheduler.step() { … } }
/// ```
/// It holds tensors, so it stays on one thread.
public final class GenerationScheduler {
  /// What is going on, for monitoring.
  public struct Statistics: Sendable, Equatable {
    /// Completions that get a token in every step.
    public var running = 0
    /// Completions that wait for their prompt to be read, or for room.
    public var waiting = 0
    /// Cache blocks in all and those in use.
    public var blocks = 0
    /// Cache blocks that sequences own.
    public var usedBlocks = 0
    /// Prompt tokens of started requests, those from the cache included.
    public var promptTokens = 0
    /// Prompt tokens that the cache had.
    public var cachedTokens = 0
    /// Tokens drawn.
    public var generatedTokens = 0
    /// How often a completion gave way to others.
    public var preemptions = 0
    /// Tokens proposed by prompt look-up, and how many of them were right.
    public var draftedTokens = 0
    /// Proposed tokens that sampling gave too.
    public var acceptedTokens = 0
  }

  let models: [Decoder]
  let tokenizer: Tokenizer?
  let limits: GenerationEngine.Limits
  let cache: PagedCache

  private var prompts: [Prompt.Key: Prompt] = [:]
  private var queue: [GenerationStream] = []
  private var reading: [Prompt] = []
  private var growing: [GenerationStream] = []
  private var events: [GenerationEvent] = []
  private var submitted = 0
  /// The model's own tokens that end a text.
  private lazy var ends: [Int] = (0..<models[0].configuration.vocabularySize).filter(models[0].configuration.isEnd)
  private var streams = 0
  private var counters = Statistics()
  private lazy var constraints = ConstraintMatchers(tokenizer, model: models[0].configuration)

  /// A scheduler with a cache of its own.
  ///
  /// - Parameters:
  ///   - models: one model, or several over one base: requests say which of them they want.
  ///   - cacheTokens: how many tokens' keys and values there is room for.
  public convenience init(
    models: [Decoder], tokenizer: Tokenizer?, limits: GenerationEngine.Limits = .init(),
    cacheTokens: Int
  ) {
    precondition(!models.isEmpty, "a scheduler needs a model")
    self.init(
      models: models, tokenizer: tokenizer, limits: limits,
      cache: PagedCache(
        models[0].configuration, blocks: max(1, PagedCache.blocks(for: cacheTokens)),
        dtype: models[0].dtype, device: models[0].device))
  }

  init(models: [Decoder], tokenizer: Tokenizer?, limits: GenerationEngine.Limits, cache: PagedCache) {
    self.models = models
    self.tokenizer = tokenizer
    self.limits = limits
    self.cache = cache
  }

  /// Whether nothing is running or waiting.
  public var isIdle: Bool { queue.isEmpty && growing.isEmpty && events.isEmpty }

  /// What is going on.
  public var statistics: Statistics {
    var now = counters
    now.running = growing.count
    now.waiting = queue.count
    now.blocks = cache.capacity
    now.usedBlocks = cache.capacity - cache.freeBlocks
    return now
  }

  // MARK: Requests

  /// Takes a request in; its completions start as room allows.
  ///
  /// - Returns: the number by which events name it.
  /// - Throws: ``ConfigurationError`` for a prompt that is empty, too long, outside the vocabulary or too large for the
  ///   cache, or for parameters out of range.
  @discardableResult
  public func submit(_ request: GenerationRequest) throws -> Int {
    try check(request)
    let matcher = try request.constraint.map { try constraints.matcher(for: $0) }
    let number = submitted
    submitted += 1
    let prompt = self.prompt(
      Prompt.Key(
        tokens: request.prompt, model: request.model,
        alternatives: request.parameters.promptAlternatives))
    for sample in 0..<request.samples {
      prompt.waiting += 1
      queue.append(
        GenerationStream(
          request: request, number: number, sample: sample, order: streams, prompt: prompt,
          tokenizer: tokenizer, matcher: matcher))
      streams += 1
    }
    return number
  }

  /// Gives up a request; nothing more is heard of it.
  public func cancel(_ number: Int) {
    for stream in queue where stream.number == number { leave(stream.prompt) }
    queue.removeAll { $0.number == number }
    for stream in growing where stream.number == number { cache.release(&stream.sequence) }
    growing.removeAll { $0.number == number }
    events.removeAll { $0.request == number }
  }

  /// Ends whatever runs as it is and forgets what waits.
  func stop() {
    for stream in growing { end(stream, .length) }
    growing = []
    cancelAll()
  }

  /// Gives up everything, such as after an error of the model.
  public func cancelAll() {
    for stream in queue { leave(stream.prompt) }
    queue = []
    for stream in growing { cache.release(&stream.sequence) }
    growing = []
  }

  private func check(_ request: GenerationRequest) throws {
    guard models.indices.contains(request.model) else {
      throw ConfigurationError("there is no model \(request.model)")
    }
    guard !request.prompt.isEmpty else { throw ConfigurationError("the prompt is empty") }
    guard request.samples > 0 else {
      throw ConfigurationError("\(request.samples) samples were asked for")
    }
    let parameters = request.parameters
    try parameters.validate()
    let configuration = models[0].configuration
    let count = request.prompt.count
    guard count < configuration.contextLength || (parameters.maxTokens == 0 && count == configuration.contextLength)
    else {
      throw ConfigurationError(
        "the prompt has \(count) tokens and the model's context is \(configuration.contextLength), "
          + "which leaves no room for an answer")
    }
    try models[0].check(PackedTokens([request.prompt]))
    if let bad = parameters.logitBias.keys.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
      throw ConfigurationError("logit_bias names token \(bad), which is outside the vocabulary")
    }
    if let bad = parameters.stopTokens.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
      throw ConfigurationError("stop token \(bad) is outside the vocabulary")
    }
    guard parameters.stop.isEmpty || tokenizer != nil else {
      throw ConfigurationError("stop texts need a tokenizer")
    }
    guard request.constraint == nil || tokenizer != nil else {
      throw ConfigurationError("a constraint needs a tokenizer")
    }
    let longest = count + min(configuration.contextLength - count, parameters.maxTokens)
    guard PagedCache.blocks(for: longest) <= cache.capacity else {
      throw ConfigurationError(
        "a prompt of \(count) tokens and \(parameters.maxTokens) new ones need \(longest) places in the cache, "
          + "which has \(cache.capacity * PagedCache.page)")
    }
  }

  private func prompt(_ key: Prompt.Key) -> Prompt {
    if let known = prompts[key] { return known }
    let made = Prompt(key)
    prompts[key] = made
    return made
  }

  /// One completion less waits for the prompt; the last one takes it along.
  private func leave(_ prompt: Prompt) {
    prompt.waiting -= 1
    guard prompt.waiting == 0 else { return }
    cache.release(&prompt.sequence)
    reading.removeAll { $0 === prompt }
    prompts[prompt.key] = nil
  }

  private func emit(_ stream: GenerationStream, _ kind: GenerationEvent.Kind) {
    events.append(GenerationEvent(request: stream.number, sample: stream.sample, kind: kind))
  }

  // MARK: A step

  /// Reads prompts, starts completions, and gives each running one its next token.
  ///
  /// - Throws: `TorchError` if the model's numbers are no distribution; everything was given up then.
  public func step() throws -> [GenerationEvent] {
    do {
      try withTensorErrors { advance() }
    } catch {
      cancelAll()
      throw error
    }
    defer { events = [] }
    return events
  }

  /// The same for callers that treat a model's error as a programmer's.
  func stepTrapping() -> [GenerationEvent] {
    advance()
    defer { events = [] }
    return events
  }

  private func advance() {
    withoutGradients {
      readPrompts()
      start()
      decode()
    }
  }

  // MARK: Prompts

  /// Chooses what is read in this step, and reads those prompts that begin here, all of them in one packed pass.
  private func readPrompts() {
    var budget = limits.prefillTokens
    for prompt in reading {
      prompt.chunk = min(budget, prompt.unread)
      budget -= prompt.chunk
    }
    var promised = reading.reduce(0) { $0 + cache.blocksNeeded($1.sequence, appending: $1.unread) }
    var fresh: [Prompt] = []
    for stream in queue.prefix(limits.batch - growing.count) {
      let prompt = stream.prompt
      guard prompt.logits == nil, !prompt.isReading else { continue }
      // One that doesn't fit into what is left of the allowance is the next step's first.
      guard budget == limits.prefillTokens || prompt.tokens.count <= budget else { break }
      if limits.reusesPrefixes, prompt.key.alternatives == nil {
        prompt.sequence = cache.matching(prompt.tokens, weights: prompt.key.model)
        prompt.cachedTokens = prompt.sequence.length
      }
      let needed = cache.blocksNeeded(prompt.sequence, appending: prompt.unread)
      guard needed + promised + growing.count <= cache.freeBlocks || (growing.isEmpty && reading.isEmpty && fresh.isEmpty && needed <= cache.freeBlocks)
      else {
        cache.release(&prompt.sequence)
        break
      }
      promised += needed
      prompt.isReading = true
      prompt.chunk = min(budget, prompt.unread)
      budget -= prompt.chunk
      if prompt.sequence.length > 0 { reading.append(prompt) } else { fresh.append(prompt) }
    }
    for model in models.indices {
      let group = fresh.filter { $0.key.model == model }
      if !group.isEmpty { readFresh(group, model: model) }
    }
    for prompt in fresh where prompt.logits == nil {
      // Its next piece is the next step's.
      prompt.chunk = 0
      reading.append(prompt)
    }
  }

  private func readFresh(_ group: [Prompt], model index: Int) {
    let model = models[index]
    var slots: [Int] = []
    for prompt in group {
      // Room was counted before; without it the prompt would only wait.
      slots += cache.reserve(&prompt.sequence, count: prompt.chunk) ?? []
    }
    let group = group.filter { $0.sequence.length > 0 }
    let packed = PackedTokens(group.map { $0.tokens[..<$0.sequence.length] }.map(Array.init))
    let hidden = model.forward(
      packed.tokens, positions: packed.positions, boundaries: packed.boundaries,
      cache: CachePass(cache: cache, slots: slots))
    for (prompt, range) in zip(group, packed.ranges) {
      score(prompt, hidden, rows: range, first: 0, model)
    }
    let whole = group.indices.filter { group[$0].unread == 0 }
    guard !whole.isEmpty else { return }
    let last = Tensor(ids: whole.map { packed.lastPositions[$0] }).to(device: model.device)
    let logits = model.logits(hidden.indexSelect(last))
    for (row, i) in whole.enumerated() { finishReading(group[i], logits.select(row, axis: 0)) }
  }

  private func finishReading(_ prompt: Prompt, _ logits: Tensor) {
    prompt.logits = logits
    prompt.isReading = false
    if limits.reusesPrefixes {
      cache.record(prompt.sequence, tokens: prompt.tokens, weights: prompt.key.model)
    }
  }

  /// What the model thinks of the prompt's tokens after those whose hidden vectors are at hand.
  private func score(_ prompt: Prompt, _ hidden: Tensor, rows: Range<Int>, first: Int, _ model: Decoder) {
    guard let alternatives = prompt.key.alternatives else { return }
    if first == 0 {
      prompt.scores = [
        ScoredToken(score: TokenScore(id: prompt.tokens[0], logProbability: .nan), alternatives: [])
      ]
    }
    // Some rows at a time: logits of a whole prompt can be larger than the model.
    var row = rows.lowerBound
    while row < rows.upperBound {
      let end = min(row + 64, rows.upperBound)
      let position = first + row - rows.lowerBound + 1
      let targets = prompt.tokens[min(position, prompt.tokens.count)..<min(position + end - row, prompt.tokens.count)]
      if !targets.isEmpty {
        prompt.scores += Self.scored(
          Array(targets), model.logits(hidden.slice(row..<(row + targets.count))),
          alternatives: [Int](repeating: alternatives, count: targets.count))
      }
      row = end
    }
  }

  private static func scored(_ ids: [Int], _ logits: Tensor, alternatives: [Int]) -> [ScoredToken] {
    let all = logits.logSoftmax(axis: -1)
    let own = all.gather(Tensor(ids: ids, shape: [ids.count, 1]).to(device: logits.device), axis: 1).array()
    let best = mostProbable(all, alternatives)
    return ids.indices.map {
      ScoredToken(score: TokenScore(id: ids[$0], logProbability: own[$0]), alternatives: best[$0])
    }
  }

  /// The most probable tokens of each row of log-probabilities.
  private static func mostProbable(_ rows: Tensor, _ counts: [Int]) -> [[TokenScore]] {
    let most = min(counts.max() ?? 0, rows.size(1))
    guard most > 0 else { return counts.map { _ in [] } }
    let (values, indices) = rows.topK(most)
    let (v, i) = (values.array(), indices.array(of: Int.self))
    return counts.indices.map { row in
      (0..<min(counts[row], most)).map {
        TokenScore(id: i[row * most + $0], logProbability: v[row * most + $0])
      }
    }
  }

  // MARK: Completions

  /// Starts completions whose prompts have been read: their first tokens come from the prompt's logits.
  private func start() {
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
  private func decode() {
    var slots: [Int: [Int]] = [:]
    var i = 0
    while i < growing.count {
      let stream = growing[i]
      stream.draft = draft(for: stream)
      if let own = cache.reserve(&stream.sequence, count: 1 + stream.draft.count) {
        slots[stream.order] = own
        i += 1
      } else if !stream.draft.isEmpty {
        stream.draft = []
        if let own = cache.reserve(&stream.sequence, count: 1) {
          slots[stream.order] = own
          i += 1
        } else { makeRoom() }
      } else { makeRoom() }
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

  private func decode(
    _ streams: [GenerationStream], _ slots: [Int: [Int]], _ pieces: [(prompt: Prompt, slots: [Int])],
    _ model: Decoder
  ) {
    guard !streams.isEmpty || !pieces.isEmpty else { return }
    var tokens: [Int] = []
    var positions: [Int] = []
    var places: [Int] = []
    for stream in streams {
      tokens += stream.ids.suffix(1) + stream.draft
      positions += (stream.sequence.length - 1 - stream.draft.count)..<stream.sequence.length
      places += slots[stream.order] ?? []
    }
    let decoded = tokens.count
    for (prompt, own) in pieces {
      let range = (prompt.sequence.length - own.count)..<prompt.sequence.length
      tokens += prompt.tokens[range]
      positions += range
      places += own
    }
    let hidden = model.forward(
      tokens, positions: positions, boundaries: [],
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
  private func makeRoom() {
    if dropIdlePrompt(but: nil) { return }
    guard let youngest = growing.popLast() else { return }
    counters.preemptions += 1
    cache.release(&youngest.sequence)
    youngest.draft = []
    let prompt = self.prompt(
      Prompt.Key(tokens: youngest.tokens, model: youngest.request.model, alternatives: nil))
    prompt.waiting += 1
    youngest.prompt = prompt
    queue.insert(youngest, at: 0)
  }

  /// Forgets what was read of the last prompt that has not started; it is read again in its turn.
  private func dropIdlePrompt(but kept: Prompt?) -> Bool {
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

  private func draft(for stream: GenerationStream) -> [Int] {
    guard stream.parameters.lookupTokens > 0 else { return [] }
    let room = models[0].configuration.contextLength - stream.request.prompt.count - stream.ids.count - 1
    var draft = Array(stream.lookUpDraft().prefix(max(0, room)))
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
    counters.draftedTokens += draft.count
    return draft
  }

  // MARK: Tokens

  /// Draws tokens: a row of logits for each completion's newest token, and one for each token of its draft.
  private func sample(_ logits: Tensor, _ streams: [GenerationStream]) {
    let rows = streams.flatMap(LogitsRow.rows)
    let wanted = rows.map(\.stream.parameters.alternatives)
    let best =
      wanted.contains { $0 > 0 } ? Self.mostProbable(logits.logSoftmax(axis: -1), wanted) : []
    let edited = EditedLogits(logits, rows, ends: ends)
    let how = rows.map { row in
      let p = row.stream.parameters
      return TokenSampling(
        temperature: p.temperature, topK: p.topK, topP: p.topP, minP: p.minP,
        seed: p.seed &+ UInt64(row.stream.sample) &* 0x9E37_79B9_7F4A_7C15,
        counter: UInt64(row.stream.ids.count + row.drafted))
    }
    var (ids, logProbabilities) = edited.logits.sampleTokens(how)
    edited.restore(&logProbabilities, of: ids)
    for (i, row) in rows.enumerated() {
      let stream = row.stream
      guard !stream.isFinished else { continue }
      if row.drafted > 0 {
        // Of use only if sampling gave the drafted token.
        guard stream.draft[row.drafted - 1] == stream.ids.last, row.isReached else { continue }
        counters.acceptedTokens += 1
      }
      if let problem = row.problem {
        fail(stream, problem)
        continue
      }
      accept(ids[i], logProbabilities[i], best.isEmpty ? [] : best[i], stream)
      row.next?.isReached = true
    }
    for stream in streams where !stream.isFinished {
      // What a wrong draft wrote is taken back; the newest token is written by the next step.
      cache.truncate(&stream.sequence, to: stream.request.prompt.count + stream.ids.count - 1)
      stream.draft = []
    }
  }

  private func accept(
    _ id: Int, _ logProbability: Float, _ alternatives: [TokenScore], _ stream: GenerationStream
  ) {
    let parameters = stream.parameters
    let configuration = models[0].configuration
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

  private func fail(_ stream: GenerationStream, _ problem: String) {
    stream.isFinished = true
    cache.release(&stream.sequence)
    emit(stream, .failed(problem))
  }

  private func end(_ stream: GenerationStream, _ reason: Completion.FinishReason) {
    if reason == .length { stream.flush() }
    stream.isFinished = true
    // The last token was not read, and what a draft wrote in its place is not it.
    cache.truncate(&stream.sequence, to: min(stream.sequence.length, stream.tokens.count - 1))
    if limits.reusesPrefixes {
      cache.record(stream.sequence, tokens: stream.tokens, weights: stream.request.model)
    }
    cache.release(&stream.sequence)
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
