/// Text on its way through normalisation, with the place in the original that each scalar comes from.
struct NormalizedText: Sendable {
  /// The text as it is now.
  private(set) var scalars: [Unicode.Scalar]
  /// For each scalar, the range of scalars of the original text that it stands for.
  private(set) var origins: [Range<Int32>]
  /// The start of the stretch in the original.
  private(set) var start: Int

  /// A stretch of the original text that begins at scalar `start`.
  init(_ scalars: [Unicode.Scalar], from start: Int = 0) {
    self.scalars = scalars
    self.start = start
    origins = (Int32(start)..<Int32(start + scalars.count)).map { $0..<$0 + 1 }
  }

  /// Text without an original of its own, such as an added token's content.
  init(_ text: String) {
    self.init(Array(text.unicodeScalars))
  }

  var isEmpty: Bool { scalars.isEmpty }
  var count: Int { scalars.count }

  /// The text as a string.
  var string: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// The range of the original that the scalars of `range` stand for.
  func origin(of range: Range<Int>) -> Range<Int> {
    guard let first = range.first, let last = range.last else {
      let place = range.lowerBound < count ? Int(origins[range.lowerBound].lowerBound) : start
      return place..<place
    }
    let lower = Int(origins[first].lowerBound)
    return lower..<max(lower, Int(origins[last].upperBound))
  }

  /// The part in `range`.
  func slice(_ range: Range<Int>) -> NormalizedText {
    var part = self
    part.scalars = Array(scalars[range])
    part.origins = Array(origins[range])
    part.start = origins[range].first.map { Int($0.lowerBound) } ?? start
    return part
  }

  /// Keeps the scalars that satisfy the condition.
  mutating func filter(_ keep: (Unicode.Scalar) -> Bool) {
    let kept = scalars.indices.filter { keep(scalars[$0]) }
    if kept.count == scalars.count { return }
    origins = kept.map { origins[$0] }
    scalars = kept.map { scalars[$0] }
  }

  /// Replaces each scalar by others, which all take its origin.
  mutating func flatMap(_ body: (Unicode.Scalar, (Unicode.Scalar) -> Void) -> Void) {
    var newScalars: [Unicode.Scalar] = []
    var newOrigins: [Range<Int32>] = []
    newScalars.reserveCapacity(count)
    newOrigins.reserveCapacity(count)
    for index in scalars.indices {
      body(scalars[index]) {
        newScalars.append($0)
        newOrigins.append(origins[index])
      }
    }
    scalars = newScalars
    origins = newOrigins
  }

  /// Puts `text` in front; it shares the origin of the first scalar.
  ///
  /// Empty text stays empty.
  mutating func prepend(_ text: String) {
    guard let first = origins.first else { return }
    let added = Array(text.unicodeScalars)
    scalars.insert(contentsOf: added, at: 0)
    origins.insert(contentsOf: repeatElement(first, count: added.count), at: 0)
  }

  /// Replaces the scalars of each of the ranges, which are in order, by `content`, whose scalars take
  /// the origin of the last one replaced.
  mutating func replace(_ ranges: [Range<Int>], with content: [Unicode.Scalar]) {
    if ranges.isEmpty { return }
    var newScalars: [Unicode.Scalar] = []
    var newOrigins: [Range<Int32>] = []
    var done = 0
    for range in ranges {
      newScalars += scalars[done..<range.lowerBound]
      newOrigins += origins[done..<range.lowerBound]
      newScalars += content
      let last = range.upperBound - 1
      newOrigins += repeatElement(last >= 0 ? origins[last] : 0..<0, count: content.count)
      done = range.upperBound
    }
    newScalars += scalars[done...]
    newOrigins += origins[done...]
    scalars = newScalars
    origins = newOrigins
  }

  /// Replaces the whole by scalars that each say how many of the current ones they consume: 0 repeats
  /// the origin of the one before, n > 1 swallows more than its own.
  mutating func rewrite(_ result: [(scalar: Unicode.Scalar, consumed: Int)]) {
    var position = 0
    var newOrigins: [Range<Int32>] = []
    newOrigins.reserveCapacity(result.count)
    for entry in result {
      if entry.consumed <= 0 {
        newOrigins.append(position > 0 ? origins[min(position, count) - 1] : 0..<0)
      } else {
        newOrigins.append(position < count ? origins[position] : 0..<0)
        position += entry.consumed
      }
    }
    scalars = result.map(\.scalar)
    origins = newOrigins
  }

  /// Drops scalars from both ends while the condition holds.
  mutating func strip(left: Bool, right: Bool, while condition: (Unicode.Scalar) -> Bool) {
    var range = 0..<count
    if left { range = (scalars.firstIndex { !condition($0) } ?? count)..<count }
    if right {
      let end = scalars[range].lastIndex { !condition($0) }.map { $0 + 1 } ?? range.lowerBound
      range = range.lowerBound..<end
    }
    scalars = Array(scalars[range])
    origins = Array(origins[range])
  }

  /// The UTF-8 of the text, and for each byte the scalar it belongs to.
  var utf8: (bytes: [UInt8], scalarOf: [Int32]) {
    var bytes: [UInt8] = []
    var scalarOf: [Int32] = []
    bytes.reserveCapacity(count + 8)
    scalarOf.reserveCapacity(count + 8)
    for (index, scalar) in scalars.enumerated() {
      for byte in scalar.utf8 {
        bytes.append(byte)
        scalarOf.append(Int32(index))
      }
    }
    return (bytes, scalarOf)
  }
}
