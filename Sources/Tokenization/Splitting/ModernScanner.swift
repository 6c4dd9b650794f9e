/// The `cl100k` family's pattern by hand, with numbers cut into groups of at most `longestNumber`:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|`
/// `\s*[\r\n]+|\s+(?!\S)|\s+`.
struct ModernScanner: WordScanner {
  let bytes: ClassifiedBytes
  let longestNumber: Int

  @inline(__always)
  func wordEnd(from start: Int) -> Int {
    let (first, length) = bytes.scalar(at: start)
    if first.contains(.letter) { return bytes.run(of: .letter, from: start + length) }
    if first.contains(.number) { return numberEnd(from: start) }
    if bytes[start] == UInt8(ascii: "'") {
      let end = contractionEnd(from: start)
      if end > start { return end }
    }
    let next = bytes.scalar(at: start + length)
    if !first.contains(.lineBreak), next.length > 0, next.scalarClass.contains(.letter) {
      return bytes.run(of: .letter, from: start + length + next.length)
    }
    if !first.contains(.space) { return symbolEnd(from: start + length) }
    let symbol = next.scalarClass.isDisjoint(with: [.space, .letter, .number])
    if bytes[start] == UInt8(ascii: " "), next.length > 0, symbol {
      return symbolEnd(from: start + length + next.length)
    }
    return blankEnd(from: start)
  }

  @inline(__always)
  private func numberEnd(from start: Int) -> Int {
    var position = start
    for _ in 0..<longestNumber {
      let (found, length) = bytes.scalar(at: position)
      if length == 0 || !found.contains(.number) { break }
      position += length
    }
    return position
  }

  @inline(__always)
  private func symbolEnd(from position: Int) -> Int {
    let end = bytes.run(outside: [.space, .letter, .number], from: position)
    return bytes.run(of: .lineBreak, from: end)
  }

  /// `\s*[\r\n]+` if the run holds a line break, else as `spaceEnd`.
  private func blankEnd(from start: Int) -> Int {
    var position = start
    var afterBreak = -1
    while true {
      let (found, length) = bytes.scalar(at: position)
      if length == 0 || !found.contains(.space) { break }
      position += length
      if found.contains(.lineBreak) { afterBreak = position }
    }
    return afterBreak > 0 ? afterBreak : bytes.spaceEnd(from: start)
  }

  private func contractionEnd(from start: Int) -> Int {
    func lowered(_ offset: Int) -> UInt8 {
      start + offset < bytes.end ? bytes[start + offset] | 0x20 : 0
    }
    switch lowered(1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return lowered(2) == UInt8(ascii: "e") ? start + 3 : start
    case UInt8(ascii: "l"):
      return lowered(2) == UInt8(ascii: "l") ? start + 3 : start
    case 0xE5 | 0x20:
      // U+017F, the long s, folds to "s"; its bytes are C5 BF.
      let isLongS = start + 2 < bytes.end && bytes[start + 1] == 0xC5 && bytes[start + 2] == 0xBF
      return isLongS ? start + 3 : start
    default:
      return start
    }
  }
}
