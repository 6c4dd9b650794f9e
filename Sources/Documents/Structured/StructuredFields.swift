/// The members of one mapping in a ``StructuredFile``, read by name and kind.
///
/// Each reader throws a ``DataError`` with the line, the field and what it must be.
public struct StructuredFields: Sendable {
  /// The file that the mapping stands in.
  public let file: StructuredFile
  /// The steps from the file's value to the mapping.
  public let steps: [ValueStep]
  /// The members, in the file's order.
  public let members: JSONObject

  /// Takes a value for a mapping.
  public init(_ value: JSONValue, at steps: [ValueStep], in file: StructuredFile) throws(DataError) {
    guard let members = value.object else {
      let name = steps.isEmpty ? "the document" : steps.fieldName
      throw file.error(at: steps, "\(name) must be a mapping of keys to values, not \(Self.shown(value))")
    }
    self.file = file
    self.steps = steps
    self.members = members
  }

  /// Refuses members that nobody reads, with the nearest name, and names that stand twice.
  public func allowOnly(_ known: String...) throws(DataError) {
    var seen: Set<String> = []
    for name in members.keys {
      let place = steps + [.key(name)]
      guard known.contains(name) else {
        let hint = known.problem(ofUnknownKey: name, called: place.fieldName)
        throw file.error(at: place, hint, advice: "The keys here are \(known.joined(separator: ", ")).")
      }
      guard seen.insert(name).inserted else { throw file.error(at: place, "\(place.fieldName) stands there twice") }
    }
  }

  /// An error at one of the members.
  public func error(at name: String, _ problem: String) -> DataError {
    file.error(at: steps + [.key(name)], "\((steps + [.key(name)]).fieldName) \(problem)")
  }

  /// The member, `nil` where it isn't there or is null.
  public subscript(name: String) -> JSONValue? { members[name].flatMap { $0.isNull ? nil : $0 } }

  /// The member, which must be there.
  public func value(_ name: String) throws(DataError) -> JSONValue {
    if let value = self[name] { return value }
    let here = steps.isEmpty ? "the document" : steps.fieldName
    throw file.error(at: steps, "\(here) lacks \"\(name)\"")
  }

  /// A text.
  public func string(_ name: String) throws(DataError) -> String {
    let value = try value(name)
    guard let text = value.string else { throw error(at: name, "must be a string, not \(Self.shown(value))") }
    return text
  }

  /// One of several words.
  public func word(_ name: String, of words: [String]) throws(DataError) -> String {
    let word = try string(name)
    guard words.contains(word) else {
      let list = words.map { "\"\($0)\"" }.joined(separator: " or ")
      throw error(at: name, "must be \(list), not \"\(word)\"")
    }
    return word
  }

  /// A finite number in a range.
  public func number(_ name: String, in range: ClosedRange<Double>) throws(DataError) -> Double {
    let value = try value(name)
    guard let number = value.double, number.isFinite else {
      throw error(at: name, "must be a finite number, not \(Self.shown(value))")
    }
    guard range.contains(number) else {
      throw error(
        at: name,
        "must be from \(Self.shown(.double(range.lowerBound))) to "
          + "\(Self.shown(.double(range.upperBound))), not \(Self.shown(value))")
    }
    return number
  }

  /// A whole number in a range.
  public func integer(_ name: String, in range: ClosedRange<Int>) throws(DataError) -> Int {
    let value = try value(name)
    guard let number = value.int, range.contains(number) else {
      throw error(
        at: name, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(Self.shown(value))")
    }
    return number
  }

  /// A mapping.
  public func fields(_ name: String) throws(DataError) -> StructuredFields {
    try StructuredFields(value(name), at: steps + [.key(name)], in: file)
  }

  /// A list.
  public func list(_ name: String) throws(DataError) -> [JSONValue] {
    let value = try value(name)
    guard let list = value.array else { throw error(at: name, "must be a list, not \(Self.shown(value))") }
    return list
  }

  /// A list of mappings.
  public func listOfFields(_ name: String) throws(DataError) -> [StructuredFields] {
    var result: [StructuredFields] = []
    for (place, value) in try list(name).enumerated() {
      result.append(try StructuredFields(value, at: steps + [.key(name), .index(place)], in: file))
    }
    return result
  }

  /// A value as an error message shows it.
  public static func shown(_ value: JSONValue) -> String {
    switch value {
    case .object, .array: return value.kind
    case .double(let number) where number == number.rounded() && abs(number) < 1e15: return "\(Int(number))"
    default:
      let text = value.serialized()
      return text.count <= 60 ? text : text.prefix(60) + "…"
    }
  }
}
