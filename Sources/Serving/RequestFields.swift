import Documents
import Hummingbird

/// The members of a request's body, each of which must be taken out: what is left over is refused by name.
struct RequestFields {
  let object: JSONObject
  private let path: String
  private var taken: Set<String> = []

  /// Reads a body.
  init(_ body: ByteBuffer) throws {
    let value: JSONValue
    do { value = try JSONValue(parsing: Array(body.readableBytesView)) } catch {
      throw APIError.invalid("the body is no JSON document: \(error)", code: "invalid_json")
    }
    try self.init(value, path: "")
  }

  init(_ value: JSONValue, path: String) throws {
    guard let object = value.object else {
      throw APIError.invalid(
        path.isEmpty ? "the body must be a JSON object" : "'\(path)' must be an object",
        parameter: path.isEmpty ? nil : path)
    }
    self.object = object
    self.path = path
  }

  /// The names of all members.
  var names: [String] { object.keys }

  /// The name of a member in errors.
  func name(_ member: String) -> String { path.isEmpty ? member : "\(path).\(member)" }

  func wrong(_ member: String, _ problem: String) -> APIError {
    .invalid("'\(name(member))' \(problem)", parameter: name(member))
  }

  /// The member, if it is there and not null.
  mutating func value(_ member: String) -> JSONValue? {
    taken.insert(member)
    guard let value = object[member], !value.isNull else { return nil }
    return value
  }

  private mutating func take<Value>(
    _ member: String, _ kind: String, _ convert: (JSONValue) -> Value?
  ) throws -> Value? {
    guard let value = value(member) else { return nil }
    guard let converted = convert(value) else { throw wrong(member, "must be \(kind)") }
    return converted
  }

  mutating func string(_ member: String) throws -> String? { try take(member, "a string") { $0.string } }
  mutating func bool(_ member: String) throws -> Bool? { try take(member, "true or false") { $0.bool } }
  mutating func list(_ member: String) throws -> [JSONValue]? { try take(member, "a list") { $0.array } }

  mutating func int(_ member: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let value = try take(member, "a whole number", { $0.int }) else { return nil }
    guard range.contains(value) else {
      let bounds =
        range.upperBound == .max
        ? "be at least \(range.lowerBound)" : "lie in \(range.lowerBound) to \(range.upperBound)"
      throw wrong(member, "is \(value); it must \(bounds)")
    }
    return value
  }

  mutating func double(_ member: String, _ range: ClosedRange<Double>) throws -> Double? {
    guard let value = try take(member, "a number", { $0.double }) else { return nil }
    guard range.contains(value) else {
      throw wrong(member, "is \(value); it must lie in \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  mutating func ints(_ member: String) throws -> [Int]? {
    try take(member, "a list of whole numbers") { value in
      guard let list = value.array else { return nil }
      let numbers = list.compactMap(\.int)
      return numbers.count == list.count ? numbers : nil
    }
  }

  /// A string or a list of strings.
  mutating func strings(_ member: String) throws -> [String]? {
    try take(member, "a string or a list of strings") { value in
      if let one = value.string { return [one] }
      guard let list = value.array else { return nil }
      let strings = list.compactMap(\.string)
      return strings.count == list.count ? strings : nil
    }
  }

  /// The members of a member.
  mutating func fields(_ member: String) throws -> RequestFields? {
    guard let value = value(member) else { return nil }
    return try RequestFields(value, path: name(member))
  }

  /// Takes the members by which clients ask for nothing here: labels, and the wish that nothing be kept.
  mutating func takeNothings() throws {
    if try bool("store") == true { throw wrong("store", "can't be true: nothing is kept here") }
    if let tier = try string("service_tier"), !["auto", "default"].contains(tier) {
      throw wrong("service_tier", "can only be auto or default: there is one tier")
    }
    _ = try fields("metadata")
    for label in ["prompt_cache_key", "safety_identifier"] { _ = try string(label) }
  }

  /// Refuses what nobody took.
  func finish() throws {
    for (member, value) in object.members where !taken.contains(member) && !value.isNull {
      throw APIError.invalid(
        "'\(name(member))' is not supported", parameter: name(member), code: "unsupported_parameter")
    }
  }
}
