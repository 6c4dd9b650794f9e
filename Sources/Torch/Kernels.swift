import CTorch

// Our own kernels: what libtorch lacks. Each is tested against a plain composition of ops.

extension Tensor {
  /// Causal attention kept inside each document of a packed batch.
  ///
  /// - Parameters:
  ///   - q: `[tokens, heads, width]`; `k` and `v` may have fewer heads (grouped queries, Ainslie 2023).
  ///   - boundaries: where documents start, ending with the number of tokens: `[0, 5, 9]` is documents of 5 and 4.
  ///   - parents: for each document −1, or the number of the one that it continues: it sees all of that one and nothing of
  ///     others that continue it, so that samples of one prompt share the prompt's work. What continues a document follows
  ///     it at once, and can't itself be continued. Empty means that all stand alone.
  ///   - scale: factor on q·k; nil means 1/√width.
  ///   - window: how many tokens each sees, itself and those right before it; nil means all before it.
  ///   - softCap: bends scores s to c·tanh(s/c), as Gemma 2 does; costs the fused kernel.
  ///   - sinks: `[heads]`, a score more in each head's softmax that has no value (gpt-oss; Xiao 2024): gradients cost the fused
  ///     kernel.
  public static func packedAttention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, boundaries: [Int], parents: [Int] = [],
    scale: Double? = nil, window: Int? = nil, softCap: Double? = nil, sinks: Tensor? = nil
  ) -> Tensor {
    boundaries.withDims { starts, count in
      parents.withDims { parents, parentCount in
        made(
          "packed_attention",
          torch.pointee.packed_attention(
            q.pointer, k.pointer, v.pointer, starts, count, parents, parentCount, scale ?? 0,
            Int64(window ?? 0), softCap ?? 0, sinks?.pointer),
          [q, k, v])
      }
    }
  }

  /// A gate times what it lets through: `[…, 2·n]` to `[…, n]`, the first half activated, the second as it is (Shazeer 2020).
  ///
  /// One pass over memory each way, where activating, cutting and multiplying take seven.
  /// - Parameter gelu: whether the gate is GELU in its tanh form rather than SiLU.
  public func gated(gelu: Bool) -> Tensor {
    made("gated", torch.pointee.gated(pointer, gelu ? 1 : 0), [self])
  }

  /// Turns pairs of features by position (RoFormer, Su 2021): `[tokens, heads, width]` with tables `[tokens, half]`.
  ///
  /// Features beyond 2·half pass unchanged. The default pairs i with i + half as Llama does; `interleaved` pairs 2i with
  /// 2i + 1 as GPT-J does.
  public func rotary(cos: Tensor, sin: Tensor, interleaved: Bool = false) -> Tensor {
    made(
      "rope", torch.pointee.rope(pointer, cos.pointer, sin.pointer, interleaved ? 1 : 0),
      [self, cos, sin])
  }

  /// Σᵢ weightᵢ · −ln softmax(hidden · tableᵀ)ᵢ[targetᵢ], without holding all logits at once.
  ///
  /// The gradients are made in the forward pass, a chunk of rows at a time, while the logits are at hand.
  /// - Parameters:
  ///   - hidden: `[tokens, width]`.
  ///   - table: the output embedding `[vocabulary, width]`; a packed one gets no gradient and is restored in parts.
  ///   - targets: int64 `[tokens]`; a negative one is ignored.
  ///   - weights: float `[tokens]`, or nil for ones.
  ///   - chunk: rows at a time; 0 chooses.
  ///   - softCap: bends logits z to c·tanh(z/c) first, as Gemma 2 does.
  /// - Returns: the weighted sum (a scalar, differentiable) and the loss of each row in nats (not differentiable).
  public static func linearCrossEntropy(
    _ hidden: Tensor, _ table: OutputTable, targets: Tensor, weights: Tensor? = nil, chunk: Int = 0,
    softCap: Double? = nil
  ) -> (sum: Tensor, each: Tensor) {
    var each: OpaquePointer?
    let sum = made(
      "linear_cross_entropy",
      torch.pointee.linear_cross_entropy(
        hidden.pointer, table.plain?.pointer, table.packed?.packed, targets.pointer, weights?.pointer, Int64(chunk),
        softCap ?? 0, &each),
      [hidden] + table.operands + [targets])
    return (sum, each.map { Tensor(owning: $0) } ?? .undefined)
  }

  /// ``linearCrossEntropy(_:_:targets:weights:chunk:softCap:)`` of a table as it is.
  public static func linearCrossEntropy(
    _ hidden: Tensor, _ table: Tensor, targets: Tensor, weights: Tensor? = nil, chunk: Int = 0, softCap: Double? = nil
  ) -> (sum: Tensor, each: Tensor) {
    linearCrossEntropy(hidden, .plain(table), targets: targets, weights: weights, chunk: chunk, softCap: softCap)
  }

  /// ln softmax(hidden · tableᵀ / temperature)ᵢ[targetᵢ] of every row, differentiable, without holding all logits.
  ///
  /// - Parameter softCap: bends logits z to c·tanh(z/c) before the temperature, as Gemma 2 does.
  /// - Returns: log-probabilities `[tokens]` in nats (0 where the target is negative), and each row's entropy if asked.
  public static func linearLogProbabilities(
    _ hidden: Tensor, _ table: OutputTable, targets: Tensor, temperature: Double = 1,
    withEntropy: Bool = false, chunk: Int = 0, softCap: Double? = nil
  ) -> (logProbabilities: Tensor, entropy: Tensor?) {
    var entropy: OpaquePointer?
    let result = withUnsafeMutablePointer(to: &entropy) { pointer in
      made(
        "linear_logprobs",
        torch.pointee.linear_logprobs(
          hidden.pointer, table.plain?.pointer, table.packed?.packed, targets.pointer, temperature, Int64(chunk),
          softCap ?? 0, withEntropy ? pointer : nil), [hidden] + table.operands + [targets])
    }
    return (result, entropy.map { Tensor(owning: $0) })
  }

  /// ``linearLogProbabilities(_:_:targets:temperature:withEntropy:chunk:softCap:)`` of a table as it is.
  public static func linearLogProbabilities(
    _ hidden: Tensor, _ table: Tensor, targets: Tensor, temperature: Double = 1, withEntropy: Bool = false,
    chunk: Int = 0,
    softCap: Double? = nil
  ) -> (logProbabilities: Tensor, entropy: Tensor?) {
    linearLogProbabilities(
      hidden, .plain(table), targets: targets, temperature: temperature, withEntropy: withEntropy, chunk: chunk,
      softCap: softCap)
  }

  /// Writes keys and values `[tokens, heads, width]` into a paged cache.
  ///
  /// Values lie as `[blocks, heads, page, width]`, keys as `[blocks, heads, width, page]`: a query's products with a page of
  /// keys are then sums of whole rows.
  /// - Parameters:
  ///   - slots: for each token, block · page + place in the block.
  ///   - places: the same, int64, on the cache's device, where somebody has moved them there already.
  public static func appendToCache(
    keys: Tensor, values: Tensor, newKeys: Tensor, newValues: Tensor, slots: [Int], places: Tensor? = nil
  ) {
    slots.withDims {
      done(
        "kv_append",
        torch.pointee.kv_append(
          keys.pointer, values.pointer, newKeys.pointer, newValues.pointer, $0, $1, places?.pointer),
        [keys, newKeys, newValues])
    }
  }

  /// Attention of one query a row over its blocks of a paged cache (Kwon 2023).
  ///
  /// - Parameters:
  ///   - q: `[rows, heads, width]`.
  ///   - blocks: `[rows × blocksPerRow]` block numbers, row by row.
  ///   - lengths: how many cached tokens each row has, its own included.
  ///   - tables: what ``pagedTables(slots:blocks:lengths:blocksPerRow:)`` makes of both, on the cache's device, where somebody has
  ///     moved them there already.
  ///   - window: how many of the newest of them it sees; nil means all.
  ///   - softCap: bends scores s to c·tanh(s/c), as Gemma 2 does.
  ///   - sinks: as in ``packedAttention(_:_:_:boundaries:parents:scale:window:softCap:sinks:)``.
  public static func pagedAttention(
    _ q: Tensor, keys: Tensor, values: Tensor, blocks: [Int32], lengths: [Int32], blocksPerRow: Int,
    tables: Tensor? = nil, scale: Double? = nil, window: Int? = nil, softCap: Double? = nil, sinks: Tensor? = nil
  ) -> Tensor {
    precondition(
      blocks.count >= lengths.count * blocksPerRow,
      "\(blocks.count) blocks are too few for \(lengths.count) rows of \(blocksPerRow)")
    return made(
      "paged_attention",
      torch.pointee.paged_attention(
        q.pointer, keys.pointer, values.pointer, blocks, lengths, Int32(lengths.count),
        Int32(blocksPerRow), tables?.pointer, scale ?? 0, Int64(window ?? 0), softCap ?? 0, sinks?.pointer), [q, keys])
  }

  /// Each row's slot, length and blocks as a device reads them, int32 `[rows, 2 + blocksPerRow]`: moved there once, they serve
  /// every layer of a pass.
  public static func pagedTables(slots: [Int], blocks: [Int32], lengths: [Int32], blocksPerRow: Int) -> Tensor {
    var all: [Int32] = []
    all.reserveCapacity(lengths.count * (2 + blocksPerRow))
    for row in lengths.indices {
      all += [Int32(slots[row]), lengths[row]]
      all += blocks[row * blocksPerRow..<(row + 1) * blocksPerRow]
    }
    return Tensor(all, shape: [lengths.count, 2 + blocksPerRow])
  }

  /// Decodes one token of each sequence between a layer's first product and its last: queries and keys are turned by
  /// position, keys and values written into a paged cache, and each query attends to its blocks.
  ///
  /// The same as ``rotary(cos:sin:interleaved:)``, ``appendToCache(keys:values:newKeys:newValues:slots:places:)`` and
  /// ``pagedAttention(_:keys:values:blocks:lengths:blocksPerRow:tables:scale:window:softCap:sinks:)`` after each other, in one call.
  /// - Parameters:
  ///   - all: `[rows, (heads + 2·keyValueHeads)·width]`: queries, keys and values.
  ///   - interleaved: whether each head's three parts stand together, as GPT-NeoX has them.
  ///   - angles: cos and sin `[rows, half]`, or nil where positions are not rotary.
  ///   - slots: for each row, block · page + place in the block.
  ///   - tables: as in ``pagedAttention(_:keys:values:blocks:lengths:blocksPerRow:tables:scale:window:softCap:sinks:)``.
  /// - Returns: `[rows, heads·width]`.
  public static func pagedStep(
    _ all: Tensor, heads: Int, keyValueHeads: Int, interleaved: Bool, angles: (cos: Tensor, sin: Tensor)?, keys: Tensor,
    values: Tensor, slots: [Int], blocks: [Int32], lengths: [Int32], blocksPerRow: Int, tables: Tensor? = nil,
    scale: Double? = nil,
    window: Int? = nil, softCap: Double? = nil, sinks: Tensor? = nil
  ) -> Tensor {
    precondition(
      blocks.count >= lengths.count * blocksPerRow && slots.count == lengths.count,
      "\(blocks.count) blocks and \(slots.count) slots don't fit \(lengths.count) rows of \(blocksPerRow)")
    return slots.withDims { slots, count in
      made(
        "paged_step",
        torch.pointee.paged_step(
          all.pointer, Int32(heads), Int32(keyValueHeads), interleaved ? 1 : 0, angles?.cos.pointer,
          angles?.sin.pointer,
          keys.pointer, values.pointer, slots, blocks, lengths, count, Int32(blocksPerRow), tables?.pointer,
          scale ?? 0, Int64(window ?? 0),
          softCap ?? 0, sinks?.pointer), [all, keys])
    }
  }

  /// Draws one token from each row of logits `[rows, vocabulary]`.
  ///
  /// Temperature comes first, then min-p (Nguyen 2024), top-k, and top-p (Holtzman 2020) of what is left. A row's draw
  /// depends on its logits, its seed and its counter only. A row without any finite logit, or with a NaN, is an error.
  /// - Returns: the tokens, and the log-probability of each under the unmodified distribution (temperature 1).
  public func sampleTokens(_ rows: [TokenSampling]) -> (ids: [Int], logProbabilities: [Float]) {
    precondition(
      shape.first == rows.count, "\(rows.count) ways to sample for logits of shape \(shape)")
    var ids = [Int64](repeating: 0, count: rows.count)
    var logProbabilities = [Float](repeating: 0, count: rows.count)
    let how = rows.map {
      CTorchSampling(
        temperature: $0.temperature, top_k: Int64($0.topK), top_p: $0.topP, min_p: $0.minP,
        seed: $0.seed, counter: $0.counter)
    }
    done(
      "sample", torch.pointee.sample(pointer, how, Int32(how.count), &ids, &logProbabilities), [self])
    return (ids.map(Int.init), logProbabilities)
  }
}

