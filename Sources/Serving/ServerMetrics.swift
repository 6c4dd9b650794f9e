import LanguageModels
import Synchronization

/// Counts and times since the start, under the names that vLLM's and llama.cpp's dashboards read.
final class ServerMetrics: Sendable {
  /// A histogram in Prometheus' sense.
  struct Histogram {
    static let bounds = [
      0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120,
    ]
    var counts = [Int](repeating: 0, count: Histogram.bounds.count)
    var sum = 0.0
    var count = 0

    mutating func add(_ value: Double) {
      for (i, bound) in Self.bounds.enumerated() where value <= bound { counts[i] += 1 }
      sum += value
      count += 1
    }

    func lines(_ name: String, _ help: String) -> [String] {
      ["# HELP \(name) \(help)", "# TYPE \(name) histogram"]
        + zip(Self.bounds, counts).map { "\(name)_bucket{le=\"\($0)\"} \($1)" }
        + ["\(name)_bucket{le=\"+Inf\"} \(count)", "\(name)_sum \(sum)", "\(name)_count \(count)"]
    }
  }

  /// A counter for each value of a label.
  struct LabelledCounter {
    var counts: [String: Int] = [:]

    func lines(_ name: String, _ label: String, _ help: String) -> [String] {
      ["# HELP \(name) \(help)", "# TYPE \(name) counter"]
        + counts.sorted { $0.key < $1.key }.map { "\(name){\(label)=\"\($0.key)\"} \($0.value)" }
    }
  }

  struct Values {
    var finished = LabelledCounter()
    var statuses = LabelledCounter()
    var firstToken = Histogram()
    var betweenTokens = Histogram()
    var whole = Histogram()
  }

  private let values = Mutex(Values())
  let start = ContinuousClock.now

  /// The clock of one request.
  struct Timing: Sendable {
    fileprivate let metrics: ServerMetrics
    private let begun = ContinuousClock.now
    private var last: ContinuousClock.Instant?

    fileprivate init(_ metrics: ServerMetrics) { self.metrics = metrics }

    mutating func token() {
      let now = ContinuousClock.now
      let (begun, last) = (begun, last)
      metrics.values.withLock {
        if let last { $0.betweenTokens.add((now - last).inSeconds) } else { $0.firstToken.add((now - begun).inSeconds) }
      }
      self.last = now
    }

    func finish(_ reason: String) {
      let seconds = (ContinuousClock.now - begun).inSeconds
      metrics.values.withLock {
        $0.finished.counts[reason, default: 0] += 1
        $0.whole.add(seconds)
      }
    }
  }

  func begin() -> Timing { Timing(self) }

  /// Counts an answer.
  func answered(_ status: Int) { values.withLock { $0.statuses.counts[String(status), default: 0] += 1 } }

  /// The text that Prometheus scrapes.
  func text(_ now: GenerationScheduler.Statistics) -> String {
    let values = values.withLock { $0 }
    var lines: [String] = []
    func one(_ name: String, _ kind: String, _ help: String, _ value: String) {
      lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(kind)", "\(name) \(value)"]
    }
    let usage = now.blocks == 0 ? 0 : Double(now.usedBlocks) / Double(now.blocks)
    one("vllm:num_requests_running", "gauge", "Completions that are being drawn.", "\(now.running)")
    one("vllm:num_requests_waiting", "gauge", "Completions that wait.", "\(now.waiting)")
    one("vllm:kv_cache_usage_perc", "gauge", "Share of the key-value cache in use, 0 to 1.", "\(usage)")
    one("vllm:num_preemptions_total", "counter", "Completions that gave way for lack of memory.", "\(now.preemptions)")
    one("vllm:prompt_tokens_total", "counter", "Prompt tokens.", "\(now.promptTokens)")
    one("vllm:generation_tokens_total", "counter", "Tokens drawn.", "\(now.generatedTokens)")
    one("vllm:prefix_cache_queries_total", "counter", "Prompt tokens looked for in the cache.", "\(now.promptTokens)")
    one("vllm:prefix_cache_hits_total", "counter", "Prompt tokens found in the cache.", "\(now.cachedTokens)")
    one("vllm:spec_decode_num_draft_tokens_total", "counter", "Tokens drafted.", "\(now.draftedTokens)")
    one(
      "vllm:spec_decode_num_accepted_tokens_total", "counter", "Drafted tokens that were right.",
      "\(now.acceptedTokens)")
    lines += values.finished.lines("vllm:request_success_total", "finished_reason", "Finished requests.")
    lines += values.firstToken.lines("vllm:time_to_first_token_seconds", "Time to the first token.")
    lines += values.betweenTokens.lines("vllm:inter_token_latency_seconds", "Time between a request's tokens.")
    lines += values.whole.lines("vllm:e2e_request_latency_seconds", "Time to a completion's end.")
    one("llamacpp:prompt_tokens_total", "counter", "Prompt tokens.", "\(now.promptTokens)")
    one("llamacpp:tokens_predicted_total", "counter", "Tokens drawn.", "\(now.generatedTokens)")
    one("llamacpp:requests_processing", "gauge", "Completions that are being drawn.", "\(now.running)")
    one("llamacpp:requests_deferred", "gauge", "Completions that wait.", "\(now.waiting)")
    one("llamacpp:kv_cache_usage_ratio", "gauge", "Share of the key-value cache in use.", "\(usage)")
    lines += values.statuses.lines("http_responses_total", "code", "Answers by status.")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
