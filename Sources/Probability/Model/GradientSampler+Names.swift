extension GradientSampler {
  /// Makes a continuous choice and records it under a name.
  public func sample<D: DifferentiableDistribution>(
    _ distribution: D, named name: String
  ) throws -> Dual where D.Scalar == Dual {
    let value = try sample(distribution)
    recorder?.draw.posterior.append([value.value], to: name)
    return value
  }

  /// Records something computed under a name.
  public func record(_ value: some Recordable, as name: String) {
    recorder?.draw.posterior.append(value.numbers, to: name)
  }

  /// States that a count or a truth value was seen, and records its log likelihood, and a prediction of it
  /// where the distribution can make one, under a name.
  @_disfavoredOverload
  public func observe<D: Scored>(_ distribution: D, _ value: D.Value, named name: String) throws
  where D.Scalar == Dual, D.Value: Recordable {
    record(distribution, value, as: name, seen: value.numbers)
    try observe(distribution, value)
  }

  /// States that a number was seen, and records its log likelihood, and a prediction of it where the
  /// distribution can make one, under a name.
  public func observe<D: DifferentiableDistribution>(
    _ distribution: D, _ value: Double, named name: String
  ) throws where D.Scalar == Dual {
    record(distribution, Dual(value), as: name, seen: [value])
    try observe(distribution, value)
  }

  private func record<D: Scored>(
    _ distribution: D, _ value: D.Value, as name: String, seen: [Double]
  ) where D.Scalar == Dual {
    guard let recorder else { return }
    recorder.draw.observed.append(seen, to: name)
    recorder.draw.logLikelihood.append([distribution.logDensity(at: value).value], to: name)
    if let prediction = distribution.predict(using: &random) {
      recorder.draw.predictions.append([prediction], to: name)
    }
  }
}
