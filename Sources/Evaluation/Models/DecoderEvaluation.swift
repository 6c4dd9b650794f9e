import Alignment
public import Documents
import Foundation
public import LanguageModels
import Settings
public import Tokenization
import Torch
import Training

/// A model in memory that answers a task's requests: prompts are read once however many begin with them, in passes of similar
/// length, and answers are drawn together.
///
/// Texts become tokens as in lm-evaluation-harness's Hugging Face backend, so that results agree.
public final class DecoderEvaluation: EvaluatedModel {
  /// Settings that change how fast, and not what, apart from rounding.
  public struct Limits: Sendable {
    /// The most tokens in one forward pass.
    public var passTokens = 8192
    /// The most answers that are drawn at once.
    public var batch = 64
    /// Default limits.
    public init(passTokens: Int = 8192, batch: Int = 64) { (self.passTokens, self.batch) = (passTokens, batch) }
  }

  /// The name by which results are kept.
  public let name: String
  /// What decides about its answers.
  public let identity: String
  private let model: LanguageModels.Decoder
  private let tokenizer: Tokenizer
  private let defaults: SamplingParameters
  private let limits: Limits
  private let seed: UInt64
  private var tokens: TextTokens

  /// A model with its tokenizer.
  ///
  /// - Parameters:
  ///   - name: what results call it, such as its path.
  ///   - identity: a line that differs where answers would.
  ///   - defaults: how its publisher has text drawn; of greedy answers only the penalty of repetition matters.
  ///   - addsBeginning: whether texts get the token that begins one; nil leaves it to the tokenizer.
  /// - Throws: ``EvaluationError`` where the tokenizer has no token to begin or end a text.
  public init(
    _ model: LanguageModels.Decoder, tokenizer: Tokenizer, name: String, identity: String,
    defaults: SamplingParameters = SamplingParameters(), addsBeginning: Bool? = nil, limits: Limits = Limits(),
    seed: UInt64 = 1
  ) throws {
    (self.model, self.tokenizer, self.name) = (model, tokenizer, name)
    (self.defaults, self.limits, self.seed) = (defaults, limits, seed)
    self.identity = identity + " bos \(addsBeginning.map { "\($0)" } ?? "auto")"
    tokens = try TextTokens(tokenizer, addsBeginning: addsBeginning)
    if model.device == .cpu, model.dtype == .float32, !model.isPacked { try model.pack(.float32) }
  }

  /// What results say of it.
  public var facts: JSONObject {
    let empty = tokenizer.encode("", addSpecialTokens: true)
    let adds = tokens.addsBeginning ?? !empty.isEmpty
    return [
      "model_num_parameters": .int(model.configuration.parameterCount), "model_dtype": .string("torch.\(model.dtype)"),
      "max_length": .int(model.configuration.contextLength), "adds_bos": .bool(adds),
      "prefix_token": [.string(tokenizer.idToToken(tokens.prefix) ?? ""), .int(tokens.prefix)],
    ]
  }

  /// Renders a conversation by the model's template.
  public func chatPrompting(isMultiturn: Bool) throws -> ChatPrompting {
    let tokenizer = tokenizer
    guard try tokenizer.chatFormat != nil else {
      throw EvaluationError(
        "\(name) has no chat template; give one with --chat-template FILE, or leave --apply-chat-template out")
    }
    return ChatPrompting(isMultiturn: isMultiturn) { turns, opensTurn in
      func rendered(_ turns: [JSONValue]) throws -> String {
        let text = try tokenizer.applyChatTemplate(messages: .array(turns), addGenerationPrompt: opensTurn)
        return opensTurn ? text : try Self.continued(text, turns.last?["content"]?.string ?? "")
      }
      do { return try rendered(turns) } catch let error as TokenizationError {
        // As the harness: a template that refuses the system's turn is asked without it.
        let others = turns.filter { $0["role"]?.string != "system" }
        guard others.count < turns.count else { throw error }
        return try rendered(others)
      }
    }
  }

