/// Named numbers measured at one step, in the order in which they were added.
///
/// ```swift
/// var metrics: Metrics = ["loss": 2.31, "learning_rate": 3e-4]
/// metrics["grad_norm"] = 0.8
/// ```
public struct Metrics: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// The names, in order.
  public private(set) var names: [String] = []
  private var values: [String: Double] = [:]

  /// No numbers yet.
  public init() {}

  /// Takes the pairs in their order; of several with the same name the last counts.
  public init(dictionaryLiteral elements: (String, Double)...) {
    for (name, value) in elements { self[name] = value }
  }

  /// The number of that name; setting nil removes it.
  public subscript(name: String) -> Double? {
    get { values[name] }
    set {
      if values[name] == nil, newValue != nil { names.append(name) }
      if newValue == nil { names.removeAll { $0 == name } }
      values[name] = newValue
    }
  }

  /// Adds another set; its numbers replace those of the same name.
  public mutating func merge(_ other: Metrics) {
    for name in other.names { self[name] = other[name] }
  }

  /// The pairs in order.
  public var pairs: [(name: String, value: Double)] {
    names.compactMap { name in values[name].map { (name: name, value: $0) } }
  }
}
