/// The Cholesky factor of a symmetric, positive definite matrix: L, lower triangular, with L·Lᵀ the matrix.
public struct Cholesky: Sendable, Equatable {
  /// L by rows; what lies above the diagonal is 0.
  public let factor: [[Double]]

  /// The factor of a matrix given by its rows; `nil` where that isn't square, symmetric and positive definite.
  public init?(_ matrix: [[Double]]) {
    let size = matrix.count
    guard !matrix.contains(where: { $0.count != size }) else { return nil }
    var l = Array(repeating: Array(repeating: 0.0, count: size), count: size)
    for i in 0..<size {
      for j in 0...i {
        guard abs(matrix[i][j] - matrix[j][i]) <= 1e-9 * (abs(matrix[i][j]) + 1e-300) else { return nil }
        var sum = matrix[i][j]
        for k in 0..<j { sum -= l[i][k] * l[j][k] }
        if i == j {
          guard sum > 0, sum < .infinity else { return nil }
          l[i][i] = sum.squareRoot()
        } else {
          l[i][j] = sum / l[j][j]
        }
      }
    }
    factor = l
  }

  /// z with L·z = b, by forward substitution.
  public func whitened(_ b: [Double]) -> [Double] {
    precondition(b.count == factor.count, "a factor of \(factor.count) rows and a vector of \(b.count)")
    var z: [Double] = []
    for i in b.indices {
      var sum = b[i]
      for k in 0..<i { sum -= factor[i][k] * z[k] }
      z.append(sum / factor[i][i])
    }
    return z
  }
}
