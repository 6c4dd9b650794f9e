import Statistics

/// A state on its way into bytes or back out of them, by one description of what is in it.
///
/// Numbers are little-endian and of fixed size, so that a state goes from one machine to another.
struct StateArchive {
  static let magic: UInt32 = 0x4452_4341
  /// Changed whenever a state or what a game does with it changes.
  static let version: UInt32 = 1
  /// More bodies or values than any game has; a damaged state must not take all memory.
  static let mostElements = 1 << 16

  private(set) var bytes: [UInt8]
  private var position = 0
  let isReading: Bool

  /// An empty one to write to.
  init() {
    bytes = []
    isReading = false
  }

  /// One to read from.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    isReading = true
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func code<Value: FixedWidthInteger>(_ value: inout Value) throws(ArcadeError) {
    let size = MemoryLayout<Value>.size
    if isReading {
      guard bytes.count - position >= size else { throw .state("it is cut off after \(bytes.count) bytes") }
      var read: Value = 0
      for i in 0..<size { read |= Value(truncatingIfNeeded: bytes[position + i]) << Value(i * 8) }
      value = read
      position += size
    } else {
      for i in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> Value(i * 8))) }
    }
  }

  mutating func code(_ value: inout Float) throws(ArcadeError) {
    var bits = value.bitPattern
    try code(&bits)
    value = Float(bitPattern: bits)
    guard value.isFinite, abs(value) < 1e6 else { throw .state("a number in it is out of bounds") }
  }

  mutating func code(_ value: inout Float, in range: ClosedRange<Float>) throws(ArcadeError) {
    try code(&value)
    guard range.contains(value) else { throw .state("a number in it is out of bounds") }
  }

  /// Bytes of a number known to both sides.
  mutating func code(_ bytes: UnsafeMutableBufferPointer<UInt8>) throws(ArcadeError) {
    if isReading {
      guard self.bytes.count - position >= bytes.count else {
        throw .state("it is cut off after \(self.bytes.count) bytes")
      }
      for i in bytes.indices { bytes[i] = self.bytes[position + i] }
      position += bytes.count
    } else {
      self.bytes.append(contentsOf: bytes)
    }
  }

  mutating func code(_ value: inout Bool) throws(ArcadeError) {
    var byte: UInt8 = value ? 1 : 0
    try code(&byte)
    value = byte != 0
  }

  mutating func code(_ value: inout Int, in range: ClosedRange<Int>) throws(ArcadeError) {
    var word = Int64(value)
    try code(&word)
    guard let number = Int(exactly: word), range.contains(number) else {
      throw .state("a number in it is out of bounds")
    }
    value = number
  }

  mutating func code<Element>(
    _ values: inout [Element], _ empty: Element,
    _ body: (inout StateArchive, inout Element) throws(ArcadeError) -> Void
  ) throws(ArcadeError) {
    var count = values.count
    try code(&count, in: 0...Self.mostElements)
    if isReading { values = Array(repeating: empty, count: count) }
    for i in values.indices { try body(&self, &values[i]) }
  }

  /// Text of up to 255 bytes that must be the same when it is read.
  mutating func expect(_ text: String, _ problem: (String) -> String) throws(ArcadeError) {
    var stored = Array(text.utf8)
    try code(&stored, 0) { (archive, byte) throws(ArcadeError) in try archive.code(&byte) }
    let found = String(decoding: stored, as: UTF8.self)
    guard found == text else { throw .state(problem(found)) }
  }
}

extension StateArchive {
  mutating func code(_ generator: inout SeededGenerator) throws(ArcadeError) {
    var state = generator.state
    try code(&state)
    generator = SeededGenerator(seed: state)
  }
}