  /// A rendered conversation up to the end of its last message, so that the model goes on with that.
  private static func continued(_ text: String, _ message: String) throws -> String {
    let stripped = PythonText.strip(message)
    guard let place = text.range(of: stripped, options: [.backwards, .literal]) else {
      throw TaskError("the chat template leaves the beginning of the answer out")
    }
    let ending = String(message.drop { $0.unicodeScalars.allSatisfy(PythonText.isSpace) })
    let rest = text[place.lowerBound...]
    return String(text[..<place.lowerBound]) + (rest.hasPrefix(ending) && ending == message ? ending : stripped)
  }

  /// How a request becomes tokens, in words: the last of its context and those that follow.
  public func tokenization(of request: ModelRequest) -> String {
    func shown(_ ids: some Collection<Int>) -> String {
      ids.map { id in tokenizer.decode([id], skipSpecialTokens: false).debugDescription + "=\(id)" }.joined(
        separator: " ")
    }
    switch request {
    case .logLikelihood(let context, let continuation):
      guard let pair = try? tokens.pair(context, continuation) else { return "nothing" }
      return
        "context of \(pair.context.count) tokens: \(shown(pair.context.prefix(2))) … \(shown(pair.context.suffix(4))) | "
        + "continuation: \(shown(pair.continuation.prefix(6)))\(pair.continuation.count > 6 ? " …" : "")"
    case .generation(let context, _, _):
      let ids = tokens.encode(context)
      return "prompt of \(ids.count) tokens: \(shown(ids.prefix(2))) … \(shown(ids.suffix(4)))"
    case .rolling(let text):
      let windows = tokens.windows(text, length: model.configuration.contextLength)
      return "\(windows.reduce(0) { $0 + $1.continuation.count }) tokens in \(windows.count) windows after "
        + shown([tokens.prefix])
    }
  }

  /// Answers requests; see ``EvaluatedModel``.
  public func answer(
    _ requests: [ModelRequest], answered: (Int, ModelResponse, Int) throws -> Bool
  ) throws {
    guard try score(requests, answered: answered) else { return }
    try generate(requests, answered: answered)
  }

  // MARK: Log-likelihoods

  /// Scores what is to be scored; false where it was asked to stop.
  private func score(_ requests: [ModelRequest], answered: (Int, ModelResponse, Int) throws -> Bool) throws -> Bool {
    let context = model.configuration.contextLength
    var pairs: [(request: Int, context: [Int], continuation: [Int])] = []
    /// The windows of a request that aren't scored yet, and their sum so far.
    var open: [Int: (windows: Int, sum: Double, isGreedy: Bool, tokens: Int)] = [:]
    for (place, request) in requests.enumerated() {
      var parts: [(context: [Int], continuation: [Int])] = []
      switch request {
      case .logLikelihood(let context, let continuation): parts = [try tokens.pair(context, continuation)]
      case .rolling(let text):
        parts = tokens.windows(text, length: context)
        if parts.isEmpty { guard try answered(place, .score(0, isGreedy: true, tokens: 0), 0) else { return false } }
      case .generation: continue
      }
      guard parts.allSatisfy({ $0.continuation.count <= context }) else {
        throw EvaluationError(
          "a continuation of \(parts[0].continuation.count) tokens doesn't fit into the model's context of \(context): "
            + request.context.suffix(60).debugDescription)
      }
      if !parts.isEmpty { open[place] = (parts.count, 0, true, 0) }
      pairs += parts.map { (place, $0.context, $0.continuation) }
    }
    let sequences = ScoredSequence.unique(pairs, limit: context)
    try model.check(PackedTokens(sequences.map(\.input)))
    let groups = SharedPrefixes.groups(
      of: sequences.map(\.input), most: sequences.map { $0.input.count - $0.rows + 1 }, budget: limits.passTokens)
    func size(_ group: SharedPrefixes.Group) -> Int {
      group.members.reduce(0) { $0 + sequences[$1].input.count } - (group.members.count - 1) * max(0, group.shared - 1)
    }
    // Long ones first: what is too large shows at once, and the time left is never more than was said.
    let ordered = groups.sorted { size($0) > size($1) }
    for pass in microBatches(ordered, tokens: limits.passTokens, size: size) {
      for (sequence, scores) in try run(pass, sequences) {
        for ((request, tokens), score) in zip(sequences[sequence].targets, scores) {
          guard var state = open[request] else { continue }
          state.sum += score.sum
          state.isGreedy = state.isGreedy && score.isGreedy
          state.tokens += tokens.count
          state.windows -= 1
          open[request] = state.windows == 0 ? nil : state
          if state.windows == 0 {
            let response = ModelResponse.score(state.sum, isGreedy: state.isGreedy, tokens: state.tokens)
            guard try answered(request, response, state.tokens) else { return false }
          }
        }
      }
    }
    return true
  }

