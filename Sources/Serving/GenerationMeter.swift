import LanguageModels

/// Counts what a request costs while its events pass.
struct GenerationMeter: Sendable {
  private(set) var usage: Usage
  private var timing: ServerMetrics.Timing

  private var cached: [Int: Int] = [:]

  init(_ request: GenerationRequest, _ metrics: ServerMetrics) { self.init([request], metrics) }

  /// Several requests that are one to the client.
  init(_ requests: [GenerationRequest], _ metrics: ServerMetrics) {
    usage = Usage(promptTokens: requests.reduce(0) { $0 + $1.prompt.count })
    timing = metrics.begin()
  }

  mutating func count(_ event: GenerationEvent) {
    switch event.kind {
    case .promptRead(let tokens, _):
      cached[event.request] = max(cached[event.request] ?? 0, tokens)
      usage.cachedTokens = cached.values.reduce(0, +)
    case .token:
      timing.token()
      usage.completionTokens += 1
    case .finished(let completion, _): timing.finish(completion.finishReason.rawValue)
    case .failed: timing.finish("error")
    }
  }
}
