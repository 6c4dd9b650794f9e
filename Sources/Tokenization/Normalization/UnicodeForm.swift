import Foundation

/// Unicode normalisation that reports how many input scalars each output scalar consumes.
///
/// Foundation normalises whole strings without saying what came from where, so decomposition is asked
/// of it per scalar, and reordering and composition are done here (Unicode Standard Annex 15).
enum UnicodeForm: Sendable {
  case nfc, nfd, nfkc, nfkd

  private var isCompatible: Bool { self == .nfkc || self == .nfkd }
  private var composes: Bool { self == .nfc || self == .nfkc }

  /// The normalised scalars with what each consumes of the input.
  func normalize(_ scalars: [Unicode.Scalar]) -> [(scalar: Unicode.Scalar, consumed: Int)] {
    var result: [(scalar: Unicode.Scalar, consumed: Int)] = []
    result.reserveCapacity(scalars.count)
    for scalar in scalars {
      if scalar.isASCII {
        result.append((scalar, 1))
        continue
      }
      var consumed = 1
      for part in decomposition(of: scalar) {
        result.append((part, consumed))
        consumed = 0
      }
    }
    reorder(&result)
    if composes { compose(&result) }
    return result
  }

  private func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    // Nothing below U+00A0 decomposes.
    if scalar.value < 0xA0 { return [scalar] }
    let text = String(scalar)
    let parts =
      isCompatible
      ? text.decomposedStringWithCompatibilityMapping : text.decomposedStringWithCanonicalMapping
    return Array(parts.unicodeScalars)
  }

  private func reorder(_ text: inout [(scalar: Unicode.Scalar, consumed: Int)]) {
    var start = 0
    while start < text.count {
      guard !text[start].scalar.isASCII, Self.combiningClass(text[start].scalar) > 0 else {
        start += 1
        continue
      }
      var end = start + 1
      while end < text.count, Self.combiningClass(text[end].scalar) > 0 { end += 1 }
      if end - start > 1 {
        let sorted = text[start..<end].enumerated().sorted {
          let a = Self.combiningClass($0.element.scalar)
          let b = Self.combiningClass($1.element.scalar)
          return a != b ? a < b : $0.offset < $1.offset
        }
        for (offset, entry) in sorted.enumerated() { text[start + offset] = entry.element }
      }
      start = end
    }
  }

  private func compose(_ text: inout [(scalar: Unicode.Scalar, consumed: Int)]) {
    var output: [(scalar: Unicode.Scalar, consumed: Int)] = []
    output.reserveCapacity(text.count)
    var starter = -1
    var lastClass: UInt8 = 0
    for entry in text {
      let combining = entry.scalar.isASCII ? 0 : Self.combiningClass(entry.scalar)
      let adjacent = starter == output.count - 1
      if starter >= 0, adjacent || (lastClass < combining && lastClass > 0),
        let composed = Self.composite(output[starter].scalar, entry.scalar)
      {
        output[starter].scalar = composed
        output[starter].consumed += entry.consumed
        continue
      }
      if combining == 0 { starter = output.count }
      lastClass = combining
      output.append(entry)
    }
    text = output
  }

  private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    scalar.properties.canonicalCombiningClass.rawValue
  }

  private static func composite(_ a: Unicode.Scalar, _ b: Unicode.Scalar) -> Unicode.Scalar? {
    if b.isASCII { return nil }
    if (0x1100...0x1112).contains(a.value), (0x1161...0x1175).contains(b.value) {
      return Unicode.Scalar(0xAC00 + ((a.value - 0x1100) * 21 + (b.value - 0x1161)) * 28)
    }
    if (0xAC00...0xD7A3).contains(a.value), (a.value - 0xAC00) % 28 == 0,
      (0x11A8...0x11C2).contains(b.value)
    {
      return Unicode.Scalar(a.value + b.value - 0x11A7)
    }
    return composites[UInt64(a.value) << 32 | UInt64(b.value)]
  }

  /// Every pair that has a primary composite; found by asking what each candidate decomposes to.
  private static let composites: [UInt64: Unicode.Scalar] = {
    var table: [UInt64: Unicode.Scalar] = [:]
    for value in Array(UInt32(0xC0)...0x30FF) + Array(UInt32(0x11000)...0x16FFF) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let parts = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
      guard parts.count > 1, let last = parts.last else { continue }
      func composed(_ parts: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: parts)
        return Array(String(view).precomposedStringWithCanonicalMapping.unicodeScalars)
      }
      let first = composed(parts.dropLast())
      if composed(parts) == [scalar], first.count == 1 {
        table[UInt64(first[0].value) << 32 | UInt64(last.value)] = scalar
      }
    }
    return table
  }()
}
