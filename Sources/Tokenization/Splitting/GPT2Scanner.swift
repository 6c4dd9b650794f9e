/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` by hand.
struct GPT2Scanner: WordScanner {
  let bytes: ClassifiedBytes

  @inline(__always)
  func wordEnd(from start: Int) -> Int {
    var position = start
    if bytes[start] == UInt8(ascii: "'") {
      let end = contractionEnd(from: start)
      if end > start { return end }
    } else if bytes[start] == UInt8(ascii: " ") {
      position = start + 1
    }
    let (found, length) = bytes.scalar(at: position)
    if length == 0 { return position }
    if found.contains(.letter) { return bytes.run(of: .letter, from: position + length) }
    if found.contains(.space) { return bytes.spaceEnd(from: start) }
    if found.contains(.number) { return bytes.run(of: .number, from: position + length) }
    return bytes.run(outside: [.letter, .number, .space], from: position + length)
  }

  private func contractionEnd(from start: Int) -> Int {
    guard start + 1 < bytes.end else { return start }
    let second = start + 2 < bytes.end ? bytes[start + 2] : 0
    switch bytes[start + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return second == UInt8(ascii: "e") ? start + 3 : start
    case UInt8(ascii: "l"):
      return second == UInt8(ascii: "l") ? start + 3 : start
    default:
      return start
    }
  }
}
