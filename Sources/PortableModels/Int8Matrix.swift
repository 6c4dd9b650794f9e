/// A matrix of 8-bit whole numbers with a scale for each row, somewhere in a model's bytes.
public struct Int8Matrix {
  let rows: Int
  let columns: Int
  let scales: UnsafePointer<Float>
  let weights: UnsafePointer<Int8>

  /// Adds the matrix times a vector to `result`: sums of whole numbers, exact in any order.
  @inline(__always)
  func multiply(_ x: FixedPointVector, addingTo result: UnsafeMutablePointer<Float>) {
    for row in 0..<rows {
      let sum = Self.dot(weights + row * columns, x.numbers, columns)
      result[row] += Float(sum) * (scales[row] * x.scale)
    }
  }

  /// Adds a row to `result`.
  @inline(__always)
  func add(row: Int, to result: UnsafeMutablePointer<Float>) {
    let own = weights + row * columns
    let scale = scales[row]
    for i in 0..<columns { result[i] += Float(own[i]) * scale }
  }

  @inline(__always)
  private static func dot(_ weights: UnsafePointer<Int8>, _ x: UnsafePointer<Int16>, _ count: Int) -> Int32 {
    var sums = SIMD8<Int32>.zero
    var i = 0
    let (left, right) = (UnsafeRawPointer(weights), UnsafeRawPointer(x))
    while i &+ 8 <= count {
      let a = SIMD8<Int32>(truncatingIfNeeded: left.loadUnaligned(fromByteOffset: i, as: SIMD8<Int8>.self))
      let b = SIMD8<Int32>(truncatingIfNeeded: right.loadUnaligned(fromByteOffset: 2 &* i, as: SIMD8<Int16>.self))
      sums = sums &+ a &* b
      i &+= 8
    }
    var sum = sums.wrappedSum()
    while i < count {
      sum = sum &+ Int32(weights[i]) &* Int32(x[i])
      i &+= 1
    }
    return sum
  }

  /// The parts of a matrix in 8 bits: each row over its largest number and 127, rounded to the nearest.
  ///
  /// - Parameter values: row by row, all of them finite.
  public static func quantized(
    _ values: [Float], rows: Int, columns: Int
  ) -> (scales: [Float], weights: [Int8]) {
    var scales: [Float] = []
    var weights: [Int8] = []
    scales.reserveCapacity(rows)
    weights.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let own = values[row * columns..<(row + 1) * columns]
      var most: Float = 0
      for value in own { most = max(most, value.magnitude) }
      scales.append(most / 127)
      let inverse = most > 0 ? 127 / most : 0
      for value in own { weights.append(Int8((value * inverse).rounded(.toNearestOrEven))) }
    }
    return (scales, weights)
  }
}
