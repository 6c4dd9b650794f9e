import Foundation

extension JSONValue {
  /// The number, also where it is written as text, as in every cell of a table.
  public var number: Double? {
    double ?? string.flatMap { Double($0.trimmingCharacters(in: .whitespaces)) }
  }

  /// The probability that a label states: a number from 0 to 1, or true or false for 1 and 0, also as text.
  ///
  /// Of a comparison it is how probable the chosen completion is the better one, ½ for a tie; of a completion alone, that it is
  /// wanted.
  public var probability: Double? {
    switch self {
    case .bool(let isTrue): return isTrue ? 1 : 0
    case .string(let text) where ["true", "false"].contains(text.lowercased()):
      return text.lowercased() == "true" ? 1 : 0
    default: return number.flatMap { (0...1).contains($0) ? $0 : nil }
    }
  }
}
