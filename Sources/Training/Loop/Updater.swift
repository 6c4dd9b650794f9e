import NeuralNetworks
public import Torch

/// Turns accumulated gradients into a step: sums them over processes, clips, and runs the optimizers.
public final class Updater {
  /// The processes that train together, if there are several.
  public let group: ProcessGroup?
  let settings: TrainingSettings
  private(set) var optimizers: [(name: String, optimizer: any Optimizer)]
  private let schedule: LearningRateSchedule
  private var tensors: [String: [Tensor]] = [:]
  /// The rate of the current step.
  public private(set) var learningRate = 0.0

  init(_ learner: any Learner, settings: TrainingSettings, group: ProcessGroup?) {
    self.settings = settings
    self.group = group
    optimizers = learner.modules.map { ($0.name, Self.optimizer(for: $0.module, settings)) }
    for (name, module) in learner.modules {
      tensors[name] = module.parameters.map(\.tensor).filter(\.requiresGrad)
    }
    schedule = LearningRateSchedule(
      settings.schedule, totalSteps: settings.maxSteps, warmupSteps: settings.warmupSteps,
      minimumRatio: settings.minimumRateRatio)
  }

  private static func optimizer(for module: Module, _ settings: TrainingSettings) -> any Optimizer {
    let adam = AdamW.Options(
      beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon)
    let standard = ParameterGroup.standard(for: module, weightDecay: settings.weightDecay)
    switch settings.optimizer {
    case .adamw: return AdamW(standard, options: adam)
    case .adafactor: return Adafactor(standard)
    case .sgd: return SGD(standard, momentum: settings.beta1)
    case .muon:
      let (matrices, others) = ParameterGroup.muon(for: module, weightDecay: settings.weightDecay)
      var options = Muon.Options()
      options.scaling = .original
      options.adamW = adam
      return Muon(
        matrices: matrices,
        others: others.map {
          var group = $0
          group.learningRateScale = settings.muonAdamRatio
          return group
        }, options: options)
    }
  }

  /// This process's number and how many there are.
  public var rank: (number: Int, of: Int) { (group?.rank ?? 0, group?.size ?? 1) }

  func begin(step: Int) { learningRate = settings.learningRate * schedule.factor(at: step) }

  /// Sums numbers over all processes.
  public func total(_ values: [Double]) throws -> [Double] {
    guard let group else { return values }
    let tensor = Tensor(values)
    try group.allReduce([tensor])
    return tensor.array(of: Double.self)
  }

  /// Applies the gradients of one module (or of all) and forgets them.
  ///
  /// - Parameters:
  ///   - name: the module, as the learner named it; nil for all.
  ///   - rate: multiplies the scheduled learning rate.
  /// - Returns: the norm of the gradients before clipping.
  /// - Throws: ``DivergenceError`` if that norm is not finite; nothing is changed then.
  @discardableResult
  public func apply(_ name: String? = nil, step: Int, rate: Double = 1, batch: String) throws -> Double {
    var total = 0.0
    for (own, optimizer) in optimizers where name == nil || name == own {
      let gradients = (tensors[own] ?? []).compactMap(\.grad)
      if let group { try group.allReduce(gradients) }
      let norm = clipGradients(
        of: tensors[own] ?? [], toNorm: settings.maxGradNorm > 0 ? settings.maxGradNorm : .infinity)
      guard norm.isFinite else {
        throw DivergenceError(step: step, message: "the gradient norm is \(norm) on \(batch)")
      }
      total += norm * norm
      optimizer.step(learningRate: learningRate * rate)
    }
    for (own, list) in tensors where name == nil || name == own { for t in list { t.grad = nil } }
    return total.squareRoot()
  }
}
