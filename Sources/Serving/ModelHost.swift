public import Alignment
import Foundation
public import LanguageModels
import Settings
public import Tokenization
import Torch

/// The models behind a server: one, the sets of adapters over it, and perhaps a judge.
public struct ServedModels {
  /// The name by which requests ask for each model; the first is the base.
  public var names: [String]
  /// The models, which share their weights except for adapters.
  public var models: [Decoder]
  /// The tokenizer of all of them.
  public var tokenizer: Tokenizer
  /// A small model that proposes tokens for the others to judge.
  public var draft: Decoder?
  /// Says how good completions are, for `/v1/score`.
  public var judge: (any Judge)?
  /// The form of the weights in memory; auto for a file's own blocks.
  public var weights = WeightFormat.float32

  /// A model under a name.
  public init(_ name: String, _ model: Decoder, tokenizer: Tokenizer) {
    names = [name]
    models = [model]
    self.tokenizer = tokenizer
  }

  /// Adds the base with other adapters.
  public mutating func add(_ name: String, _ model: Decoder) {
    names.append(name)
    models.append(model)
  }
}

/// The models at work on a thread of their own, for callers on any other.
///
/// Requests go in as values and tokens come out of a stream; whoever stops reading the stream cancels the request.
public final class ModelHost: Sendable {
  /// Limits of what is taken on at once.
  public struct Settings: Sendable {
    /// The scheduler's limits.
    public var limits = GenerationEngine.Limits(batch: 64, prefillTokens: 512, reusesPrefixes: true)
    /// The tokens that the key-value cache holds; nil for 65,536, or fewer where those would take more than half of the
    /// memory that is free once the models are loaded.
    public var cacheTokens: Int?
    /// The number of completions that may wait; more are refused.
    public var mostWaiting = 256
    /// Tokens that prompt look-up drafts at a time; 0 for none.
    public var lookupTokens = 0
    /// The settings by which text is drawn where a request doesn't say.
    public var defaults = SamplingParameters()
    /// The defaults.
    public init() {}
  }

  /// A request that was taken in.
  struct Generation: Sendable {
    var number: Int
    var events: AsyncStream<GenerationEvent>
  }

  /// The state that lives on the thread.
  private struct State {
    var served: ServedModels
    var scheduler: GenerationScheduler
    let cacheTokens: Int
    let cacheBytes: Int
    var listeners: [Int: (continuation: AsyncStream<GenerationEvent>.Continuation, unfinished: Int)] = [:]
    var isPumping = false

    /// One step; false when there is nothing more to do.
    mutating func step() -> Bool {
      do {
        for event in try scheduler.step() { deliver(event) }
      } catch {
        // Numbers that are no distribution: nothing of what runs can go on. Those who asked may have gone.
        FileHandle.standardError.write(Data("apprentice: the model failed: \(error)\n".utf8))
        for (number, listener) in listeners {
          listener.continuation.yield(
            GenerationEvent(request: number, sample: 0, kind: .failed(GenerationError("\(error)", cause: .model))))
          listener.continuation.finish()
        }
        listeners = [:]
      }
      isPumping = !scheduler.isIdle
      return isPumping
    }

    private mutating func deliver(_ event: GenerationEvent) {
      guard var listener = listeners[event.request] else { return }
      listener.continuation.yield(event)
      switch event.kind {
      case .finished, .failed: listener.unfinished -= 1
      default: break
      }
      if listener.unfinished == 0 {
        listener.continuation.finish()
        listeners[event.request] = nil
      } else {
        listeners[event.request] = listener
      }
    }
  }

  /// The names of the models.
  public let names: [String]
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// The form of the weights in memory; auto for a file's own blocks.
  public let weights: WeightFormat
  /// The base model's shape.
  public let configuration: DecoderConfiguration
  /// Whether there is a reward model.
  public let hasJudge: Bool
  /// The limits of what is taken on at once.
  public let settings: Settings
  /// The number of tokens that the key-value cache holds.
  public let cacheTokens: Int
  /// The memory that it takes when it is full.
  public let cacheBytes: Int
  /// Both in a line for whoever starts the server.
  public var cacheSummary: String {
    "room for \(cacheTokens) tokens of running answers, which take up to \(MachineMemory.text(Double(cacheBytes)))"
  }
  private let thread: TensorThread<State>

