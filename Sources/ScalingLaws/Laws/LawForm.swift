import Foundation

/// The shape of a law: the sizes that it is about, and whether something is left at infinite size.
public struct LawForm: Sendable, Equatable {
  /// The sizes, one for each term.
  public var sizes: [SizeName]
  /// Whether the law has a constant, L∞.
  public var hasConstant: Bool
  /// The exponents, where they are known beforehand.
  var fixedExponents: [Double]?

  /// Names a shape.
  public init(_ sizes: [SizeName], hasConstant: Bool = true) {
    self.init(sizes, hasConstant: hasConstant, fixedExponents: nil)
  }

  init(_ sizes: [SizeName], hasConstant: Bool, fixedExponents: [Double]?) {
    precondition((1...2).contains(sizes.count), "laws are about one size or two")
    (self.sizes, self.hasConstant, self.fixedExponents) = (sizes, hasConstant, fixedExponents)
  }

  /// The formula, as reports show it.
  public var formula: String {
    let letters = sizes.map(\.letter)
    if letters.count == 2 {
      let (n, d) = (letters[0], letters[1])
      return "L(\(n), \(d)) = \(hasConstant ? "E + " : "")A/\(n)^alpha + B/\(d)^beta"
    }
    return "L(\(letters[0])) = \(hasConstant ? "L_inf + " : "")(x0/\(letters[0]))^alpha"
  }

  /// How many numbers are fitted.
  var constantCount: Int { (hasConstant ? 1 : 0) + sizes.count * (fixedExponents == nil ? 2 : 1) }

  /// The constants of a law of this shape by name, in the order of the formula.
  func constants(of law: PowerLaw) -> [(name: String, value: Double)] {
    if sizes.count == 2 {
      return (hasConstant ? [("E", law.irreducible)] : [])
        + [
          ("A", law.terms[0].coefficient), ("B", law.terms[1].coefficient), ("alpha", law.terms[0].exponent),
          ("beta", law.terms[1].exponent),
        ]
    }
    return (hasConstant ? [("L_inf", law.irreducible)] : [])
      + [("x0", law.terms[0].scale), ("alpha", law.terms[0].exponent)]
  }

  func fit(_ inputs: [[Double]], _ losses: [Double], _ delta: Double) -> PowerLawFit {
    PowerLawFit(
      inputs: inputs, losses: losses, hasConstant: hasConstant, fixedExponents: fixedExponents,
      cost: .huber(delta: delta))
  }

  /// Whether points differ enough to fix every constant.
  func isDetermined(by inputs: [[Double]]) -> Bool {
    let wanted = fixedExponents == nil ? (hasConstant ? 3 : 2) : 2
    return inputs.count >= constantCount
      && sizes.indices.allSatisfy { term in Set(inputs.map { $0[term] }).count >= (sizes.count == 2 ? 2 : wanted) }
  }

  /// Refuses points that can't fix the constants.
  func check(_ inputs: [[Double]], _ losses: [Double]) throws(ScalingError) {
    let least = constantCount + 1
    guard inputs.count >= least else {
      throw .tooFew(
        "\(formula) has \(constantCount) constants, and \(inputs.count) usable points can't fix them",
        advice: "Give at least \(least) runs\(hasConstant ? ", or leave the constant out" : "").")
    }
    let wanted = fixedExponents == nil ? (hasConstant ? 3 : 2) : 2
    for (term, size) in sizes.enumerated() {
      let values = Set(inputs.map { $0[term] })
      guard values.count >= wanted else {
        throw .tooFew(
          "the points have \(values.count) different \(values.count == 1 ? "value" : "values") of \(size.rawValue), "
            + "and \(formula) needs \(wanted)",
          advice: "Add runs of other sizes.")
      }
    }
    guard Set(losses).count > 1 else {
      throw .noLaw("All \(losses.count) points have the loss \(short(losses[0])): no power law can be told from them")
    }
  }

  /// Refuses a law that says nothing: loss that rises with size, or a fall that is less than the points' scatter.
  func check(_ law: PowerLaw, _ inputs: [[Double]], _ losses: [Double]) throws(ScalingError) {
    let squares = zip(inputs, losses).reduce(0) { sum, pair in
      let residual = log(pair.1) - log(law.value(at: pair.0))
      return sum + residual * residual
    }
    let scatter = (squares / Double(losses.count)).squareRoot()
    for (term, size) in sizes.enumerated() {
      let part = law.terms[term]
      let values = inputs.map { $0[term] }
      let (low, high) = (values.min() ?? 1, values.max() ?? 1)
      let middle = inputs.map { law.value(at: $0) }.reduce(0, +) / Double(inputs.count)
      let fall = part.coefficient * (pow(low, -part.exponent) - pow(high, -part.exponent)) / middle
      guard part.exponent > 0, part.exponent.isFinite, part.coefficient.isFinite, fall > 0 else {
        throw .noLaw(
          "No law \(formula) fits: the loss doesn't fall as \(size.rawValue) grows from \(short(low)) to \(short(high)) "
            + "(the best exponent is \(short(part.exponent)))")
      }
      guard fall > scatter else {
        throw .noLaw(
          "No law \(formula) fits: from \(short(low)) to \(short(high)) \(size.rawValue) the loss falls by "
            + "\(short(100 * fall, digits: 2))%, and the points lie \(short(100 * scatter, digits: 2))% from the best law"
        )
      }
    }
  }
}
