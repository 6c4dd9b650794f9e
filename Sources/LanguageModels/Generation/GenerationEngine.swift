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
    /// The most prompt tokens in one forward pass.
    public var prefillTokens = 8192
    /// Default limits.
    public init(batch: Int = 64, prefillTokens: Int = 8192) {
      self.batch = batch
      self.prefillTokens = prefillTokens
    }
  }

  let model: Decoder
  let tokenizer: Tokenizer?
  /// The limits in force.
  public let limits: Limits
  private var cache: PagedCache?

  /// An engine over a model; without a tokenizer texts stay empty and stop texts are refused.
  public init(model: Decoder, tokenizer: Tokenizer? = nil, limits: Limits = Limits()) {
    self.model = model
    self.tokenizer = tokenizer
    self.limits = limits
  }

  /// Completions of each request, in order.
  ///
  /// - Parameter onToken: called with (request, sample, token) as tokens come; return false to stop everything.
  /// - Throws: ``ConfigurationError`` for a prompt that is empty, too long or outside the vocabulary, or for parameters
  ///   out of range, before anything is drawn.
  public func generate(
    _ requests: [GenerationRequest], onToken: ((Int, Int, Int) -> Bool)? = nil
  ) throws -> [[Completion]] {
    for (i, request) in requests.enumerated() { try check(request, number: i) }
    let run = GenerationRun(
      model: model, tokenizer: tokenizer, limits: limits, cache: reserveCache(for: requests),
      requests: requests, onToken: onToken)
    return try withoutGradients {
      // Packing reads and writes every weight once, and pays from a few steps of a few rows on; a single row's products
      // read the weights as they are just as fast.
      let pays =
        model.device == .cpu && model.dtype == .float32 && !model.isPacked
        && min(limits.batch, requests.reduce(0) { $0 + $1.samples }) >= 4
      if pays { try model.pack(.float32) }
      defer { if pays { model.unpack() } }
      return run.finish()
    }
  }

  private func check(_ request: GenerationRequest, number: Int) throws {
    let place = "request \(number + 1)"
    guard !request.prompt.isEmpty else { throw ConfigurationError("\(place): the prompt is empty") }
    guard request.samples > 0 else {
      throw ConfigurationError("\(place): \(request.samples) samples were asked for")
    }
    let context = model.configuration.contextLength
    guard request.prompt.count < context else {
      throw ConfigurationError(
        "\(place): the prompt has \(request.prompt.count) tokens and the model's context is \(context), "
          + "which leaves no room for an answer")
    }
    try model.check(PackedTokens([request.prompt]))
    try request.parameters.validate()
    guard request.parameters.stop.isEmpty || tokenizer != nil else {
      throw ConfigurationError("\(place): stop texts need a tokenizer")
    }
  }

  /// A cache in which the longest possible batch of these requests fits; kept for the next call if large enough.
  private func reserveCache(for requests: [GenerationRequest]) -> PagedCache {
    let context = model.configuration.contextLength
    let perSample = requests.map {
      PagedCache.blocks(for: min(context, $0.prompt.count + $0.parameters.maxTokens)) + 1
    }
    let samples = min(limits.batch, requests.reduce(0) { $0 + $1.samples })
    let prompts = requests.map { PagedCache.blocks(for: $0.prompt.count) }
    // Sequences in flight at full length, and prompts that wait prefilled for their remaining samples.
    let needed = samples * (perSample.max() ?? 1) + limits.batch.clamped(to: 1...max(1, requests.count)) * (prompts.max() ?? 1)
    if let cache, cache.capacity >= needed, cache.freeBlocks == cache.capacity { return cache }
    let made = PagedCache(
      model.configuration, blocks: needed, dtype: model.dtype, device: model.device)
    cache = made
    return made
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
