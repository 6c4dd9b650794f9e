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
/// while !scheduler.isIdle { for event in try scheduler.step() { print(event) } }
/// ```
/// It holds tensors, so it stays on one thread.
public final class GenerationScheduler {
  /// Counts for monitoring: requests, tokens, blocks.
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
    /// The number of times that a completion gave way to others.
    public var preemptions = 0
    /// Tokens proposed by prompt look-up or a draft model.
    public var draftedTokens = 0
    /// Proposed tokens that came.
    public var acceptedTokens = 0

    /// All counts at 0.
    public init() {}
  }

  let models: [Decoder]
  let tokenizer: Tokenizer?
  let limits: GenerationEngine.Limits
  let cache: PagedCache
  let drafter: Drafter?

  var prompts: [Prompt.Key: Prompt] = [:]
  var queue: [GenerationStream] = []
  var reading: [Prompt] = []
  var growing: [GenerationStream] = []
  var events: [GenerationEvent] = []
  var recording = StepRecording()
  var submitted = 0
  /// The model's own tokens that end a text.
  lazy var ends: [Int] = (0..<models[0].configuration.vocabularySize).filter(models[0].configuration.isEnd)
  var streams = 0
  var counters = Statistics()
  lazy var constraints = ConstraintMatchers(tokenizer, model: models[0].configuration)

  /// A scheduler with a cache of its own.
  ///
  /// - Parameters:
  ///   - models: one model, or several over one base: requests say which of them they want.
  ///   - cacheTokens: how many tokens' keys and values there is room for.
  ///   - draft: a small model that proposes tokens, its vocabulary checked with ``Decoder/checkDraft(_:)``; its cache has
  ///     room for as many tokens.
  public convenience init(
    models: [Decoder], tokenizer: Tokenizer?, limits: GenerationEngine.Limits = .init(),
    cacheTokens: Int, draft: Decoder? = nil
  ) {
    precondition(!models.isEmpty, "a scheduler needs a model")
    self.init(
      models: models, tokenizer: tokenizer, limits: limits,
      cache: PagedCache(
        models[0].configuration, blocks: max(1, PagedCache.blocks(for: cacheTokens)),
        dtype: models[0].cacheDType, device: models[0].device), draft: draft)
  }

  init(
    models: [Decoder], tokenizer: Tokenizer?, limits: GenerationEngine.Limits, cache: PagedCache,
    draft: Decoder? = nil
  ) {
    self.models = models
    self.tokenizer = tokenizer
    self.limits = limits
    self.cache = cache
    drafter = draft.map { Drafter($0, tokens: limits.draftTokens, cacheBlocks: cache.capacity) }
  }

  /// Whether nothing is running or waiting.
  public var isIdle: Bool { queue.isEmpty && growing.isEmpty && events.isEmpty }

  /// The counts at this moment.
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
  /// - Throws: ``GenerationError`` for a prompt that is empty, too long, outside the vocabulary or too large for the
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
    for stream in growing where stream.number == number { release(stream) }
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
    for stream in growing { release(stream) }
    growing = []
  }

  /// Gives a completion's blocks back.
  func release(_ stream: GenerationStream) {
    cache.release(&stream.sequence)
    drafter?.release(stream)
  }

  func emit(_ stream: GenerationStream, _ kind: GenerationEvent.Kind) {
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

  func advance() {
    withoutGradients {
      readPrompts()
      start()
      decode()
    }
  }
}
