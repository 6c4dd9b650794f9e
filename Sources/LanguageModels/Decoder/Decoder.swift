public import NeuralNetworks
public import Torch

/// A decoder-only transformer: GPT-2, Llama, Gemma and what is made of the same parts.
///
/// It takes sequences laid end to end (``PackedTokens``) and gives a hidden vector per token; logits are made from those by
/// ``logits(_:)`` or, without ever holding all of them, by `Tensor.linearCrossEntropy`.
///
/// ```swift
/// let model = try Decoder(.gpt2(vocabularySize: 512, width: 64, layers: 2, heads: 4, contextLength: 128),
///                         generator: Generator(seed: 1))
/// let hidden = model(PackedTokens([[1, 2, 3], [4, 5]]))        // [5, 64]
/// let logits = model.logits(hidden)                            // [5, 512]
/// ```
public final class Decoder: Module {
  /// The shape of the model.
  public let configuration: DecoderConfiguration
  /// `[vocabulary, width]`.
  @Child("embed_tokens") public var tokenEmbedding: Embedding
  /// `[contextLength, width]`, where positions are learned.
  @Child("embed_positions") public var positionEmbedding: Embedding?
  /// The layers.
  @Child("layers") public var layers: [DecoderLayer]
  /// Before the output embedding.
  @Child("norm") public var norm: Normalization
  /// `[vocabulary, width]`, where it is not the token embedding.
  @Child("lm_head") public var head: Linear?

  private var rotaryTables = RotaryTables()
  /// The adapters beside the layers, if any; hidden from the search for parameters, for they are a set of their own.
  var adapted = Adapted()
  struct Adapted { var adapters: LowRankAdapters? }
  /// The output table in the form that inference reads; see ``pack(_:)``.
  var packedTable: PackedLinear?

  /// The random numbers of dropout while training, that of adapters included; a learner restarts them at every step.
  public internal(set) var random = RandomSource(seed: 0)

  /// Puts adapters into the same mode.
  public override func modeChanged() { adapters?.train(isTraining) }

  /// The parts of the layers under the names that the family's checkpoints, and so PEFT's adapters, give them.
  public override var adaptableLayers: [AdaptableLayer] {
    CheckpointLayout.of(configuration).adaptableLayers(of: self)
  }

  /// A model with random weights: N(0, initializerRange²), projections into the residual stream scaled down with depth.
  ///
  /// - Throws: ``ConfigurationError`` for sizes that can't be, `MemoryShortageError` for weights that the machine can't hold.
  public convenience init(_ configuration: DecoderConfiguration, generator: Generator) throws {
    try configuration.validate()
    if generator.device == .cpu { try configuration.requireMemory() }
    self.init(configuration, weights: InitialWeights(generator: generator))
  }

  /// A model of a configuration that was validated.
  init(_ configuration: DecoderConfiguration, weights: InitialWeights) {
    self.configuration = configuration
    super.init()
    let c = configuration
    tokenEmbedding = weights.embedding(c.vocabularySize, c.width, standardDeviation: c.initializerRange)
    positionEmbedding =
      c.positions == .learned
      ? weights.embedding(c.contextLength, c.width, standardDeviation: c.initializerRange) : nil
    layers = (0..<c.layers).map { DecoderLayer(c, layer: $0, weights: weights) }
    norm = weights.norm(c, c.width)
    head =
      c.tiesEmbeddings
      ? nil
      : weights.linear(c.width, c.vocabularySize, bias: false, standardDeviation: c.initializerRange)
  }

  init(sharing other: Decoder) {
    configuration = other.configuration
    rotaryTables = other.rotaryTables
    super.init()
    tokenEmbedding = other.tokenEmbedding
    positionEmbedding = other.positionEmbedding
    layers = other.layers.map { DecoderLayer(sharing: $0) }
    norm = other.norm
    head = other.head
    packedTable = other.packedTable
  }

  /// The output embedding `[vocabulary, width]`, the token embedding where they are tied; packed where only that is there or
  /// ``pack(_:)`` made it so.
  public var outputTable: OutputTable { packedTable.map { .packed($0) } ?? .plain(outputWeight) }
  /// The output embedding as a tensor.
  var outputWeight: Tensor { head?.weight ?? tokenEmbedding.weight }
  /// The device of the model's weights.
  public var device: Device { tokenEmbedding.weight.device }
  /// The type of the weights.
  public var dtype: DType { tokenEmbedding.weight.dtype }

