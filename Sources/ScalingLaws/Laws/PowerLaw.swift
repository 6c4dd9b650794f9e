import Foundation

/// A sum of powers over a constant: L(x₁, x₂, …) = L∞ + Σ Aⱼ · xⱼ^(−αⱼ).
///
/// With one size it is L∞ + (x₀/x)^α, the law of Henighan et al. (2020, equation 1.1), with A = x₀^α; with N and D it is
/// E + A/N^α + B/D^β, the third approach of Hoffmann et al. (2022, equation 2). L∞ is the loss that is left at any size, the
/// entropy of the data where the model can represent it, and the sum the divergence that more of something takes away.
///
/// ```swift
/// let image8 = PowerLaw(irreducible: 3.12, scale: 8.0e1, exponent: 0.24)
/// image8.value(at: [1e9])      // 3.14
/// ```
public struct PowerLaw: Sendable, Equatable, Codable {
  /// The part of one size: A · x^(−α).
  public struct Term: Sendable, Equatable, Codable {
    /// A, in the loss's unit times the size's to the exponent.
    public var coefficient: Double
    /// α.
    public var exponent: Double

    /// Makes a term.
    public init(coefficient: Double, exponent: Double) {
      (self.coefficient, self.exponent) = (coefficient, exponent)
    }

    /// x₀, the size at which the term is 1: A^(1/α).
    public var scale: Double { pow(coefficient, 1 / exponent) }
  }

  /// L∞, 0 where the law has no constant.
  public var irreducible: Double
  /// The terms, one for each size.
  public var terms: [Term]

  /// Makes a law.
  public init(irreducible: Double, terms: [Term]) {
    (self.irreducible, self.terms) = (irreducible, terms)
  }

  /// Makes a law of one size from x₀ and α.
  public init(irreducible: Double = 0, scale: Double, exponent: Double) {
    self.init(irreducible: irreducible, terms: [Term(coefficient: pow(scale, exponent), exponent: exponent)])
  }

  /// The loss at the sizes, one for each term.
  public func value(at sizes: [Double]) -> Double { irreducible + reducible(at: sizes) }

  /// The part of the loss that larger sizes take away.
  public func reducible(at sizes: [Double]) -> Double {
    precondition(sizes.count == terms.count, "a law of \(terms.count) sizes and \(sizes.count) values")
    return zip(terms, sizes).reduce(0) { $0 + $1.0.coefficient * pow($1.1, -$1.0.exponent) }
  }

  /// The size at which a law of one size reaches a loss; nil where it never does.
  public func size(reaching loss: Double) -> Double? {
    guard terms.count == 1, let term = terms.first, loss > irreducible, term.exponent > 0 else { return nil }
    return pow(term.coefficient / (loss - irreducible), 1 / term.exponent)
  }
}
