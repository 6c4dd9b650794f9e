extension Sampler {
  /// Makes a random choice and records it under a name.
  public func sample<D: ProbabilityDistribution>(
    _ distribution: D, named name: String, file: StaticString = #fileID, line: UInt = #line,
    column: UInt = #column
  ) throws -> D.Value where D.Value: Recordable {
    let value = try sample(distribution, file: file, line: line, column: column)
    recorder?.draw.posterior.append(value.numbers, to: name)
    return value
  }

  /// Records something computed under a name.
  public func record(_ value: some Recordable, as name: String) {
    recorder?.draw.posterior.append(value.numbers, to: name)
  }

  /// States that a value was seen, and records its log likelihood and a prediction of it under a name.
  public func observe<D: ProbabilityDistribution>(
    _ distribution: D, _ value: D.Value, named name: String, file: StaticString = #fileID,
    line: UInt = #line
  ) throws where D.Value: Recordable {
    if let recorder {
      try distribution.validate()
      recorder.draw.observed.append(value.numbers, to: name)
      recorder.draw.logLikelihood.append([distribution.logDensity(at: value)], to: name)
      let prediction = distribution.draw(using: &state.pointee.random)
      recorder.draw.predictions.append(prediction.numbers, to: name)
    }
    try observe(distribution, value, file: file, line: line)
  }
}