  /// Hidden vectors after the last norm, `[tokens, width]`.
  ///
  /// Each sequence is attended by itself. Token ids must lie in the vocabulary and sequences in the context: a caller
  /// that got them from a user checks with ``check(_:)`` first.
  public func callAsFunction(_ packed: PackedTokens) -> Tensor {
    forward(
      packed.tokens, positions: packed.positions,
      regimes: configuration.rotaryRegimes(packed.lengths), boundaries: packed.boundaries,
      parents: packed.parents, cache: nil)
  }

  /// Logits `[tokens, vocabulary]` of hidden vectors, as float32.
  public func logits(_ hidden: Tensor) -> Tensor {
    let plain = (packedTable.map { $0(hidden) } ?? hidden.linear(outputWeight)).to(.float32)
    return configuration.logitSoftCap.map { (plain / $0).tanh() * $0 } ?? plain
  }

  /// Refuses ids outside the vocabulary and sequences beyond the context.
  ///
  /// - Throws: ``GenerationError`` that says which.
  public func check(_ packed: PackedTokens) throws {
    try packed.check(vocabulary: configuration.vocabularySize, context: configuration.contextLength, as: "sequence")
  }

  /// - Parameter regimes: for each token that of its sequence (``DecoderConfiguration/rotaryRegime(ofLength:)``); empty where all are
  ///   in the first.
  func forward(
    _ tokens: [Int], positions: [Int], regimes: [Int], boundaries: [Int], parents: [Int] = [], cache: CachePass?
  ) -> Tensor {
    let device = device
    let longest = (positions.max() ?? 0) + 1
    let angles = rotaryTables.angles(positions, regimes: regimes, upTo: longest, configuration, on: device)
    return forward(
      Tensor(ids: tokens).to(device: device), places: Tensor(ids: positions).to(device: device), angles: angles,
      boundaries: boundaries, parents: parents, cache: cache)
  }

  /// The same of tokens and positions that are on the model's device already, all in the first regime.
  ///
  /// - Parameter longest: one more than the largest position, or more.
  func forward(
    _ ids: Tensor, places: Tensor, longest: Int, boundaries: [Int], cache: CachePass?
  ) -> Tensor {
    forward(
      ids, places: places, angles: rotaryTables.angles(places, upTo: longest, configuration), boundaries: boundaries,
      parents: [], cache: cache)
  }

  private func forward(
    _ ids: Tensor, places: Tensor, angles: (full: RotaryTables.Angles?, sliding: RotaryTables.Angles?),
    boundaries: [Int], parents: [Int], cache: CachePass?
  ) -> Tensor {
    let device = device
    var x = tokenEmbedding(ids)
    // The factor in the weights' type, as the families that have it were trained.
    if configuration.scalesEmbeddings {
      x = x * Tensor(Double(configuration.width).squareRoot(), dtype: x.dtype, device: device)
    }
    if configuration.embeddingMultiplier != 1 { x = x * configuration.embeddingMultiplier }
    if let positionEmbedding { x = x + positionEmbedding(places) }
    let dropout =
      isTraining && cache == nil && !configuration.dropout.isOff && gradientsEnabled
      ? DropoutPass(rates: configuration.dropout, generator: random.generator(on: device)) : nil
    if let dropout { x = dropout.embedding(x) }
    let pass = Pass(
      rotary: angles.full, slidingRotary: angles.sliding, boundaries: boundaries,
      parents: parents.contains { $0 >= 0 } ? parents : [], cache: cache, dropout: dropout)
    let isPlain = configuration.residual == .preNorm && configuration.residualMultiplier == 1
    guard isPlain, dropout == nil, device != .cpu || composesKernels else {
      for (i, layer) in layers.enumerated() { x = layer(x, pass, layer: i) }
      return scaled(norm(x))
    }
    // What a part writes waits for the next norm, which adds it: a GPU then passes over it once.
    var waiting: Tensor?
    for (i, layer) in layers.enumerated() { (x, waiting) = layer(x, adding: waiting, pass, layer: i) }
    return scaled(waiting.map { norm(x, adding: $0).norm } ?? norm(x))
  }

  /// Hidden vectors by which logits come out divided, whoever makes them.
  private func scaled(_ hidden: Tensor) -> Tensor {
    configuration.logitDivisor == 1 ? hidden : hidden / configuration.logitDivisor
  }
}
