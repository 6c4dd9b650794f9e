/// The values that a setting may have.
///
/// ```swift
/// Bounds<Double>.from(0, below: 1).problem(with: .nan)   // "it must be from 0 to below 1"
/// ```
/// No bounds take a number that is not finite: what a user gives as `nan` or `inf` is a mistake.
public struct Bounds<Value: SettingValue>: Sendable {
  /// The range in words, as it follows "it must be"; nil where every value will do.
  public let words: String?
  private let check: @Sendable (Value) -> String?

  /// Bounds with a test of one's own, in words that follow "it must be".
  public init(_ words: String, contains: @escaping @Sendable (Value) -> Bool) {
    self.init(words: words) { contains($0) ? nil : "it must be \(words)" }
  }

  private init(words: String?, check: @escaping @Sendable (Value) -> String?) {
    self.words = words
    self.check = check
  }

  /// Every value of the type, if it is a finite number where it is a number.
  public static var any: Bounds { Bounds(words: nil) { _ in nil } }

  /// The problem with a value; nil if there is none.
  public func problem(with value: Value) -> String? {
    guard value.isUsable else { return "it must be \(words.map { "\($0), and " } ?? "")a finite number" }
    return check(value)
  }
}

extension Bounds where Value: Comparable {
  /// At least the least value.
  public static func atLeast(_ least: Value) -> Bounds { Bounds("at least \(least.word)") { $0 >= least } }

  /// Above a value, which it may not have itself.
  public static func above(_ least: Value) -> Bounds { Bounds("above \(least.word)") { $0 > least } }

  /// From the least to the greatest value, both included.
  public static func from(_ least: Value, to greatest: Value) -> Bounds {
    Bounds("from \(least.word) to \(greatest.word)") { least <= $0 && $0 <= greatest }
  }

  /// From the least value to below another.
  public static func from(_ least: Value, below end: Value) -> Bounds {
    Bounds("from \(least.word) to below \(end.word)") { least <= $0 && $0 < end }
  }

  /// Above a value and below another.
  public static func above(_ least: Value, below end: Value) -> Bounds {
    Bounds("above \(least.word) and below \(end.word)") { least < $0 && $0 < end }
  }

  /// Above a value and at most another.
  public static func above(_ least: Value, to greatest: Value) -> Bounds {
    Bounds("above \(least.word) and at most \(greatest.word)") { least < $0 && $0 <= greatest }
  }
}

extension Bounds where Value == Int {
  /// A number of things: at least `least`, and no more than 2³¹ − 1, so that products of two such numbers can't overflow.
  public static func count(from least: Int = 1) -> Bounds {
    let most = Int(Int32.max)
    return Bounds(words: "at least \(least)") { value in
      value < least ? "it must be at least \(least)" : value > most ? "it must be at most \(most)" : nil
    }
  }
}

extension Bounds {
  /// Bounds of the value where there is one.
  public static func ifGiven<Wrapped>(_ bounds: Bounds<Wrapped>) -> Bounds where Value == Wrapped? {
    Bounds(words: bounds.words) { value in value.flatMap { bounds.problem(with: $0) } }
  }
}

extension SettingValue {
  fileprivate var word: String { words.joined(separator: " ") }
}