  /// One forward pass: for each sequence, the summed log-probability of each of its targets.
  private func run(
    _ groups: [SharedPrefixes.Group], _ sequences: [ScoredSequence]
  ) throws -> [(sequence: Int, scores: [(sum: Double, isGreedy: Bool)])] {
    var packed = PackedTokens()
    var members: [Int] = []
    for group in groups {
      if group.members.count > 1, group.shared > 1 {
        packed.append(
          prompt: Array(sequences[group.members[0]].input[..<group.shared]),
          completions: group.members.map { Array(sequences[$0].input[group.shared...]) })
      } else {
        for member in group.members { packed.append(sequences[member].input) }
      }
      members += group.members
    }
    // The rows that predict something, and for each target its row and token.
    var rows: [Int] = []
    var wanted: [(row: Int, token: Int)] = []
    for (member, range) in zip(members, packed.ranges) {
      let sequence = sequences[member]
      let first = range.upperBound - sequence.rows
      let base = rows.count
      rows += first..<range.upperBound
      for target in sequence.targets {
        let offset = base + sequence.rows - target.tokens.count
        wanted += target.tokens.enumerated().map { (offset + $0.offset, $0.element) }
      }
    }
    let (values, best) = try withTensorErrors {
      withoutGradients { likelihoods(model(packed).indexSelect(Tensor(ids: rows).to(device: model.device)), wanted) }
    }
    var place = 0
    return try members.map { member in
      let scores = try sequences[member].targets.map { target in
        var (sum, isGreedy) = (0.0, true)
        for token in target.tokens {
          guard values[place].isFinite else {
            throw EvaluationError("\(name) gives a log-probability of \(values[place]): its weights are damaged")
          }
          sum += Double(values[place])
          isGreedy = isGreedy && best[place] == token
          place += 1
        }
        return (sum, isGreedy)
      }
      return (member, scores)
    }
  }

  /// Log-probabilities of tokens at rows, and the likeliest token there; logits are made some rows at a time.
  private func likelihoods(_ hidden: Tensor, _ wanted: [(row: Int, token: Int)]) -> (values: [Float], best: [Int]) {
    let vocabulary = model.configuration.vocabularySize
    let step = max(16, (8 << 20) / vocabulary)
    let order = wanted.indices.sorted { wanted[$0].row < wanted[$1].row }
    var values = [Float](repeating: 0, count: wanted.count)
    var best = [Int](repeating: 0, count: wanted.count)
    var next = 0
    for start in stride(from: 0, to: hidden.size(0), by: step) {
      let end = min(start + step, hidden.size(0))
      var chosen: [Int] = []
      while next < order.count, wanted[order[next]].row < end {
        chosen.append(order[next])
        next += 1
      }
      let logits = model.logits(hidden.slice(start..<end))
      let normalizers = logits.logSumExp(axis: -1)
      let places = chosen.map { (wanted[$0].row - start) * logits.size(1) + wanted[$0].token }
      let picked = logits.flattened().indexSelect(Tensor(ids: places).to(device: logits.device)).array()
      let sums = normalizers.array()
      let likeliest = logits.argmax(axis: -1).array(of: Int.self)
      for (i, place) in chosen.enumerated() {
        values[place] = picked[i] - sums[wanted[place].row - start]
        best[place] = likeliest[wanted[place].row - start]
      }
    }
    return (values, best)
  }

