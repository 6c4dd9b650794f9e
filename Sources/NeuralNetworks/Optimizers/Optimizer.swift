public import Torch

/// Changes parameters by their gradients; its state can be saved and restored so that a run resumes bit for bit.
///
/// The learning rate comes with each step, from a ``LearningRateSchedule`` that is a function of the step's number and so
/// has no state of its own. The hyperparameters belong to the run's configuration and are not part of the state either.
/// Make the optimizer after the module was moved to its device and type: it holds the tensors, not the module.
///
/// ```swift
/// model.requireGradients()
/// let optimizer = AdamW(ParameterGroup.standard(for: model, weightDecay: 0.1))
/// for step in 0..<schedule.totalSteps {
///   loss(of: model).backward()
///   optimizer.clipGradients(toNorm: 1)
///   optimizer.step(learningRate: 6e-4 * schedule.factor(at: step))
///   optimizer.zeroGradients()
/// }
/// ```
public protocol Optimizer: AnyObject {
  /// The trained parameters, in groups.
  var groups: [ParameterGroup] { get }

  /// The moments and step counts under `PARAMETER.NAME`, with PyTorch's names (`exp_avg`, `momentum_buffer`, `step` …).
  ///
  /// These are the tensors themselves and not copies: write them out before the next step.
  var state: [(name: String, tensor: Tensor)] { get }

  /// Changes every parameter that has a gradient; one without is left alone, its state too.
  func step(learningRate: Double)
}

extension Optimizer {
  /// Copies a saved state in.
  ///
  /// - Throws: ``StateDictError`` that lists what is missing, unexpected or of another shape; nothing is copied then.
  public func load(_ saved: [String: Tensor]) throws {
    try StateDictError.check(state, against: saved)
    withoutGradients {
      for (name, tensor) in state { if let given = saved[name] { tensor.copyInPlace(given) } }
    }
  }

  /// Forgets the gradients of everything that is trained.
  public func zeroGradients() {
    for group in groups { for (_, tensor) in group.parameters { tensor.grad = nil } }
  }

  /// The parameters of all groups.
  public var parameters: [(name: String, tensor: Tensor)] { groups.flatMap(\.parameters) }

  /// Scales all gradients down together so that their joint norm is at most `limit`; see ``clipGradients(of:toNorm:)``.
  @discardableResult
  public func clipGradients(toNorm limit: Double) -> Double {
    NeuralNetworks.clipGradients(of: parameters.map(\.tensor), toNorm: limit)
  }
}

/// A parameter of an optimizer with the tensors that it remembers for it.
struct Slot {
  var name: String
  var parameter: Tensor
  /// In the order of the optimizer's own names.
  var memory: [Tensor]
}

extension [ParameterGroup] {
  /// One list of slots for each group.
  func slots(_ memory: (Tensor) -> [Tensor]) -> [[Slot]] {
    map { group in
      group.parameters.map { Slot(name: $0.name, parameter: $0.tensor, memory: memory($0.tensor)) }
    }
  }
}

extension [[Slot]] {
  /// The memories with their full names.
  func state(_ names: String...) -> [(name: String, tensor: Tensor)] {
    flatMap { group in
      group.flatMap { slot in zip(names, slot.memory).map { ("\(slot.name).\($0)", $1) } }
    }
  }
}

extension [Slot] {
  /// The slots whose parameters have gradients, and these.
  var ready: (slots: [Slot], gradients: [Tensor]) {
    var slots: [Slot] = []
    var gradients: [Tensor] = []
    for slot in self {
      guard let gradient = slot.parameter.grad else { continue }
      slots.append(slot)
      gradients.append(gradient)
    }
    return (slots, gradients)
  }
}
