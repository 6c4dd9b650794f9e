import Media

/// Pictures in a terminal: every character shows two pixels, one over the other, in colours of 24 bits.
struct HalfBlocks {
  /// The escape sequences and characters of a picture, from the left top corner of the terminal.
  static func text(_ picture: RGBImage) -> String {
    var text = "\u{1B}[H"
    text.reserveCapacity(picture.width * picture.height * 12)
    for y in stride(from: 0, to: picture.height - 1, by: 2) {
      var last: (SIMD3<UInt8>, SIMD3<UInt8>)?
      for x in 0..<picture.width {
        let (upper, lower) = (color(picture, x, y), color(picture, x, y + 1))
        // Terminals are slow to read colours, so they are named only where they change.
        if last?.0 != upper { text += "\u{1B}[38;2;\(upper.x);\(upper.y);\(upper.z)m" }
        if last?.1 != lower { text += "\u{1B}[48;2;\(lower.x);\(lower.y);\(lower.z)m" }
        text += "▀"
        last = (upper, lower)
      }
      text += "\u{1B}[0m\r\n"
    }
    return text
  }

  private static func color(_ picture: RGBImage, _ x: Int, _ y: Int) -> SIMD3<UInt8> {
    let place = (y * picture.width + x) * 3
    return SIMD3(picture.bytes[place], picture.bytes[place + 1], picture.bytes[place + 2])
  }
}
