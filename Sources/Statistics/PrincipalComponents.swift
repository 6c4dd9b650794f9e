/// The directions in which rows of features vary most, by orthogonal iteration on their second
/// moments.
///
/// A reward model's hidden vector has more coordinates than a few hundred answers can weigh. The
/// rows here are differences of two items' features, whose mean says nothing (either item may come
/// first), so moments are about zero.
public struct PrincipalComponents: Sendable {
  /// Unit vectors, the direction of most variation first.
  public let directions: [[Double]]
  /// Divides what is projected, so that a coordinate's mean square is 1 on average.
  private let scale: Double

  /// The first `count` directions, or as many as there are coordinates; `nil` for no rows, rows of different lengths, or
  /// numbers that aren't finite.
  ///
  /// - Parameter normal: draws the standard normal numbers that the iteration starts from.
  public init?(of rows: [[Double]], count: Int, drawing normal: () -> Double) {
    guard let width = rows.first?.count, width > 0, count > 0,
      rows.allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
    else { return nil }
    var moments = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    for row in rows {
      for i in 0..<width where row[i] != 0 {
        for j in 0...i { moments[i][j] += row[i] * row[j] / Double(rows.count) }
      }
    }
    for i in 0..<width { for j in 0..<i { moments[j][i] = moments[i][j] } }
    var basis = (0..<min(count, width)).map { _ in (0..<width).map { _ in normal() } }
    Self.orthonormalize(&basis)
    // The error falls by the ratio of neighbouring variances each time; nearly equal ones may stay
    // mixed, which leaves their span as it is.
    for _ in 0..<60 {
      basis = basis.map { direction in moments.map { Self.dot($0, direction) } }
      Self.orthonormalize(&basis)
    }
    let variances = basis.map { direction in
      Self.dot(direction, moments.map { Self.dot($0, direction) })
    }
    let order = basis.indices.sorted { variances[$0] > variances[$1] }
    directions = order.map { basis[$0] }
    let mean = variances.reduce(0, +) / Double(variances.count)
    scale = mean > 0 ? mean.squareRoot() : 1
  }

  /// The coordinates of a row along the directions.
  public func project(_ row: [Double]) -> [Double] {
    directions.map { Self.dot($0, row) / scale }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Gram and Schmidt, twice over for accuracy; directions that vanish become zero.
  private static func orthonormalize(_ basis: inout [[Double]]) {
    for index in basis.indices {
      for _ in 0..<2 {
        for other in 0..<index {
          let overlap = dot(basis[index], basis[other])
          for k in basis[index].indices { basis[index][k] -= overlap * basis[other][k] }
        }
      }
      let length = dot(basis[index], basis[index]).squareRoot()
      for k in basis[index].indices {
        basis[index][k] = length > 1e-150 ? basis[index][k] / length : 0
      }
    }
  }
}
