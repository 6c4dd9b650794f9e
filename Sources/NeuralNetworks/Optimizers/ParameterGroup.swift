public import Torch

/// Parameters that an optimizer treats alike.
///
/// ```swift
/// model.requireGradients()
/// let optimizer = AdamW(ParameterGroup.standard(for: model, weightDecay: 0.1))
/// ```
public struct ParameterGroup {
  /// The tensors to train with their full names, which name the optimizer's state too.
  public var parameters: [(name: String, tensor: Tensor)]
  /// Factor on the learning rate of each step.
  public var learningRateScale: Double
  /// The strength with which the parameters are pulled to zero.
  public var weightDecay: Double

  /// A group by hand.
  public init(
    parameters: [(name: String, tensor: Tensor)], learningRateScale: Double = 1,
    weightDecay: Double = 0
  ) {
    self.parameters = parameters
    self.learningRateScale = learningRateScale
    self.weightDecay = weightDecay
  }

  /// The usual two groups of a network's trainable parameters: matrices decay, vectors do not.
  ///
  /// Biases and the scales of norms have one axis and are excluded from decay, as in GPT-2's and Llama's training and in
  /// Hugging Face's trainer. Embedding tables are matrices and decay by default, as they do there.
  /// - Parameters:
  ///   - module: its parameters that require gradients are taken; a tied tensor once. That none does is a programmer's
  ///     error: call ``Module/requireGradients(_:)`` first.
  ///   - decayingEmbeddings: false excludes the tables of every ``Embedding`` as well.
  public static func standard(
    for module: Module, weightDecay: Double, decayingEmbeddings: Bool = true
  ) -> [ParameterGroup] {
    let trainable = trainableParameters(of: module)
    let tables = decayingEmbeddings ? [] : embeddingTables(of: module)
    func decays(_ tensor: Tensor) -> Bool { tensor.rank >= 2 && !tables.contains(tensor.pointer) }
    return [
      ParameterGroup(parameters: trainable.filter { decays($0.tensor) }, weightDecay: weightDecay),
      ParameterGroup(parameters: trainable.filter { !decays($0.tensor) }, weightDecay: 0),
    ].filter { !$0.parameters.isEmpty }
  }

  /// The groups that ``Muon`` takes: hidden matrices apart from everything else.
  ///
  /// Embedding tables and the output layers named in `heads` go to the others, as Jordan 2024 advises: their rows are
  /// looked up or scored one by one, so there is nothing to orthogonalise.
  public static func muon(
    for module: Module, weightDecay: Double, heads: Set<String> = ["lm_head.weight", "score.weight"]
  ) -> (matrices: [ParameterGroup], others: [ParameterGroup]) {
    let tables = embeddingTables(of: module)
    var matrices: [(name: String, tensor: Tensor)] = []
    var decaying: [(name: String, tensor: Tensor)] = []
    var vectors: [(name: String, tensor: Tensor)] = []
    for (name, tensor) in trainableParameters(of: module) {
      if tensor.rank < 2 {
        vectors.append((name, tensor))
      } else if tensor.rank == 2, !tables.contains(tensor.pointer), !heads.contains(name) {
        matrices.append((name, tensor))
      } else {
        decaying.append((name, tensor))
      }
    }
    func groups(_ list: [(name: String, tensor: Tensor)], _ decay: Double) -> [ParameterGroup] {
      list.isEmpty ? [] : [ParameterGroup(parameters: list, weightDecay: decay)]
    }
    return (groups(matrices, weightDecay), groups(decaying, weightDecay) + groups(vectors, 0))
  }

  private static func trainableParameters(of module: Module) -> [(name: String, tensor: Tensor)] {
    let trainable = module.parameters.filter { $0.tensor.requiresGrad }
    precondition(
      !trainable.isEmpty, "no parameter requires gradients: call requireGradients() on the module first")
    return trainable
  }

  private static func embeddingTables(of module: Module) -> Set<OpaquePointer> {
    Set(module.modules.compactMap { ($0.module as? Embedding)?.weight.pointer })
  }
}
