/// GPT-2's reversible map between the 256 bytes and 256 printable characters.
///
/// Printable Latin-1 bytes stand for themselves; the other 68 take the code points from U+0100 up in
/// byte order (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", §2.2).
enum ByteAlphabet {
  /// The scalar of each byte.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
        return Unicode.Scalar(UInt8(byte))
      default:
        defer { next += 1 }
        return Unicode.Scalar(next) ?? " "
      }
    }
  }()

  /// The byte of each scalar below U+0144, or -1.
  private static let bytes: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int16(byte) }
    return table
  }()

  /// The byte a scalar stands for.
  static func byte(for scalar: Unicode.Scalar) -> UInt8? {
    guard scalar.value < 0x144, bytes[Int(scalar.value)] >= 0 else { return nil }
    return UInt8(bytes[Int(scalar.value)])
  }

  /// The bytes that a vocabulary entry stands for, `nil` when it is not written in this alphabet.
  static func decode(_ token: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(token.utf8.count)
    for scalar in token.unicodeScalars {
      guard let byte = byte(for: scalar) else { return nil }
      result.append(byte)
    }
    return result
  }

  /// The vocabulary entry for these bytes.
  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var result = String.UnicodeScalarView()
    for byte in bytes { result.append(scalars[Int(byte)]) }
    return String(result)
  }
}
