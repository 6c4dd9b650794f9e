public import Statistics

/// The critical batch size, from how many steps runs of several batch sizes took to one loss.
///
/// (S/S_min − 1)(E/E_min − 1) = 1 with E = B·S, which is S = S_min·(1 + B_crit/B) and B_crit = E_min/S_min (McCandlish et al., 2018,
/// equation 2.11): below it doubling the batch nearly halves the steps, above it it hardly saves any.
///
/// ```swift
/// let critical = try CriticalBatch(batches: [64, 256, 1024], steps: [7_800, 3_050, 1_890])
/// critical.batch.value
/// ```
public struct CriticalBatch: Sendable {
  /// S_min, the steps that a batch without end would take.
  public let leastSteps: Estimate
  /// E_min, the examples that a batch of one would take.
  public let leastExamples: Estimate
  /// B_crit, the batch at which both are twice what they must be.
  public let batch: Estimate

  /// Fits the law to pairs.
  ///
  /// - Throws: ``ScalingError`` where there are too few pairs, or steps don't fall as batches grow.
  public init(batches: [Double], steps: [Double], options: FitOptions = FitOptions()) throws(ScalingError) {
    guard batches.count == steps.count, (batches + steps).allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .unusable("Batches and steps come in pairs of positive numbers")
    }
    // The same search as for losses, with the exponent known.
    let form = LawForm([.tokens], hasConstant: true, fixedExponents: [1])
    let fitted: FittedLaw
    do { fitted = try FittedLaw(form, inputs: batches.map { [$0] }, losses: steps, options: options) } catch {
      throw .noLaw(
        "No critical batch size can be told from these \(batches.count) pairs: give four or more batch sizes, some of which "
          + "take clearly fewer steps than others")
    }
    leastSteps = fitted.estimate(fitted.law.irreducible) { $0.irreducible }
    leastExamples = fitted.estimate(fitted.law.terms[0].coefficient) { $0.terms[0].coefficient }
    batch = fitted.estimate(fitted.law.terms[0].coefficient / fitted.law.irreducible) {
      $0.terms[0].coefficient / $0.irreducible
    }
  }
}
