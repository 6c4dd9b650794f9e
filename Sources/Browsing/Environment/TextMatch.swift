/// Finding text in a page regardless of case, of links' marks and, for quotes, of white space.
public struct TextMatch {
  private var scalars: [Unicode.Scalar] = []
  /// Where each scalar begins and ends in the page's text.
  private var places: [Int] = []
  private var ends: [Int] = []
  private let keepsSpaces: Bool

  /// The mark between the beginning and the end of a long quote.
  public static let ellipsis = "━"

  /// A page to look through.
  ///
  /// - Parameter keepsSpaces: takes white space between words as one space, and not as nothing.
  public init(_ text: String, keepsSpaces: Bool = false) {
    self.keepsSpaces = keepsSpaces
    (scalars, places, ends) = Self.folded(text, keepsSpaces: keepsSpaces)
  }

  private static func folded(_ text: String, keepsSpaces: Bool) -> ([Unicode.Scalar], [Int], [Int]) {
    var scalars: [Unicode.Scalar] = []
    var places: [Int] = []
    var ends: [Int] = []
    var place = 0
    func append(_ scalar: Unicode.Scalar, _ width: Int) {
      scalars.append(scalar)
      places.append(place)
      ends.append(place + width)
    }
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace {
        if keepsSpaces, scalars.last != " " {
          append(" ", UTF8.width(scalar))
        }
      } else if scalar.isASCII {
        append(("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar, 1)
      } else {
        for lower in scalar.properties.lowercaseMapping.unicodeScalars {
          append(lower, UTF8.width(scalar))
        }
      }
      place += UTF8.width(scalar)
    }
    return (scalars, places, ends)
  }

  /// The text without the marks that links have in a window: `【3†the text†domain】` becomes `the text`.
  public static func withoutMarks(_ text: String) -> String {
    guard text.contains("【") else { return text }
    return text.replacing(/【\d+†([^†】]*)(?:†[^】]*)?】/) { String($0.1) }
  }

  /// Where a text stands first from a place on; nil where it doesn't.
  ///
  /// - Parameter place: an offset in the page's UTF-8.
  public func range(of text: String, from place: Int = 0) -> Range<Int>? {
    let text = Self.withoutMarks(text)
    let parts = text.split(separator: Self.ellipsis, maxSplits: 1).map(String.init)
    if text.contains(Self.ellipsis), parts.count == 2 {
      guard let first = plainRange(of: parts[0], from: place),
        let last = plainRange(of: parts[1], from: first.upperBound)
      else { return nil }
      return first.lowerBound..<last.upperBound
    }
    return plainRange(of: text, from: place)
  }

  private func plainRange(of text: String, from place: Int) -> Range<Int>? {
    var (wanted, _, _) = Self.folded(text, keepsSpaces: keepsSpaces)
    while wanted.last == " " { wanted.removeLast() }
    while wanted.first == " " { wanted.removeFirst() }
    guard let first = wanted.first, wanted.count <= scalars.count else { return nil }
    var start = lowerBound(place)
    while start + wanted.count <= scalars.count {
      if scalars[start] == first, scalars[start..<start + wanted.count].elementsEqual(wanted) {
        return places[start]..<ends[start + wanted.count - 1]
      }
      start += 1
    }
    return nil
  }

  private func lowerBound(_ place: Int) -> Int {
    var (low, high) = (0, scalars.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Pages that give a question's answer away because the question stands on them.
enum WordOverlap {
  /// Whether two texts share so many words in a row, whatever their case and punctuation.
  static func has(_ count: Int, _ first: String, _ second: String) -> Bool {
    guard count > 0 else { return false }
    let left = words(first)
    guard left.count >= count else { return false }
    let right = words(second)
    guard right.count >= count else { return false }
    let runs = Set((0...left.count - count).map { Array(left[$0..<$0 + count]) })
    return (0...right.count - count).contains { runs.contains(Array(right[$0..<$0 + count])) }
  }

  private static func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }
  }
}
