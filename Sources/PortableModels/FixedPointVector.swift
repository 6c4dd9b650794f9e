/// A vector of whole numbers of 14 bits with one scale: the right side of a product with an ``Int8Matrix``.
///
/// Memory of a fixed size that is written anew for each product, so that a conversation allocates nothing.
public struct FixedPointVector {
  /// The largest whole number: sums of 2,048 products with 7 bits stay below 2³¹.
  static let largest: Float = 8191

  let capacity: Int
  let numbers: UnsafeMutablePointer<Int16>
  var scale: Float = 0

  init(capacity: Int) {
    self.capacity = capacity
    numbers = .allocate(capacity: capacity)
  }

  func deallocate() { numbers.deallocate() }

  /// Takes the numbers of a vector, each rounded to the nearest 1/8191 of the largest.
  mutating func take(_ values: UnsafePointer<Float>, count: Int) {
    var most: Float = 0
    for i in 0..<count { most = max(most, values[i].magnitude) }
    guard most > 0 else {
      scale = 0
      for i in 0..<count { numbers[i] = 0 }
      return
    }
    scale = most / Self.largest
    let inverse = Self.largest / most
    for i in 0..<count { numbers[i] = Int16((values[i] * inverse).rounded(.toNearestOrEven)) }
  }

  /// Takes a row of a matrix as it lies.
  mutating func take(row: Int, of matrix: Int8Matrix) {
    scale = matrix.scales[row]
    let weights = matrix.weights + row * matrix.columns
    for i in 0..<matrix.columns { numbers[i] = Int16(weights[i]) }
  }
}
