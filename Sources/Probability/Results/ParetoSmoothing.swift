import RealModule

/// Pareto smoothing of importance weights.
enum ParetoSmoothing {
  /// Normalised log weights with their upper tail smoothed, and the tail's shape; infinite when the tail
  /// has too few distinct weights to fit.
  static func smooth(
    _ logWeights: [Double], relativeEfficiency: Double
  ) -> (logWeights: [Double], shape: Double) {
    let top = logWeights.max() ?? 0
    var x = logWeights.map { $0 - top }
    let count = Double(x.count)
    let tailCount = Int(min(count / 5, 3 * (count / relativeEfficiency).squareRoot()).rounded(.up))
    let order = x.indices.sorted { x[$0] < x[$1] }
    let cutoff = max(x[order[max(x.count - tailCount - 1, 0)]], -708.396418532264)
    let tail = order.filter { x[$0] > cutoff }
    var shape = Double.infinity
    if tail.count > 4 {
      let floor = Double.exp(cutoff)
      let (k, scale) = fit(tail.map { Double.exp(x[$0]) - floor })
      shape = k
      if k.isFinite, scale > 0 {
        for (index, place) in tail.enumerated() {
          let level = (Double(index) + 0.5) / Double(tail.count)
          let log = -Double.log(onePlus: -level)
          let excess = abs(k) < .ulpOfOne ? log : Double.expMinusOne(k * log) / k
          x[place] = min(Double.log(scale * excess + floor), 0)
        }
      }
    }
    let total = logSumExp(x)
    return (x.map { $0 - total }, shape)
  }

  /// Shape and scale of a generalised Pareto distribution of sorted positive numbers: the posterior mean
  /// of Zhang and Stephens (2009), with the shape drawn to 0.5 as by ten more observations.
  static func fit(_ sorted: [Double]) -> (shape: Double, scale: Double) {
    let n = Double(sorted.count)
    let grid = 30 + Int(n.squareRoot())
    let quartile = sorted[Int(n / 4 + 0.5) - 1]
    let largest = sorted[sorted.count - 1]
    func meanLog(_ b: Double) -> Double {
      sorted.reduce(0) { $0 + Double.log(onePlus: -b * $1) } / n
    }
    let candidates = (1...grid).map { index in
      (1 - (Double(grid) / (Double(index) - 0.5)).squareRoot()) / (3 * quartile) + 1 / largest
    }
    let scores = candidates.map { b -> Double in
      let k = meanLog(b)
      return n * (Double.log(-b / k) - k - 1)
    }
    let total = logSumExp(scores)
    var weights = scores.map { Double.exp($0 - total) }
    for index in weights.indices where !(weights[index] >= 10 * Double.ulpOfOne) {
      weights[index] = 0
    }
    let sum = weights.reduce(0, +)
    let b = zip(candidates, weights).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.1 / sum : 0) }
    let k = meanLog(b)
    return ((n * k + 5) / (n + 10), -k / b)
  }
}