/// Runs `body` with this thread's tensors on the processor taken as a device's are: by libtorch's ops in the place of the kernels that
/// read the processor's memory.
///
/// Tests hold both to the same numbers, on machines without a device.
package func withComposedKernels<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = torch.pointee.set_composed(1)
  defer { _ = torch.pointee.set_composed(before) }
  return try body()
}

/// Whether this thread is inside ``withComposedKernels(_:)``.
package var composesKernels: Bool {
  let composes = torch.pointee.set_composed(0)
  _ = torch.pointee.set_composed(composes)
  return composes != 0
}

/// Settings by which one row of logits becomes a token.
///
/// The draw depends only on `seed`, `counter` and the row, never on the rest of a batch.
public struct TokenSampling: Sendable, Equatable {
  /// Divides the logits; 0 takes the most probable token.
  public var temperature: Double
  /// Keeps the k most probable tokens; 0 keeps all.
  public var topK: Int
  /// Keeps the smallest set of most probable tokens that holds this much probability (Holtzman 2020); 1 keeps all.
  public var topP: Double
  /// Keeps tokens at least this fraction as probable as the most probable; 0 keeps all.
  public var minP: Double
  /// The stream of random numbers.
  public var seed: UInt64
  /// The place in the stream: how many tokens were drawn from it before.
  public var counter: UInt64

  /// All filters off by default.
  public init(
    temperature: Double = 1, topK: Int = 0, topP: Double = 1, minP: Double = 0, seed: UInt64 = 0,
    counter: UInt64 = 0
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.seed = seed
    self.counter = counter
  }
}
