/// Small dense systems of linear equations.
public enum LinearSystem {
  /// X with A·X = B, by Gaussian elimination with partial pivoting; `nil` where A is singular.
  ///
  /// - Parameters:
  ///   - a: A by rows, square.
  ///   - b: B by rows, as many as A has; each column is a right-hand side of its own.
  public static func solve(_ a: [[Double]], _ b: [[Double]]) -> [[Double]]? {
    precondition(
      b.count == a.count && a.allSatisfy { $0.count == a.count },
      "A must be square and B have as many rows, not \(a.count)×\(a.first?.count ?? 0) and \(b.count)")
    var a = a
    var b = b
    let size = a.count
    for column in 0..<size {
      var pivot = column
      for row in column..<size where abs(a[row][column]) > abs(a[pivot][column]) { pivot = row }
      guard abs(a[pivot][column]) > 1e-300 else { return nil }
      a.swapAt(column, pivot)
      b.swapAt(column, pivot)
      for row in (column + 1)..<max(size, column + 1) {
        let factor = a[row][column] / a[column][column]
        if factor == 0 { continue }
        for k in column..<size { a[row][k] -= factor * a[column][k] }
        for k in b[row].indices { b[row][k] -= factor * b[column][k] }
      }
    }
    for column in stride(from: size - 1, through: 0, by: -1) {
      for k in b[column].indices {
        var sum = b[column][k]
        for j in (column + 1)..<max(size, column + 1) { sum -= a[column][j] * b[j][k] }
        b[column][k] = sum / a[column][column]
      }
    }
    return b
  }
}
