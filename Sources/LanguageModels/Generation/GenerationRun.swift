import Tokenization
import Torch

/// One call of the engine: prompts waiting, prompts read, sequences growing.
final class GenerationRun {
  /// A prompt that has been read: its cache and the logits after its last token.
  private struct Prompt {
    var sequence: PagedCache.Sequence
    var logits: Tensor
    /// Samples that have not started yet.
    var waiting: Int
  }

  /// A completion that grows.
  private struct Growing {
    var request: Int
    var sample: Int
    var sequence: PagedCache.Sequence
    var ids: [Int] = []
    var logProbabilities: [Float] = []
    var text = ""
    var decoder: IncrementalDecoder?
    var finish: Completion.FinishReason?
  }

  private let model: Decoder
  private let tokenizer: Tokenizer?
  private let limits: GenerationEngine.Limits
  private let cache: PagedCache
  private let requests: [GenerationRequest]
  private let onToken: ((Int, Int, Int) -> Bool)?

  private var prompts: [[Int]: Prompt] = [:]
  private var queue: [(request: Int, sample: Int)] = []
  private var next = 0
  private var growing: [Growing] = []
  private var results: [[Completion?]]
  private var stopped = false

  init(
    model: Decoder, tokenizer: Tokenizer?, limits: GenerationEngine.Limits, cache: PagedCache,
    requests: [GenerationRequest], onToken: ((Int, Int, Int) -> Bool)?
  ) {
    self.model = model
    self.tokenizer = tokenizer
    self.limits = limits
    self.cache = cache
    self.requests = requests
    self.onToken = onToken
    results = requests.map { [Completion?](repeating: nil, count: $0.samples) }
    for (i, request) in requests.enumerated() {
      for sample in 0..<request.samples { queue.append((i, sample)) }
    }
  }

  func finish() -> [[Completion]] {
    while !stopped, next < queue.count || !growing.isEmpty {
      admit()
      decode()
    }
    for i in growing.indices { end(&growing[i], .length) }
    for key in prompts.keys { prompts[key].map { var s = $0.sequence; cache.release(&s) } }
    return results.map { $0.compactMap { $0 } }
  }

  // MARK: Taking requests in

  private func admit() {
    var started: [(row: Int, growing: Growing)] = []
    var rows: [Tensor] = []
    readPrompts()
    while next < queue.count, growing.count + started.count < limits.batch {
      let (request, sample) = queue[next]
      guard var prompt = prompts[requests[request].prompt] else { break }
      next += 1
      prompt.waiting -= 1
      let sequence = cache.fork(prompt.sequence)
      rows.append(prompt.logits)
      started.append(
        (
          rows.count - 1,
          Growing(
            request: request, sample: sample, sequence: sequence,
            decoder: tokenizer.map { IncrementalDecoder($0) })
        ))
      if prompt.waiting == 0 {
        cache.release(&prompt.sequence)
        prompts[requests[request].prompt] = nil
      } else {
        prompts[requests[request].prompt] = prompt
      }
    }
    guard !started.isEmpty else { return }
    var fresh = started.map(\.growing)
    sample(Tensor.stacked(rows), &fresh)
    growing += fresh.filter { $0.finish == nil }
  }

  /// Reads the prompts that the next free places need, all of them in one packed pass.
  private func readPrompts() {
    var wanted: [[Int]] = []
    var seen = Set<[Int]>()
    var tokens = 0
    var places = limits.batch - growing.count
    var i = next
    while i < queue.count, places > 0 {
      let prompt = requests[queue[i].request].prompt
      if prompts[prompt] == nil, seen.insert(prompt).inserted {
        if tokens > 0, tokens + prompt.count > limits.prefillTokens { break }
        tokens += prompt.count
        wanted.append(prompt)
      }
      places -= 1
      i += 1
    }
    guard !wanted.isEmpty else { return }
    var sequences = wanted.map { _ in PagedCache.Sequence() }
    var slots: [Int] = []
    for (i, prompt) in wanted.enumerated() {
      guard let reserved = cache.reserve(&sequences[i], count: prompt.count) else {
        preconditionFailure("the cache was sized for these requests and is full")
      }
      slots += reserved
    }
    let packed = PackedTokens(wanted)
    let hidden = model.forward(
      packed.tokens, positions: packed.positions, boundaries: packed.boundaries,
      cache: CachePass(cache: cache, slots: slots))
    let last = Tensor(ids: packed.lastPositions).to(device: model.device)
    let logits = model.logits(hidden.indexSelect(last))
    var counts: [[Int]: Int] = [:]
    for (request, _) in queue[next...] { counts[requests[request].prompt, default: 0] += 1 }
    for (i, prompt) in wanted.enumerated() {
      prompts[prompt] = Prompt(
        sequence: sequences[i], logits: logits.select(i, axis: 0), waiting: counts[prompt] ?? 0)
    }
  }