  // MARK: Answers

  private func generate(_ requests: [ModelRequest], answered: (Int, ModelResponse, Int) throws -> Bool) throws {
    let context = model.configuration.contextLength
    var drawn: [(place: Int, prompt: [Int], settings: GenerationSettings, parameters: SamplingParameters)] = []
    for (place, request) in requests.enumerated() {
      guard case .generation(let text, let settings, let sample) = request else { continue }
      guard settings.maxTokens < context else {
        throw EvaluationError(
          "answers of up to \(settings.maxTokens) tokens leave no room for a prompt in the model's context of \(context): "
            + "set max_gen_toks in the task's generation_kwargs, or --gen-kwargs max_gen_toks=N")
      }
      let ids = tokens.encode(text)
      let prompt = Array((ids.isEmpty ? [tokens.prefix] : ids).suffix(context - settings.maxTokens))
      drawn.append((place, prompt, settings, parameters(settings, sample: sample)))
    }
    guard !drawn.isEmpty else { return }
    // Alike prompts beside each other: what they begin with is read once.
    drawn.sort { $0.prompt.lexicographicallyPrecedes($1.prompt) }
    let longest = drawn.map { $0.prompt.count + $0.settings.maxTokens }.max() ?? 0
    let cache = CacheRoom(for: model)
    var room = (min(limits.batch, drawn.count) + 2) * (longest + 2 * PagedCache.page)
    if let free = cache.freeBytes {
      try MachineMemory.require(
        bytesEach: cache.bytesPerToken, count: longest + 2 * PagedCache.page, of: "tokens of a prompt and its answer")
      room = max(longest + 2 * PagedCache.page, min(room, free / 2 / max(1, cache.bytesPerToken)))
    }
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: tokenizer,
      limits: .init(batch: limits.batch, prefillTokens: limits.passTokens, reusesPrefixes: true), cacheTokens: room)
    var numbers: [Int: Int] = [:]
    let ending = tokens.ending
    func submit(_ index: Int) throws {
      numbers[
        try scheduler.submit(GenerationRequest(prompt: drawn[index].prompt, parameters: drawn[index].parameters))] =
        index
    }
    // The first is read before the others come, so that they find what they share with it.
    try submit(0)
    var isFirst = true
    while !scheduler.isIdle {
      for event in try scheduler.step() {
        guard let index = numbers[event.request] else { continue }
        switch event.kind {
        case .finished(let completion, _):
          let text = drawn[index].settings.cut(completion.text, ending: ending)
          guard try answered(drawn[index].place, .text(text), completion.ids.count) else {
            scheduler.cancelAll()
            return
          }
        case .failed(let error):
          scheduler.cancelAll()
          throw error
        case .token, .promptRead: break
        }
      }
      if isFirst { for index in drawn.indices.dropFirst() { try submit(index) } }
      isFirst = false
    }
  }

  private func parameters(_ settings: GenerationSettings, sample: Int) -> SamplingParameters {
    var made = settings.temperature > 0 ? defaults : SamplingParameters()
    made.repetitionPenalty = settings.repetitionPenalty ?? defaults.repetitionPenalty
    made.temperature = settings.temperature
    made.topP = settings.topP ?? made.topP
    made.topK = settings.topK ?? made.topK
    made.minP = settings.minP ?? made.minP
    made.maxTokens = settings.maxTokens
    made.stop = settings.stops
    // Control tokens leave no text that a stop could be found in.
    made.stopTokens = settings.stops.compactMap { tokenizer.tokenToID($0) }.filter(tokenizer.isSpecial)
    made.seed = seed &+ UInt64(sample) &* 0x9E37_79B9_7F4A_7C15
    return made
  }
}
