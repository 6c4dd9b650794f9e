import Torch

// Prompts: which are read in a step, and what becomes of them.
extension GenerationScheduler {
  /// Chooses what is read in this step, and reads those prompts that begin here, all of them in one packed pass.
  func readPrompts() {
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
        prompt.sequence = cache.matching(prompt.tokens, weights: contents(of: prompt))
        prompt.cachedTokens = prompt.sequence.length
      }
      let needed = cache.blocksNeeded(prompt.sequence, appending: prompt.unread)
      guard
        needed + promised + growing.count <= cache.freeBlocks
          || (growing.isEmpty && reading.isEmpty && fresh.isEmpty && needed <= cache.freeBlocks)
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

  /// A number for what makes the same tokens' keys and values differ: which of the models, and the regime of their positions.
  private func contents(of prompt: Prompt) -> Int {
    let regime = models[prompt.key.model].configuration.rotaryRegime(ofLength: prompt.tokens.count)
    return prompt.key.model + models.count * regime
  }

  func readFresh(_ group: [Prompt], model index: Int) {
    let model = models[index]
    var slots: [Int] = []
    for prompt in group {
      // Room was counted before; without it the prompt would only wait.
      slots += cache.reserve(&prompt.sequence, count: prompt.chunk) ?? []
    }
    let group = group.filter { $0.sequence.length > 0 }
    let packed = PackedTokens(group.map { $0.tokens[..<$0.sequence.length] }.map(Array.init))
    // A prompt's own regime, also where only a piece of it is read.
    let regimes = model.configuration.rotaryRegimes(
      group.flatMap { repeatElement($0.tokens.count, count: $0.sequence.length) })
    let hidden = model.forward(
      packed.tokens, positions: packed.positions, regimes: regimes, boundaries: packed.boundaries,
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

  func finishReading(_ prompt: Prompt, _ logits: Tensor) {
    prompt.logits = logits
    prompt.isReading = false
    if limits.reusesPrefixes {
      cache.record(prompt.sequence, tokens: prompt.tokens, weights: contents(of: prompt))
    }
  }

  /// Scores the prompt's tokens that follow those whose hidden vectors are at hand.
  func score(_ prompt: Prompt, _ hidden: Tensor, rows: Range<Int>, first: Int, _ model: Decoder) {
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

  static func scored(_ ids: [Int], _ logits: Tensor, alternatives: [Int]) -> [ScoredToken] {
    let all = logits.logSoftmax(axis: -1)
    let own = all.gather(Tensor(ids: ids, shape: [ids.count, 1]).to(device: logits.device), axis: 1).array()
    let best = mostProbable(all, alternatives)
    return ids.indices.map {
      ScoredToken(score: TokenScore(id: ids[$0], logProbability: own[$0]), alternatives: best[$0])
    }
  }

  /// The most probable tokens of each row of log-probabilities.
  static func mostProbable(_ rows: Tensor, _ counts: [Int]) -> [[TokenScore]] {
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
}
