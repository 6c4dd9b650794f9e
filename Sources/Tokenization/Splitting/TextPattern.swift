import Documents
internal import Expressions

/// A literal or a regular expression that a tokenizer file looks for in text.
enum TextPattern: Sendable {
  case literal([Unicode.Scalar])
  case expression(PCREPattern)
  case known(SplitPattern)

  /// Reads `{"String": …}` or `{"Regex": …}`.
  init(_ value: JSONValue?, at place: String) throws {
    if let text = value?["String"]?.string ?? value?.string {
      self = .literal(Array(text.unicodeScalars))
    } else if let text = value?["Regex"]?.string {
      if let known = SplitPattern(regularExpression: text) {
        self = .known(known)
      } else {
        do { self = .expression(try PCREPattern(oniguruma: text)) } catch {
          throw TokenizationError("\(place): \(error)")
        }
      }
    } else {
      throw TokenizationError("\(place): expected {\"String\": …} or {\"Regex\": …}")
    }
  }

  /// The ranges of scalars that match, in order, none of them empty.
  func matches(in text: NormalizedText) -> [Range<Int>] {
    switch self {
    case .literal(let needle):
      return Self.find(needle, in: text.scalars)
    case .known(let pattern):
      let (bytes, scalarOf) = text.utf8
      return bytes.withUnsafeBufferPointer { pattern.split($0) }.map {
        Self.scalars($0, scalarOf, text.count)
      }
    case .expression(let expression):
      let (bytes, scalarOf) = text.utf8
      var result: [Range<Int>] = []
      bytes.withUnsafeBufferPointer {
        expression.forEachMatch(in: $0) { result.append(Self.scalars($0, scalarOf, text.count)) }
      }
      return result
    }
  }

  private static func scalars(
    _ range: Range<Int>, _ scalarOf: [Int32], _ count: Int
  ) -> Range<Int> {
    let end = range.upperBound < scalarOf.count ? Int(scalarOf[range.upperBound]) : count
    return Int(scalarOf[range.lowerBound])..<end
  }

  private static func find(
    _ needle: [Unicode.Scalar], in scalars: [Unicode.Scalar]
  ) -> [Range<Int>] {
    guard let first = needle.first else { return [] }
    var result: [Range<Int>] = []
    var index = 0
    while index + needle.count <= scalars.count {
      if scalars[index] == first, scalars[index..<index + needle.count].elementsEqual(needle) {
        result.append(index..<index + needle.count)
        index += needle.count
      } else {
        index += 1
      }
    }
    return result
  }
}
