/// The minimum of a smooth function of a few variables, by the method of Broyden, Fletcher, Goldfarb and Shanno.
///
/// An estimate of the inverse Hessian is kept in full and each step ends at a point that meets the strong Wolfe conditions
/// (Nocedal and Wright, 2006, algorithms 6.1, 3.5 and 3.6, with SciPy's constants 10⁻⁴ and 0.9).
///
/// ```swift
/// let bowl = BFGS().minimum(from: [3, 4]) { x, gradient in
///   gradient[0] = 2 * x[0]
///   gradient[1] = 20 * x[1]
///   return x[0] * x[0] + 10 * x[1] * x[1]
/// }
/// ```
public struct BFGS: Sendable, Equatable {
  /// The point where the search ended.
  public struct Minimum: Sendable, Equatable {
    /// The variables.
    public var point: [Double]
    /// The function's value there.
    public var value: Double
    /// The number of steps taken.
    public var steps: Int
    /// Whether the gradient is as small as was asked.
    ///
    /// False also where no step improves on the point any more for lack of digits, which is as good in practice.
    public var isConverged: Bool
  }

  /// The largest component that the gradient may have at the end.
  public var tolerance: Double
  /// The most steps.
  public var mostSteps: Int

  /// Sets the search up.
  public init(tolerance: Double = 1e-8, mostSteps: Int = 1_000) {
    precondition(tolerance > 0 && mostSteps >= 0)
    (self.tolerance, self.mostSteps) = (tolerance, mostSteps)
  }

  /// Searches from a point.
  ///
  /// - Parameter function: the value at a point; writes the gradient there into its second argument. Values that are not
  ///   finite count as too high.
  public func minimum(
    from start: [Double], of function: (_ point: [Double], _ gradient: inout [Double]) -> Double
  ) -> Minimum {
    let size = start.count
    var place = Place(point: start, value: 0, gradient: Array(repeating: 0, count: size))
    place.value = function(place.point, &place.gradient)
    guard place.value.isFinite else { return Minimum(point: start, value: place.value, steps: 0, isConverged: false) }
    var inverse = Self.identity(size)
    var isFirst = true
    // The first step is tried as long as SciPy tries it: as if the value before had been higher by half the slope.
    var before = place.value + Self.length(place.gradient) / 2
    for step in 0..<mostSteps {
      if place.gradient.allSatisfy({ abs($0) <= tolerance }) {
        return Minimum(point: place.point, value: place.value, steps: step, isConverged: true)
      }
      var direction = inverse.map { -Self.dot($0, place.gradient) }
      if Self.dot(direction, place.gradient) >= 0 {
        inverse = Self.identity(size)
        direction = place.gradient.map { -$0 }
      }
      let slope = Self.dot(direction, place.gradient)
      let guess = min(1, 2.02 * (place.value - before) / slope)
      let search = LineSearch(from: place, along: direction, slope: slope)
      guard let next = search.run(first: guess > 0 ? guess : 1, function), next.value <= place.value else {
        return Minimum(point: place.point, value: place.value, steps: step, isConverged: false)
      }
      let moved = zip(next.point, place.point).map { $0 - $1 }
      let turned = zip(next.gradient, place.gradient).map { $0 - $1 }
      let curvature = Self.dot(moved, turned)
      if curvature > 0 {
        if isFirst {
          let scale = curvature / Self.dot(turned, turned)
          inverse = inverse.map { $0.map { $0 * scale } }
          isFirst = false
        }
        Self.update(&inverse, moved, turned, curvature)
      }
      before = place.value
      place = next
    }
    return Minimum(point: place.point, value: place.value, steps: mostSteps, isConverged: false)
  }

  /// H ← (I − s yᵀ/yᵀs) H (I − y sᵀ/yᵀs) + s sᵀ/yᵀs.
  private static func update(_ h: inout [[Double]], _ s: [Double], _ y: [Double], _ curvature: Double) {
    let hy = h.map { dot($0, y) }
    let factor = (1 + dot(y, hy) / curvature) / curvature
    for i in s.indices {
      for j in s.indices { h[i][j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature }
    }
  }

  private static func identity(_ size: Int) -> [[Double]] {
    (0..<size).map { row in (0..<size).map { $0 == row ? 1 : 0 } }
  }

  fileprivate static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  private static func length(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}

/// A point with the function's value and gradient there.
private struct Place {
  var point: [Double]
  var value: Double
  var gradient: [Double]
}

/// The search along one direction for a point that meets the strong Wolfe conditions.
private struct LineSearch {
  let origin: Place
  let direction: [Double]
  let slope: Double

  private static let (descent, flatness) = (1e-4, 0.9)

  init(from origin: Place, along direction: [Double], slope: Double) {
    (self.origin, self.direction, self.slope) = (origin, direction, slope)
  }

  private struct Trial {
    var step: Double
    var place: Place
    var slope: Double
  }

  /// Bracketing, algorithm 3.5; nil where no acceptable point is found.
  func run(first: Double, _ function: ([Double], inout [Double]) -> Double) -> Place? {
    var last = Trial(step: 0, place: origin, slope: slope)
    var step = first
    for round in 0..<60 {
      let trial = evaluate(step, function)
      if !descends(trial) || (round > 0 && trial.place.value >= last.place.value) {
        return zoom(last, trial, function)
      }
      if abs(trial.slope) <= -Self.flatness * slope { return trial.place }
      if trial.slope >= 0 { return zoom(trial, last, function) }
      last = trial
      step *= 2
    }
    return last.step > 0 ? last.place : nil
  }

  /// Narrows an interval whose one end, `low`, descends and points into it: algorithm 3.6.
  private func zoom(_ low: Trial, _ high: Trial, _ function: ([Double], inout [Double]) -> Double) -> Place? {
    var (low, high) = (low, high)
    for _ in 0..<60 {
      let width = high.step - low.step
      // The minimum of the parabola through both values and the slope at the better end, kept off the ends.
      let bend = high.place.value - low.place.value - low.slope * width
      var part = bend > 0 && bend.isFinite ? -low.slope * width / (2 * bend) : 0.5
      part = min(max(part, 0.1), 0.9)
      let trial = evaluate(low.step + part * width, function)
      guard trial.step != low.step, trial.step != high.step else { break }
      if !descends(trial) || trial.place.value >= low.place.value {
        high = trial
      } else {
        if abs(trial.slope) <= -Self.flatness * slope { return trial.place }
        if trial.slope * (high.step - low.step) >= 0 { high = low }
        low = trial
      }
    }
    return low.step > 0 ? low.place : nil
  }

  private func descends(_ trial: Trial) -> Bool {
    trial.place.value <= origin.value + Self.descent * trial.step * slope
  }

  private func evaluate(_ step: Double, _ function: ([Double], inout [Double]) -> Double) -> Trial {
    var place = origin
    for index in direction.indices { place.point[index] += step * direction[index] }
    place.value = function(place.point, &place.gradient)
    // NaN compares as false with everything: it must not look like a descent.
    if !place.value.isFinite || !place.gradient.allSatisfy(\.isFinite) { place.value = .infinity }
    return Trial(step: step, place: place, slope: BFGS.dot(place.gradient, direction))
  }
}
