import Foundation

/// Encoding of ids alone, straight from bytes, for BPE tokenizers whose words can be found in them.
///
/// Two kinds are covered: byte-level ones, whose pre-tokenizer only cuts; and sentence-level ones,
/// which mark spaces with `▁` and whose tokens hold that mark at their start only, so that nothing
/// merges across the place before it and the text may be cut there.
struct FastPath: Sendable {
  private enum Cutting: Sendable {
    case raw(RawSplitter)
    case marks(eachMark: Bool)
  }

  private enum Preparation: Sendable {
    case nothing
    case compose
    /// Marks spaces, and puts a mark in front if wanted.
    case mark(PreTokenizer.PrependScheme, unlessPresent: Bool)
  }

  private let cutting: Cutting
  /// Before and after tokens that are looked for in normalised text.
  private var early = Preparation.nothing
  private var late = Preparation.nothing
  private let encoders: EncoderPool

  /// `nil` for a tokenizer that needs the general path.
  init?(model: TokenModel, normalizer: Normalizer?, preTokenizer: PreTokenizer?) {
    guard case .bytePair(let model) = model, model.continuingPrefix.isEmpty,
      model.endOfWordSuffix.isEmpty
    else { return nil }
    if model.coversBytes, let splitter = RawSplitter(preTokenizer) {
      switch normalizer {
      case nil: break
      case .unicode(.nfc): early = .compose
      default: return nil
      }
      cutting = .raw(splitter)
      encoders = EncoderPool {
        WordEncoder(model: model, symbols: .bytes, matchers: splitter.makeMatchers())
      }
      return
    }
    guard model.mergesStayBetweenMarks else { return nil }
    var eachMark = false
    switch (normalizer, preTokenizer) {
    case (.sequence(let steps), nil) where steps.count == 2:
      guard case .prepend("▁") = steps[0], Self.marksSpaces(steps[1]) else { return nil }
      early = .mark(.always, unlessPresent: false)
    case (let normalizer?, nil) where Self.marksSpaces(normalizer):
      early = .mark(.never, unlessPresent: false)
    case (let normalizer?, .split(.literal([" "]), _, _)) where Self.marksSpaces(normalizer):
      // No space is left to split at.
      early = .mark(.never, unlessPresent: false)
    case (nil, .metaspace(replacement: "▁", let scheme, let splits)):
      late = .mark(scheme, unlessPresent: true)
      eachMark = splits
    default: return nil
    }
    cutting = .marks(eachMark: eachMark)
    encoders = EncoderPool { WordEncoder(model: model, symbols: .characters) }
  }

  private static func marksSpaces(_ normalizer: Normalizer) -> Bool {
    if case .replace(.literal([" "]), ["▁"]) = normalizer { return true }
    return false
  }

  /// The ids of a text, added tokens included.
  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, added: AddedVocabulary, allowSpecial: Bool
  ) -> [Int] {
    if case .marks = cutting, String(validating: bytes, as: UTF8.self) == nil {
      // Symbols are characters here; what is none becomes U+FFFD.
      var repaired = String(decoding: bytes, as: UTF8.self)
      return repaired.withUTF8 { encode($0, added: added, allowSpecial: allowSpecial) }
    }
    var ids: [Int] = []
    ids.reserveCapacity(bytes.count / 3 + 8)
    encoders.withEncoder { encoder in
      split(bytes, with: added.raw, allowSpecial, into: &ids) { stretch, ids in
        let isFirst = stretch.baseAddress == bytes.baseAddress
        prepare(stretch, early, isFirst: isFirst) { prepared in
          split(prepared, with: added.normalized, allowSpecial, into: &ids) { part, ids in
            let isFirst = isFirst && part.baseAddress == prepared.baseAddress
            prepare(part, late, isFirst: isFirst) { encode($0, with: encoder, into: &ids) }
          }
        }
      }
    }
    return ids
  }

  private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, with encoder: WordEncoder, into ids: inout [Int]
  ) {
    switch cutting {
    case .raw(let splitter):
      if let pattern = splitter.onlyPattern {
        pattern.forEachWord(of: bytes) { encoder.encode(bytes, $0, $1, into: &ids) }
      } else {
        splitter.forEachWord(of: bytes, matchers: encoder.matchers) {
          encoder.encode(bytes, $0, $1, into: &ids)
        }
      }
    case .marks(let eachMark):
      var start = 0
      var index = 0
      var afterMark = true
      while index < bytes.count {
        // U+2581 is E2 96 81.
        let isMark =
          bytes[index] == 0xE2 && index + 2 < bytes.count && bytes[index + 1] == 0x96
          && bytes[index + 2] == 0x81
        if isMark, index > start, eachMark || !afterMark {
          encoder.encode(bytes, start, index, into: &ids)
          start = index
        }
        afterMark = isMark
        index += isMark ? 3 : 1
      }
      if start < bytes.count { encoder.encode(bytes, start, bytes.count, into: &ids) }
    }
  }

  private func split(
    _ bytes: UnsafeBufferPointer<UInt8>, with matcher: AddedTokenMatcher, _ allowSpecial: Bool,
    into ids: inout [Int], _ body: (UnsafeBufferPointer<UInt8>, inout [Int]) -> Void
  ) {
    if matcher.isEmpty { return body(bytes, &ids) }
    matcher.split(bytes, allowSpecial: allowSpecial) { range, token in
      if let token {
        ids.append(token.id)
      } else {
        body(UnsafeBufferPointer(rebasing: bytes[range]), &ids)
      }
    }
  }

  private func prepare(
    _ bytes: UnsafeBufferPointer<UInt8>, _ preparation: Preparation, isFirst: Bool,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    switch preparation {
    case .nothing: body(bytes)
    case .compose:
      // Nothing below U+0300 changes under NFC; its UTF-8 starts with a byte below 0xCC.
      guard bytes.contains(where: { $0 >= 0xCC }) else { return body(bytes) }
      var text = String(decoding: bytes, as: UTF8.self).precomposedStringWithCanonicalMapping
      text.withUTF8 { body($0) }
    case .mark(let scheme, let unlessPresent):
      guard let first = bytes.first else { return }
      let mark: [UInt8] = [0xE2, 0x96, 0x81]
      var marked: [UInt8] = []
      marked.reserveCapacity(bytes.count + bytes.count / 2 + 3)
      let present = unlessPresent && (first == 0x20 || bytes.starts(with: mark))
      if scheme == .always || (scheme == .first && isFirst), !present { marked += mark }
      for byte in bytes {
        if byte == 0x20 { marked += mark } else { marked.append(byte) }
      }
      marked.withUnsafeBufferPointer(body)
    }
  }
}