  // MARK: One token each

  private func decode() {
    guard !growing.isEmpty, !stopped else { return }
    var slots: [Int] = []
    for i in growing.indices {
      guard let slot = cache.reserve(&growing[i].sequence, count: 1) else {
        preconditionFailure("the cache was sized for these requests and is full")
      }
      slots += slot
    }
    let tokens = growing.map { $0.ids[$0.ids.count - 1] }
    let hidden = model.forward(
      tokens, positions: growing.map { $0.sequence.length - 1 }, boundaries: [],
      cache: CachePass(cache: cache, slots: slots, sequences: growing.map(\.sequence)))
    sample(model.logits(hidden), &growing)
    growing.removeAll { $0.finish != nil }
  }

  private func sample(_ logits: Tensor, _ rows: inout [Growing]) {
    let how = rows.map { row in
      let p = requests[row.request].parameters
      return TokenSampling(
        temperature: p.temperature, topK: p.topK, topP: p.topP, minP: p.minP,
        seed: p.seed &+ UInt64(row.sample) &* 0x9E37_79B9_7F4A_7C15, counter: UInt64(row.ids.count))
    }
    let (ids, logProbabilities) = logits.sampleTokens(how)
    for i in rows.indices { accept(ids[i], logProbabilities[i], &rows[i]) }
  }

  private func accept(_ id: Int, _ logProbability: Float, _ row: inout Growing) {
    let request = requests[row.request]
    let parameters = request.parameters
    row.ids.append(id)
    row.logProbabilities.append(logProbability)
    if let onToken, !onToken(row.request, row.sample, id) { stopped = true }
    let isEnd =
      parameters.stopTokens.contains(id)
      || (model.configuration.isEnd(id) && !parameters.ignoresEndOfText)
    if isEnd { return end(&row, .stop) }
    if row.decoder != nil, let piece = row.decoder?.append(id) {
      row.text += piece
      if let cut = Self.stopPosition(in: row.text, parameters.stop, newest: piece) {
        row.text = String(row.text[..<cut])
        row.decoder = nil
        return end(&row, .stop)
      }
    }
    if row.ids.count >= parameters.maxTokens
      || request.prompt.count + row.ids.count >= model.configuration.contextLength
    {
      end(&row, .length)
    }
  }

  /// Where the first stop text begins, looking only as far back as a match of the newest piece can reach.
  private static func stopPosition(in text: String, _ stops: [String], newest: String) -> String.Index? {
    guard !stops.isEmpty else { return nil }
    let reach = (stops.map(\.utf8.count).max() ?? 0) + newest.utf8.count
    let from =
      text.utf8.index(text.utf8.endIndex, offsetBy: -reach, limitedBy: text.utf8.startIndex)
      ?? text.utf8.startIndex
    let start = from.samePosition(in: text) ?? text.startIndex
    return stops.compactMap { text.range(of: $0, from: start)?.lowerBound }.min()
  }

  private func end(_ row: inout Growing, _ reason: Completion.FinishReason) {
    if reason == .length, row.decoder != nil { row.text += row.decoder?.finish() ?? "" }
    row.finish = reason
    cache.release(&row.sequence)
    results[row.request][row.sample] = Completion(
      text: row.text, ids: row.ids, logProbabilities: row.logProbabilities, finishReason: reason)
  }
}

extension String {
  /// The first occurrence at or after `start`, byte for byte.
  fileprivate func range(of needle: String, from start: Index) -> Range<Index>? {
    let bytes = Array(needle.utf8)
    var i = start
    let view = utf8
    while i < view.endIndex {
      if view[i...].starts(with: bytes) { return i..<view.index(i, offsetBy: bytes.count) }
      i = view.index(after: i)
    }
    return nil
  }
}
