import Foundation

extension Tokenizer {
  /// The ids of a text.
  ///
  /// - Parameters:
  ///   - text: Any text.
  ///   - addSpecialTokens: Adds what the file's post-processor puts around a text (often the
  ///     beginning-of-sequence token).
  ///   - allowSpecial: Turns the text of control tokens into them. Leave it false for text that
  ///     people or models wrote; set it for rendered chat templates.
  public func encode(
    _ text: String, addSpecialTokens: Bool = true, allowSpecial: Bool = false
  ) -> [Int] {
    var text = text
    return text.withUTF8 {
      encode(utf8: $0, addSpecialTokens: addSpecialTokens, allowSpecial: allowSpecial)
    }
  }

  /// The ids of bytes that should be UTF-8; byte-level vocabularies keep invalid bytes as they are.
  public func encode(
    utf8 bytes: UnsafeBufferPointer<UInt8>, addSpecialTokens: Bool = true,
    allowSpecial: Bool = false
  ) -> [Int] {
    var ids: [Int] = []
    ids.reserveCapacity(bytes.count / 3 + 8)
    encoders.withEncoder { encoder in
      if matcher.isEmpty {
        encodePlain(bytes, with: encoder, into: &ids)
      } else {
        matcher.split(bytes, allowSpecial: allowSpecial) { range, token in
          if let token {
            ids.append(token.id)
          } else {
            encodePlain(UnsafeBufferPointer(rebasing: bytes[range]), with: encoder, into: &ids)
          }
        }
      }
    }
    return addSpecialTokens ? wrapped(ids) : ids
  }

  private func encodePlain(
    _ bytes: UnsafeBufferPointer<UInt8>, with encoder: ByteLevelEncoder, into ids: inout [Int]
  ) {
    // Nothing below U+0300 changes under NFC; its UTF-8 starts with a byte below 0xCC.
    if composes, bytes.contains(where: { $0 >= 0xCC }) {
      var text = String(decoding: bytes, as: UTF8.self).precomposedStringWithCanonicalMapping
      text.withUTF8 { encoder.encode($0, split: pattern, into: &ids) }
    } else {
      encoder.encode(bytes, split: pattern, into: &ids)
    }
  }

  private func wrapped(_ ids: [Int]) -> [Int] {
    guard let postProcessor, postProcessor.addedCount(isPair: false) > 0 else { return ids }
    var body = Encoding()
    body.ids = ids
    return postProcessor.process([body], addSpecialTokens: true).flatMap(\.ids)
  }
}
