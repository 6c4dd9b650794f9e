import Statistics
import Testing

/// Small dense algebra, against matrices whose factors and inverses are known in closed form.
@Suite struct AlgebraTests {
  private func binomial(_ n: Int, _ k: Int) -> Double { (0..<k).reduce(1) { $0 * Double(n - $1) / Double($1 + 1) } }

  /// Pascal's symmetric matrix C(i+j, i) is L·Lᵀ with L = C(i, j).
  @Test func theCholeskyFactorOfPascalsMatrixIsPascalsTriangle() throws {
    let size = 7
    let matrix = (0..<size).map { i in (0..<size).map { binomial(i + $0, i) } }
    let cholesky = try #require(Cholesky(matrix))
    for i in 0..<size {
      for j in 0..<size { #expect(abs(cholesky.factor[i][j] - (j <= i ? binomial(i, j) : 0)) < 1e-9) }
    }
    // L·z = the column of powers of two that rows of Pascal's triangle add up to: z is all ones.
    let ones = cholesky.whitened((0..<size).map { Double(1 << $0) })
    #expect(ones.allSatisfy { abs($0 - 1) < 1e-9 })
    #expect(Cholesky([[1, 2], [2, 1]]) == nil)
    #expect(Cholesky([[1, 0.5], [0.4, 1]]) == nil)
    #expect(Cholesky([[1, 2]]) == nil)
    #expect(Cholesky([[.nan]]) == nil)
  }

  /// The inverse of Hilbert's matrix 1/(i+j+1) consists of whole numbers (Choi 1983).
  @Test func theInverseOfHilbertsMatrixIsWhole() throws {
    let size = 5
    let hilbert = (0..<size).map { i in (0..<size).map { 1 / Double(i + $0 + 1) } }
    let unit = (0..<size).map { i in (0..<size).map { $0 == i ? 1.0 : 0 } }
    let inverse = try #require(LinearSystem.solve(hilbert, unit))
    for i in 0..<size {
      for j in 0..<size {
        let sign = (i + j) % 2 == 0 ? 1.0 : -1
        let whole =
          sign * Double(i + j + 1) * binomial(size + i, size - j - 1) * binomial(size + j, size - i - 1)
          * binomial(i + j, i) * binomial(i + j, i)
        #expect(abs(inverse[i][j] - whole) < 1e-6 * abs(whole))
      }
    }
    // A zero on the diagonal needs another pivot; equal rows have no inverse.
    #expect(LinearSystem.solve([[0, 2], [4, 0]], [[6], [8]]) == [[2], [3]])
    #expect(LinearSystem.solve([[1, 2], [1, 2]], [[1], [1]]) == nil)
  }

  /// On rows with known second moments: the long axes are found, orthonormal, and scaled to 1.
  @Test func principalComponentsAreTheLongAxes() throws {
    var generator = SeededGenerator(seed: 6)
    func normal() -> Double { StandardNormal.quantile(Double.random(in: 0.0..<1, using: &generator)) }
    // A rotation by 30° of axes with deviations 5 and 1, and a coordinate that hardly varies.
    let (c, s) = (3.0.squareRoot() / 2, 0.5)
    let rows = (0..<4_000).map { _ in
      let (a, b) = (5 * normal(), normal())
      return [c * a - s * b, s * a + c * b, 0.001 * normal()]
    }
    let found = try #require(PrincipalComponents(of: rows, count: 2, drawing: normal))
    #expect(abs(abs(found.directions[0][0]) - c) < 0.01)
    #expect(abs(abs(found.directions[0][1]) - s) < 0.01)
    #expect(abs(abs(found.directions[1][0]) - s) < 0.01)
    let overlap = zip(found.directions[0], found.directions[1]).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(overlap) < 1e-9)
    var squares = [0.0, 0.0]
    for row in rows {
      for (place, value) in found.project(row).enumerated() { squares[place] += value * value }
    }
    #expect(abs((squares[0] + squares[1]) / 8_000 - 1) < 1e-6)
    #expect(squares[0] > 20 * squares[1])
    #expect(PrincipalComponents(of: [[1, 2]], count: 9, drawing: normal)?.directions.count == 2)
    for rows in [[], [[]], [[1], [1, 2]], [[.nan]]] as [[[Double]]] {
      #expect(PrincipalComponents(of: rows, count: 1, drawing: normal) == nil)
    }
  }
}
