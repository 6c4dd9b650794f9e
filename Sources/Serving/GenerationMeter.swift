import LanguageModels

/// Counts what a request costs while its events pass.
struct GenerationMeter: Sendable {
  private(set) var usage: Usage
  private var timing: ServerMetrics.Timing

  init(_ request: GenerationRequest, _ metrics: ServerMetrics) {
    usage = Usage(promptTokens: request.prompt.count)
    timing = metrics.begin()
  }

  mutating func count(_ event: GenerationEvent) {
    switch event.kind {
    case .promptRead(let cached, _): usage.cachedTokens = max(usage.cachedTokens, cached)
    case .token:
      timing.token()
      usage.completionTokens += 1
    case .finished(let completion, _): timing.finish(completion.finishReason.rawValue)
    case .failed: timing.finish("error")
    }
  }
}

/// The text of a stream and how much of it has been shown.
struct ShownText: Sendable {
  var text = ""
  private(set) var shown = 0

  /// The text that may be shown now and hasn't been.
  mutating func news(upTo end: Int) -> String {
    guard end > shown else { return "" }
    let bytes = text.utf8
    let from = bytes.index(bytes.startIndex, offsetBy: shown)
    let to = bytes.index(bytes.startIndex, offsetBy: end)
    shown = end
    return String(decoding: bytes[from..<to], as: UTF8.self)
  }

  /// All that hasn't been shown.
  mutating func rest() -> String { news(upTo: text.utf8.count) }
}
