/// A change of text before it is cut into words.
indirect enum Normalizer: Sendable {
  case unicode(UnicodeForm)
  case lowercase
  case strip(left: Bool, right: Bool)
  case stripAccents
  case replace(TextPattern, [Unicode.Scalar])
  case prepend(String)
  case bert(cleansText: Bool, spacesChinese: Bool, stripsAccents: Bool, lowercases: Bool)
  case nmt
  case byteLevel
  case precompiled(CharacterMap)
  case sequence([Normalizer])

  /// Normalises in place.
  func apply(to text: inout NormalizedText) {
    switch self {
    case .unicode(let form):
      text.rewrite(form.normalize(text.scalars))
    case .lowercase:
      text.flatMap { scalar, emit in
        if scalar.isASCII || scalar.properties.changesWhenLowercased {
          scalar.properties.lowercaseMapping.unicodeScalars.forEach(emit)
        } else {
          emit(scalar)
        }
      }
    case .strip(let left, let right):
      text.strip(left: left, right: right) { $0.properties.isWhitespace }
    case .stripAccents:
      text.filter { !ScalarClass.of($0).contains(.mark) }
    case .replace(let pattern, let content):
      text.replace(pattern.matches(in: text), with: content)
    case .prepend(let prefix):
      text.prepend(prefix)
    case .bert(let cleans, let spaces, let strips, let lowercases):
      if cleans { Self.cleanBert(&text) }
      if spaces { Self.spaceChinese(&text) }
      if strips {
        text.rewrite(UnicodeForm.nfd.normalize(text.scalars))
        text.filter { $0.properties.generalCategory != .nonspacingMark }
      }
      if lowercases { Normalizer.lowercase.apply(to: &text) }
    case .nmt:
      text.filter {
        switch $0.value {
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: false
        default: true
        }
      }
      text.flatMap { scalar, emit in
        switch scalar.value {
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF,
          0xFFFD:
          emit(" ")
        default: emit(scalar)
        }
      }
    case .byteLevel:
      text.flatMap { scalar, emit in
        for byte in scalar.utf8 { emit(ByteAlphabet.scalars[Int(byte)]) }
      }
    case .precompiled(let map):
      map.apply(to: &text)
    case .sequence(let steps):
      for step in steps { step.apply(to: &text) }
    }
  }

  private static func cleanBert(_ text: inout NormalizedText) {
    text.filter { scalar in
      if scalar.value == 0 || scalar.value == 0xFFFD { return false }
      if scalar == "\t" || scalar == "\n" || scalar == "\r" { return true }
      switch scalar.properties.generalCategory {
      case .control, .format, .privateUse, .surrogate: return false
      default: return true
      }
    }
    text.flatMap { scalar, emit in emit(scalar.properties.isWhitespace ? " " : scalar) }
  }

  private static func spaceChinese(_ text: inout NormalizedText) {
    text.flatMap { scalar, emit in
      switch scalar.value {
      case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
        0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
        emit(" ")
        emit(scalar)
        emit(" ")
      default: emit(scalar)
      }
    }
  }
}
