/// UTF-8 text with the character class at any position; invalid bytes count as symbols of one byte.
struct ClassifiedBytes {
  let text: UnsafeBufferPointer<UInt8>
  let table: UnsafeBufferPointer<ScalarClass>

  @inline(__always)
  var end: Int { text.count }

  @inline(__always)
  subscript(position: Int) -> UInt8 { text[position] }

  /// The class of the scalar at `position` and its length in bytes; no class and 0 at the end.
  @inline(__always)
  func scalar(at position: Int) -> (scalarClass: ScalarClass, length: Int) {
    guard position < text.count else { return ([], 0) }
    let lead = text[position]
    if lead < 0x80 { return (table[Int(lead)], 1) }
    return wideScalar(at: position, lead: lead)
  }

  @inline(never)
  private func wideScalar(at position: Int, lead: UInt8) -> (ScalarClass, Int) {
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0
    guard length > 0, position + length <= text.count else { return ([], 1) }
    var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
    for index in 1..<length {
      let byte = text[position + index]
      guard byte & 0xC0 == 0x80 else { return ([], 1) }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    if Int(value) < ScalarClass.tableSize { return (table[Int(value)], length) }
    guard let scalar = Unicode.Scalar(value) else { return ([], 1) }
    return (ScalarClass.of(scalar), length)
  }

  /// The end of the run of scalars from `position` that share a bit with `classes`.
  @inline(__always)
  func run(of classes: ScalarClass, from position: Int) -> Int {
    var position = position
    while true {
      let (found, length) = scalar(at: position)
      if length == 0 || found.isDisjoint(with: classes) { return position }
      position += length
    }
  }

  /// The end of the run of scalars from `position` that are in none of `classes`.
  @inline(__always)
  func run(outside classes: ScalarClass, from position: Int) -> Int {
    var position = position
    while true {
      let (found, length) = scalar(at: position)
      if length == 0 || !found.isDisjoint(with: classes) { return position }
      position += length
    }
  }

  /// The end of a match of `\s+(?!\S)|\s+`: a run of spaces gives its last one to the next word, unless it is
  /// alone or the text ends after it.
  @inline(__always)
  func spaceEnd(from start: Int) -> Int {
    var position = start
    var last = start
    while true {
      let (found, length) = scalar(at: position)
      if length == 0 { return position }
      if !found.contains(.space) { break }
      last = position
      position += length
    }
    return last > start ? last : position
  }
}