  /// Loads models on a new thread.
  ///
  /// - Throws: what `load` throws, and `ConfigurationError` for a cache that doesn't fit into the memory that is left.
  public init(
    settings: Settings = Settings(), _ load: @escaping @Sendable () throws -> sending ServedModels
  ) async throws {
    self.settings = settings
    thread = try await TensorThread(name: "models") {
      let served = try load()
      let room = CacheRoom(for: served.models[0], draft: served.draft)
      let tokens = try room.tokens(asked: settings.cacheTokens)
      let scheduler = GenerationScheduler(
        models: served.models, tokenizer: served.tokenizer, limits: settings.limits,
        cacheTokens: tokens, draft: served.draft)
      return State(
        served: served, scheduler: scheduler, cacheTokens: tokens, cacheBytes: tokens * room.bytesPerToken)
    }
    (names, tokenizer, weights, configuration, hasJudge, cacheTokens, cacheBytes) = await thread.onTensorThread {
      (
        $0.served.names, $0.served.tokenizer, $0.served.weights, $0.served.models[0].configuration,
        $0.served.judge != nil,
        $0.cacheTokens,
        $0.cacheBytes
      )
    }
  }

  /// The most tokens of a prompt and its completion together.
  var longest: Int { min(configuration.contextLength, cacheTokens / PagedCache.page * PagedCache.page) }

  /// Takes a request in.
  ///
  /// - Throws: ``APIError`` where the queue is full, `GenerationError` where the request can't be served.
  func submit(_ request: GenerationRequest) async throws -> Generation {
    let (events, continuation) = AsyncStream.makeStream(of: GenerationEvent.self)
    let mostWaiting = settings.mostWaiting
    let (number, isIdle) = try await thread.onTensorThread { state in
      guard state.scheduler.statistics.waiting + request.samples <= mostWaiting else {
        throw APIError.busy("the queue is full: \(state.scheduler.statistics.waiting) completions are waiting")
      }
      let number = try state.scheduler.submit(request)
      state.listeners[number] = (continuation, request.samples)
      defer { state.isPumping = true }
      return (number, !state.isPumping)
    }
    continuation.onTermination = { [weak self] reason in
      guard case .cancelled = reason else { return }
      Task { await self?.cancel(number) }
    }
    if isIdle {
      Task { while await thread.onTensorThread({ $0.step() }) {} }
    }
    return Generation(number: number, events: events)
  }

  /// Takes several requests of as many samples each in as one, whose samples count on from request to request.
  func submit(_ requests: [GenerationRequest]) async throws -> Generation {
    if requests.count == 1 { return try await submit(requests[0]) }
    var parts: [Generation] = []
    do {
      for request in requests { parts.append(try await submit(request)) }
    } catch {
      for part in parts { await cancel(part.number) }
      throw error
    }
    let (events, continuation) = AsyncStream.makeStream(of: GenerationEvent.self)
    let (made, samples) = (parts, requests[0].samples)
    let reading = Task {
      await withTaskGroup(of: Void.self) { group in
        for (i, part) in made.enumerated() {
          group.addTask {
            for await var event in part.events {
              event.sample += i * samples
              continuation.yield(event)
            }
          }
        }
      }
      continuation.finish()
    }
    // Whoever stops reading cancels all of them: their streams end with the task.
    continuation.onTermination = { _ in reading.cancel() }
    return Generation(number: parts[0].number, events: events)
  }

  /// Gives a request up.
  func cancel(_ number: Int) async {
    await thread.onTensorThread { state in
      state.scheduler.cancel(number)
      state.listeners[number] = nil
    }
  }

  /// Gives everything up: nothing is computed after this.
  ///
  /// A process must not end before, as libtorch's globals go with it.
  func stop() async {
    await thread.onTensorThread { state in
      state.scheduler.cancelAll()
      for listener in state.listeners.values { listener.continuation.finish() }
      state.listeners = [:]
    }
  }

  /// The scheduler's counts at this moment.
  func statistics() async -> GenerationScheduler.Statistics {
    await thread.onTensorThread { $0.scheduler.statistics }
  }

  /// The mean of the last hidden vectors of each sequence, scaled to length 1.
  func embeddings(_ sequences: [[Int]], model: Int, dimensions: Int? = nil) async throws -> [[Float]] {
    var results: [[Float]] = []
    // One at a time, so that those whose answers are being drawn needn't wait for all.
    for sequence in sequences {
      results += try await thread.onTensorThread { state in
        try TextEmbedder(state.served.models[model], tokenizer: state.served.tokenizer)
          .embeddings(ofTokens: [sequence], dimensions: dimensions)
      }
    }
    return results
  }

  /// The judge's scores of completions.
  func scores(of candidates: [Candidate]) async throws -> [Double] {
    try await thread.onTensorThread { state in
      guard let judge = state.served.judge else { return [] }
      return try withTensorErrors { try judge.scores(of: candidates) }
    }
  }
}
