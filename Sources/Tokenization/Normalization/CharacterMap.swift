import Foundation

/// SentencePiece's compiled normalisation rules: a double-array trie from UTF-8 to replacements.
///
/// Layout (sentencepiece, `normalizer.cc`): the trie's size in bytes as a little-endian 32-bit number,
/// the trie's units, then the replacements as zero-terminated strings.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]

  init(base64: String, at place: String) throws {
    guard let data = Data(base64Encoded: base64), data.count >= 4 else {
      throw TokenizationError("\(place): `precompiled_charsmap` is not base64 of a character map")
    }
    let bytes = [UInt8](data)
    func word(_ offset: Int) -> UInt32 {
      UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
        | UInt32(bytes[offset + 3]) << 24
    }
    let size = Int(word(0))
    guard size % 4 == 0, size <= bytes.count - 4 else {
      throw TokenizationError("\(place): `precompiled_charsmap` is cut short")
    }
    units = stride(from: 4, to: 4 + size, by: 4).map(word)
    replacements = Array(bytes[(4 + size)...])
  }

  /// Replaces what the rules name: a whole grapheme of up to five bytes first, else scalar by scalar.
  func apply(to text: inout NormalizedText) {
    var result: [(scalar: Unicode.Scalar, consumed: Int)] = []
    func emit(_ replacement: [Unicode.Scalar], for count: Int) {
      for (index, scalar) in replacement.enumerated() {
        result.append((scalar, index < count ? 1 : 0))
      }
      // What the replacement lacks is consumed by the scalar before; at the start there is none, and
      // the origins stay shifted as they do in `tokenizers`.
      if !result.isEmpty { result[result.count - 1].consumed += max(0, count - replacement.count) }
    }
    for grapheme in text.string {
      let scalars = Array(grapheme.unicodeScalars)
      if grapheme.utf8.count < 6, let replacement = replacement(of: Array(grapheme.utf8)) {
        emit(replacement, for: scalars.count)
        continue
      }
      for scalar in scalars {
        emit(replacement(of: Array(scalar.utf8)) ?? [scalar], for: 1)
      }
    }
    text.rewrite(result)
  }

  /// The replacement of the shortest prefix of `key` that has a rule, as sentencepiece's lookup does.
  private func replacement(of key: [UInt8]) -> [Unicode.Scalar]? {
    guard var unit = units.first else { return nil }
    var node = Self.offset(unit)
    for byte in key.prefix(while: { $0 != 0 }) {
      node ^= Int(byte)
      guard node < units.count else { return nil }
      unit = units[node]
      guard unit & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
      node ^= Self.offset(unit)
      if unit >> 8 & 1 == 1 {
        guard node < units.count else { return nil }
        let start = Int(units[node] & 0x7FFF_FFFF)
        guard start <= replacements.count else { return nil }
        let bytes = replacements[start...].prefix { $0 != 0 }
        return Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
      }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int {
    Int((unit >> 10) << ((unit & (1 << 9)) >> 6))
  }
}
