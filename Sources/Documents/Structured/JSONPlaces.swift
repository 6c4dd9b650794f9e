/// A step from a value to one inside it.
public enum ValueStep: Sendable, Hashable {
  /// To the member of this name.
  case key(String)
  /// To the element at this place, counted from 0.
  case index(Int)
}

extension [ValueStep] {
  /// The steps as people write them: `models[0].prior`.
  public var fieldName: String {
    reduce(into: "") { text, step in
      switch step {
      case .key(let name): text += text.isEmpty ? name : "." + name
      case .index(let index): text += "[\(index)]"
      }
    }
  }
}

/// Where the values of a JSON text stand, found by reading it once more: only faults need to know.
struct JSONPlaces {
  private var parser: JSONParser
  private var steps: [ValueStep] = []
  private var sought: [ValueStep]?
  private var found: Int?
  /// Where the value that is sought begins.
  private var value: Int?

  private init(_ bytes: UnsafeRawBufferPointer, seeking sought: [ValueStep]?) {
    parser = JSONParser(bytes, at: JSONParser.start(of: bytes))
    self.sought = sought
  }

  /// The byte where a value, or the name of a member, begins.
  static func offset(of steps: [ValueStep], in bytes: UnsafeRawBufferPointer) -> Int? {
    var places = JSONPlaces(bytes, seeking: steps)
    do { try places.walk(from: nil) } catch { return places.found }
    return places.found
  }

  /// The text of a value as it is written.
  static func text(of steps: [ValueStep], in bytes: UnsafeRawBufferPointer) -> String? {
    var places = JSONPlaces(bytes, seeking: steps)
    do { try places.walk(from: nil) } catch { return nil }
    guard let start = places.value else { return nil }
    var parser = JSONParser(bytes, at: start)
    guard (try? parser.value()) != nil else { return nil }
    return String(decoding: bytes[start..<parser.offset], as: UTF8.self)
  }

  /// The steps to the value in which reading fails.
  static func stepsToFailure(in bytes: UnsafeRawBufferPointer) -> [ValueStep] {
    var places = JSONPlaces(bytes, seeking: nil)
    do { try places.walk(from: nil) } catch { return places.steps }
    return []
  }

  private mutating func walk(from key: Int?) throws(JSONParser.Failure) {
    let next = parser.peek()
    if found == nil, let sought, steps == sought { (found, value) = (key ?? parser.offset, parser.offset) }
    guard found == nil else { return }
    switch next {
    case UInt8(ascii: "{") where steps.count < 200: try walkMembers()
    case UInt8(ascii: "[") where steps.count < 200: try walkElements()
    default: _ = try parser.value()
    }
  }

  private mutating func walkMembers() throws(JSONParser.Failure) {
    parser.advance()
    if parser.peek() == UInt8(ascii: "}") { return parser.advance() }
    while found == nil {
      guard parser.peek() == UInt8(ascii: "\"") else { throw parser.failure("a member's name must be a string") }
      let start = parser.offset
      let name = try parser.value().string ?? ""
      steps.append(.key(name))
      guard parser.peek() == UInt8(ascii: ":") else { throw parser.failure("':' is missing after a name") }
      parser.advance()
      try walk(from: start)
      steps.removeLast()
      if parser.peek() != UInt8(ascii: ",") { return parser.advance() }
      parser.advance()
    }
  }

  private mutating func walkElements() throws(JSONParser.Failure) {
    parser.advance()
    if parser.peek() == UInt8(ascii: "]") { return parser.advance() }
    var index = 0
    while found == nil {
      steps.append(.index(index))
      try walk(from: nil)
      steps.removeLast()
      index += 1
      if parser.peek() != UInt8(ascii: ",") { return parser.advance() }
      parser.advance()
    }
  }
}
