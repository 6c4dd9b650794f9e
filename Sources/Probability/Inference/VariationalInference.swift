import RealModule

/// Mean-field variational inference: the independent normals, over unconstrained coordinates, that
/// are closest to the posterior.
///
/// Maximises the evidence lower bound E_q[log p − log q] by Adam on reparameterised gradients
/// (Kucukelbir et al. 2017). Fast, and too narrow where coordinates are correlated: the bound is
/// given as `logEvidence`, and is at most the true evidence up to Monte Carlo error.
public struct VariationalInference: Sendable {
  /// Steps of the optimiser.
  public var iterations: Int
  /// Draws of q for each gradient.
  public var gradientSamples: Int
  /// The optimiser's first step size; it decays as 1/√t over the second half.
  public var learningRate: Double
  /// Draws from the fitted q that make up the result.
  public var samples: Int
  /// The seed.
  public var seed: UInt64

  /// Settings of the optimiser and the size of the result.
  public init(
    iterations: Int = 2_000, gradientSamples: Int = 4, learningRate: Double = 0.05,
    samples: Int = 4_000, seed: UInt64 = 0
  ) {
    self.iterations = iterations
    self.gradientSamples = gradientSamples
    self.learningRate = learningRate
    self.samples = samples
    self.seed = seed
  }

  /// Draws from the fitted approximation.
  ///
  /// - Throws: An ``InferenceError`` when a setting makes no sense or the score can't be used.
  public func run<Value: Sendable>(
    _ model: @escaping DifferentiableModel<Value>
  ) throws -> Chains<Value> {
    guard iterations > 0, gradientSamples > 0, learningRate > 0, samples > 0 else {
      throw InferenceError(.badSetting, "variational inference needs settings above 0")
    }
    var random = RandomSource(seed: seed, stream: 1)
    let target = try GradientTarget(model, random: &random)
    var means = target.start
    var logScales = means.map { _ in -1.0 }
    var optimizer = Adam(size: 2 * means.count)
    var skipped = 0
    for iteration in 0..<iterations {
      var gradient = Array(repeating: 0.0, count: 2 * means.count)
      var usable = 0.0
      for _ in 0..<gradientSamples {
        let noise = means.map { _ in random.normal() }
        let point = try target.evaluate(place(means, logScales, noise))
        guard point.isUsable else { continue }
        usable += 1
        for index in means.indices {
          gradient[index] += point.gradient[index]
          gradient[means.count + index] +=
            point.gradient[index] * noise[index] * Double.exp(logScales[index])
        }
      }
      if usable == 0 {
        skipped += 1
        continue
      }
      for index in gradient.indices { gradient[index] /= usable }
      // The entropy of q contributes its log scales.
      for index in means.indices { gradient[means.count + index] += 1 }
      let progress = Double(iteration) / Double(iterations)
      let rate =
        learningRate / (1 + max(0, progress - 0.5) * Double(iterations) / 20).squareRoot()
      let step = optimizer.step(gradient, rate: rate)
      for index in means.indices {
        means[index] += step[index]
        logScales[index] += step[means.count + index]
      }
    }
    if skipped == iterations {
      throw InferenceError(
        .badScore,
        "variational inference: no gradient was finite in \(iterations) iterations, so nothing was "
          + "fitted. Look for observations outside a support near the start.")
    }
    var draws: [Value] = []
    var bound = 0.0
    let entropyConstant = 0.5 * Double(means.count) * Double.log(2 * .pi)
    for _ in 0..<samples {
      let noise = means.map { _ in random.normal() }
      let position = place(means, logScales, noise)
      draws.append(try target.value(at: position))
      let logQ = -0.5 * noise.reduce(0) { $0 + $1 * $1 } - entropyConstant - logScales.reduce(0, +)
      bound += try target.logDensity(at: position) - logQ
    }
    var diagnostics = Diagnostics(method: "mean-field variational inference")
    diagnostics.executions = target.evaluations
    diagnostics.logEvidence = bound / Double(samples)
    if skipped > 0 {
      diagnostics.warnings.append(
        "\(skipped) of \(iterations) iterations found no finite gradient and were skipped")
    }
    return Chains(draws: [draws], diagnostics: diagnostics)
  }

  /// The distribution of draws from the fitted approximation.
  public func infer<Value: Hashable & Sendable>(
    _ model: @escaping DifferentiableModel<Value>
  ) throws -> Distribution<Value> {
    try run(model).distribution
  }

  private func place(_ means: [Double], _ logScales: [Double], _ noise: [Double]) -> [Double] {
    means.indices.map { means[$0] + Double.exp(logScales[$0]) * noise[$0] }
  }
}

/// Adam (Kingma and Ba 2015) on plain vectors, ascending.
private struct Adam {
  private var first: [Double]
  private var second: [Double]
  private var count = 0.0

  init(size: Int) {
    first = Array(repeating: 0, count: size)
    second = first
  }

  mutating func step(_ gradient: [Double], rate: Double) -> [Double] {
    count += 1
    let firstCorrection = 1 - Double.pow(0.9, count)
    let secondCorrection = 1 - Double.pow(0.999, count)
    return gradient.indices.map { index in
      first[index] = 0.9 * first[index] + 0.1 * gradient[index]
      second[index] = 0.999 * second[index] + 0.001 * gradient[index] * gradient[index]
      let scale = (second[index] / secondCorrection).squareRoot() + 1e-8
      return rate * first[index] / firstCorrection / scale
    }
  }
}
