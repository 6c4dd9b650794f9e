import Settings
public import Tokenization
import Torch

/// Draws completions for many prompts at once.
///
/// Requests are taken in as room allows (continuous batching, Yu 2022); all samples of one prompt, and equal prompts of
/// several requests, share the prompt's keys and values. A completion depends on its prompt, parameters and seed only.
///
/// ```swift
/// let engine = GenerationEngine(model: model, tokenizer: tokenizer)
/// let request = GenerationRequest(prompt: tokenizer.encode("Once upon"), samples: 4, parameters: .init(seed: 1))
/// for completion in try engine.generate([request])[0] { print(completion.text) }
/// ```
public final class GenerationEngine {
  /// The limits that bound memory and latency.
  public struct Limits: Sendable, Equatable {
    /// The most sequences in one decoding step.
    public var batch = 64
    /// The most prompt tokens in one step; longer prompts are read in pieces.
    public var prefillTokens = 8192
    /// Whether prompts take up the keys and values of equal beginnings of earlier ones.
    ///
    /// The weights must stay as they are for as long as the cache lives.
    public var reusesPrefixes = false
    /// The number of tokens a draft model proposes at a time, where there that is one.
    public var draftTokens = 4
    /// Default limits.
    public init(
      batch: Int = 64, prefillTokens: Int = 8192, reusesPrefixes: Bool = false, draftTokens: Int = 4
    ) {
      self.batch = max(1, batch)
      self.prefillTokens = max(1, prefillTokens)
      self.reusesPrefixes = reusesPrefixes
      self.draftTokens = max(1, draftTokens)
    }
  }

  let model: Decoder
  let tokenizer: Tokenizer?
  let draft: Decoder?
  /// The limits in force.
  public let limits: Limits
  private var cache: PagedCache?

  /// An engine over a model; without a tokenizer texts stay empty and stop texts are refused.
  ///
  /// - Parameter draft: a small model of the same vocabulary that proposes tokens for this one to judge: what comes is
  ///   distributed as without it, though other tokens come of the same seed.
  public init(
    model: Decoder, tokenizer: Tokenizer? = nil, limits: Limits = Limits(), draft: Decoder? = nil
  ) {
    self.model = model
    self.draft = draft
    self.tokenizer = tokenizer
    self.limits = limits
  }

  /// Completions of each request, in order.
  ///
  /// - Parameters:
  ///   - onToken: called with (request, sample, token) as tokens come; return false to stop everything.
  ///   - onCompletion: called with (request, sample, completion) as each comes to its own end, and no more once all is stopped.
  /// - Throws: ``GenerationError`` for a prompt that is empty, too long or outside the vocabulary, or for parameters
  ///   out of range, before anything is drawn.
  public func generate(
    _ requests: [GenerationRequest], onToken: ((Int, Int, Int) -> Bool)? = nil,
    onCompletion: ((Int, Int, Completion) throws -> Void)? = nil
  ) throws -> [[Completion]] {
    if let draft { try model.checkDraft(draft) }
    try MachineMemory.require(
      bytesEach: Self.bytesPerCompletion, count: requests.reduce(0) { $0 + $1.samples }, of: "samples")
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: tokenizer, limits: limits, cache: try reserveCache(for: requests),
      draft: draft)
    for (i, request) in requests.enumerated() {
      do { try scheduler.submit(request) } catch let error as GenerationError {
        scheduler.cancelAll()
        throw error.located(in: "request \(i + 1)")
      }
    }
    var results = requests.map { [Completion?](repeating: nil, count: $0.samples) }
    var isStopped = false
    // The weights may change between calls, and what the cache holds with them.
    defer { cache?.forgetContents() }
    let format = format(of: model)
    if let format { try model.pack(format) }
    defer { if format != nil { model.unpack() } }
    while !scheduler.isIdle {
      for event in scheduler.stepTrapping() {
        switch event.kind {
        case .token(let token, _):
          if let onToken, !onToken(event.request, event.sample, token.score.id) { isStopped = true }
        case .finished(let completion, _):
          results[event.request][event.sample] = completion
          if !isStopped { try onCompletion?(event.request, event.sample, completion) }
        case .failed(let error):
          scheduler.cancelAll()
          throw error.located(in: "request \(event.request + 1)")
        case .promptRead: break
        }
      }
      if isStopped { scheduler.stop() }
    }
    return results.map { $0.compactMap { $0 } }
  }

  /// The format that the weights are worth packing into for one call.
  private func format(of model: Decoder) -> PackedLinear.Format? {
    guard model.dtype == .float32, !model.isPacked else { return nil }
    if model.device == .cpu { return .float32 }
    // Under autocast every token would round every weight anew.
    return autocastDType(on: model.device) == .bfloat16 ? .bfloat16 : nil
  }

  /// The bytes that a completion takes at least, from the moment that it is asked for: its stream, and its place among the results.
  private static let bytesPerCompletion = 512

  /// A cache in which the longest possible batch of these requests fits, or what the machine has room for; kept for the
  /// next call if large enough.
  ///
  /// Completions that find no room wait for others to end, so a smaller cache costs time only.
  private func reserveCache(for requests: [GenerationRequest]) throws(MemoryShortageError) -> PagedCache {
    let context = model.configuration.contextLength
    let perSample = requests.map {
      PagedCache.blocks(for: $0.prompt.count + max(0, min(context - $0.prompt.count, $0.parameters.maxTokens))) + 1
    }
    let samples = min(limits.batch, requests.reduce(0) { $0 + $1.samples })
    let prompts = requests.map { PagedCache.blocks(for: $0.prompt.count) }
    // Sequences in flight at full length, and prompts that wait prefilled for their remaining samples.
    var needed =
      samples * (perSample.max() ?? 1) + limits.batch.clamped(to: 1...max(1, requests.count)) * (prompts.max() ?? 1)
    let dtype = model.cacheDType
    if let cache, cache.capacity >= needed, cache.freeBlocks == cache.capacity, cache.dtype == dtype { return cache }
    if model.device == .cpu, let free = MachineMemory.free {
      let bytes = PagedCache.page * PagedCache.bytesPerToken(model.configuration, dtype: model.dtype)
      // One completion at full length beside its prompt must fit.
      let least = (perSample.max() ?? 1) + (prompts.max() ?? 1)
      try MachineMemory.require(
        bytesEach: bytes / PagedCache.page, count: least * PagedCache.page, of: "tokens of a completion and its prompt",
        free: free)
      needed = max(least, min(needed, free / 10 * 9 / bytes))
    }
    let made = PagedCache(
      model.configuration, blocks: max(1, needed), dtype: dtype, device: model.device)
    cache = made
    return made
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
