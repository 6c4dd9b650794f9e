/// A reason why bytes are no model.
public enum ModelProblem: Int32, Error {
  /// They don't begin as such a file does.
  case notAModel = 1
  /// The file was written by a version that this one can't read.
  case otherVersion = 2
  /// The file ends early, or its sizes contradict each other.
  case damaged = 3
}

/// Reads a model's parts in their order; each begins at a multiple of 16.
struct ByteCursor {
  private let base: UnsafeRawPointer
  private let count: Int
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) throws(ModelProblem) {
    guard let base = bytes.baseAddress else { throw .notAModel }
    self.base = base
    count = bytes.count
  }

  var isAtEnd: Bool { place == count }

  mutating func number() throws(ModelProblem) -> Int {
    guard count - place >= 4 else { throw .damaged }
    defer { place += 4 }
    return Int(base.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  }

  mutating func array<Element: BitwiseCopyable>(
    _ type: Element.Type, _ length: Int
  ) throws(ModelProblem) -> UnsafeBufferPointer<Element> {
    place = (place + 15) & ~15
    let (size, overflows) = length.multipliedReportingOverflow(by: MemoryLayout<Element>.size)
    guard !overflows, length >= 0, place <= count, size <= count - place else { throw .damaged }
    defer { place += size }
    return UnsafeBufferPointer(start: (base + place).assumingMemoryBound(to: type), count: length)
  }

  mutating func vector(_ length: Int) throws(ModelProblem) -> UnsafePointer<Float> {
    guard let start = try array(Float.self, length).baseAddress else { throw .damaged }
    return start
  }

  mutating func matrix(_ rows: Int, _ columns: Int) throws(ModelProblem) -> Int8Matrix {
    let scales = try vector(rows)
    let (size, overflows) = rows.multipliedReportingOverflow(by: columns)
    guard !overflows, let weights = try array(Int8.self, size).baseAddress else { throw .damaged }
    return Int8Matrix(rows: rows, columns: columns, scales: scales, weights: weights)
  }
}
