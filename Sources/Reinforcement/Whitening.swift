public import Torch

/// Shifts to mean 0 (unless `keepsMean`) and scales to variance 1, as PPO does with advantages.
///
/// The variance has Bessel's correction and 1e-8 is added under the root, as in TRL; fewer than two values stay.
public func whitened(_ values: [Float], keepsMean: Bool = false) -> [Float] {
  guard values.count > 1 else { return values }
  let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  let variance =
    values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count - 1)
  let scale = 1 / (variance + 1e-8).squareRoot()
  return values.map { Float((Double($0) - mean) * scale + (keepsMean ? mean : 0)) }
}

/// The same of a tensor, where it lies: nothing waits for its device.
public func whitened(_ values: Tensor) -> Tensor {
  guard values.count > 1 else { return values }
  return (values - values.mean()) * (values.variance() + 1e-8).rsqrt()
}
