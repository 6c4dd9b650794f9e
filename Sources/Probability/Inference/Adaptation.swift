import RealModule

/// Fits a step size to a target acceptance: Nesterov's dual averaging, Hoffman and Gelman (2014),
/// 3.2.
struct DualAveraging {
  private let target: Double
  private let center: Double
  private var error = 0.0
  private var logAverage = 0.0
  private var count = 0.0

  init(initial: Double, target: Double) {
    self.target = target
    center = Double.log(10 * initial)
  }

  /// Takes one transition's acceptance, and gives the step size for the next.
  mutating func update(_ acceptance: Double) -> Double {
    count += 1
    let weight = 1 / (count + 10)
    error = (1 - weight) * error + weight * (target - acceptance)
    let logStep = center - count.squareRoot() / 0.05 * error
    let decay = Double.pow(count, -0.75)
    logAverage = decay * logStep + (1 - decay) * logAverage
    return Double.exp(logStep)
  }

  /// The averaged step size, for use once adaptation is over.
  var final: Double { Double.exp(logAverage) }
}

/// Means and variances of vectors as they come (Welford 1962).
struct RunningMoments {
  private var count = 0.0
  private var mean: [Double]
  private var squares: [Double]

  init(size: Int) {
    mean = Array(repeating: 0, count: size)
    squares = mean
  }

  mutating func add(_ x: [Double]) {
    count += 1
    for index in x.indices {
      let deviation = x[index] - mean[index]
      mean[index] += deviation / count
      squares[index] += deviation * (x[index] - mean[index])
    }
  }

  /// Variances shrunk towards 1e-3, as if five more observations had said so.
  var regularizedVariances: [Double] {
    squares.map {
      count < 2 ? 1 : ($0 / (count - 1)) * count / (count + 5) + 1e-3 * 5 / (count + 5)
    }
  }
}
