public import Foundation
import Yams

/// A JSON or YAML file read as one value, whose faults are told by file, line and field.
///
/// ```swift
/// let fields = try StructuredFile(path: "coins.yaml").fields()
/// try fields.allowOnly("name", "trials")
/// let trials = try fields.integer("trials", in: 1...10_000)
/// ```
///
/// A name that ends in `.json` means JSON and one in `.yaml` or `.yml` YAML; of others, such as a pipe, the text tells. Of
/// YAML's plain scalars the core schema's are understood: `null`, `true`, `false` and numbers; `yes` and `no` are words.
public struct StructuredFile: Sendable {
  /// The file, as it was named.
  public let path: String
  /// The content.
  public let value: JSONValue
  private let data: Data
  private let isYAML: Bool

  /// Reads a file; `-` is standard input.
  ///
  /// - Parameter keepingTags: whether a scalar with a tag of YAML's local kind, `!name value`, becomes an object of one member,
  ///   `{"!name": "value"}`, rather than its text alone.
  /// - Throws: ``DataError`` with the line and field where the text goes wrong.
  public init(path: String, keepingTags: Bool = false) throws(DataError) {
    try self.init(data: FileContents.data(of: path), path: path, keepingTags: keepingTags)
  }

  /// Reads what was in a file already.
  public init(data: Data, path: String, keepingTags: Bool = false) throws(DataError) {
    self.path = path
    self.data = data
    guard data.contains(where: { !Self.isSpace($0) }) else {
      throw DataError(.badData, path: path, problem: "the file is empty")
    }
    isYAML = Self.isYAML(data, path)
    value = isYAML ? try Self.value(ofYAML: data, path: path, keepingTags) : try Self.value(ofJSON: data, path: path)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private static func isYAML(_ data: Data, _ path: String) -> Bool {
    let name = path.lowercased()
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return true }
    if name.hasSuffix(".json") { return false }
    let first = data.first { !isSpace($0) && ![0xEF, 0xBB, 0xBF].contains($0) }
    return first != UInt8(ascii: "{") && first != UInt8(ascii: "[")
  }

  /// The fingerprint of the file's bytes.
  public var digest: SHA256Digest { SHA256Digest(of: data) }

  /// The content as a mapping.
  public func fields() throws(DataError) -> StructuredFields {
    try StructuredFields(value, at: [], in: self)
  }

  /// An error at a value.
  public func error(at steps: [ValueStep], _ problem: String, advice: String? = nil) -> DataError {
    DataError(.badData, path: path, line: line(of: steps), problem: problem, advice: advice)
  }

  /// A number or a truth value as it is written, with digits that its value may have lost.
  package func text(at steps: [ValueStep]) -> String? {
    if isYAML { return Self.place(of: steps, inYAML: data)?.node?.scalar?.string }
    return data.withUnsafeBytes { JSONPlaces.text(of: steps, in: $0) }
  }

  /// The line of a value, counted from 1.
  public func line(of steps: [ValueStep]) -> Int? {
    if isYAML { return Self.place(of: steps, inYAML: data)?.line }
    return data.withUnsafeBytes { bytes in
      JSONPlaces.offset(of: steps, in: bytes).map {
        JSONParser.Failure(offset: $0, problem: "").position(in: bytes).line
      }
    }
  }

  // MARK: JSON

  private static func value(ofJSON data: Data, path: String) throws(DataError) -> JSONValue {
    let result: Result<JSONValue, DataError> = data.withUnsafeBytes { bytes in
      do throws(JSONParser.Failure) {
        return .success(try JSONParser.parse(bytes))
      } catch {
        let place = error.position(in: bytes)
        let field = JSONPlaces.stepsToFailure(in: bytes).fieldName
        return .failure(
          DataError(
            .badData, path: path, line: place.line,
            problem: (field.isEmpty ? "" : "\(field): ") + "\(error.problem) (column \(place.column))"))
      }
    }
    return try result.get()
  }

  // MARK: YAML

  private static func root(ofYAML data: Data, path: String) throws(DataError) -> Node? {
    let text = try FileContents.text(data, path: path)
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw DataError(.badData, path: path, line: error.line, problem: error.problem)
    } catch {
      throw DataError(.badData, path: path, problem: "\(error)")
    }
  }

  private static func value(ofYAML data: Data, path: String, _ keepingTags: Bool) throws(DataError) -> JSONValue {
    guard let root = try root(ofYAML: data, path: path) else { return .null }
    return try value(of: root, path: path, keepingTags)
  }

  private static func value(of node: Node, path: String, _ keepingTags: Bool) throws(DataError) -> JSONValue {
    switch node {
    case .scalar(let scalar)
    where keepingTags && scalar.tag.description.hasPrefix("!") && scalar.tag.description.count > 1:
      return .object(JSONObject([(key: scalar.tag.description, value: .string(scalar.string))]))
    case .scalar(let scalar): return value(of: scalar)
    case .sequence(let elements):
      var values: [JSONValue] = []
      for element in elements { values.append(try value(of: element, path: path, keepingTags)) }
      return .array(values)
    case .mapping(let mapping):
      var members: [(key: String, value: JSONValue)] = []
      for (key, node) in mapping {
        guard let name = key.scalar?.string else {
          throw DataError(.badData, path: path, line: key.mark?.line, problem: "a key must be plain text")
        }
        members.append((name, try value(of: node, path: path, keepingTags)))
      }
      return .object(JSONObject(members))
    case .alias(let alias):
      throw DataError(.badData, path: path, line: alias.mark?.line, problem: "aliases are not supported")
    }
  }

  private static func value(of scalar: Node.Scalar) -> JSONValue {
    let text = scalar.string
    guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
    switch text.lowercased() {
    case "", "~", "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case ".nan": return .double(.nan)
    case ".inf", "+.inf": return .double(.infinity)
    case "-.inf": return .double(-.infinity)
    default: break
    }
    guard let first = text.utf8.first, (48...57).contains(first) || [43, 45, 46].contains(first),
      text.utf8.allSatisfy({ (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) })
    else { return .string(text) }
    if let whole = Int(text) { return .int(whole) }
    return Double(text).map { .double($0) } ?? .string(text)
  }

  /// A node, nil where there is none, and the line of it or of its key, else of the nearest one around it.
  private static func place(of steps: [ValueStep], inYAML data: Data) -> (node: Node?, line: Int?)? {
    guard let text = try? FileContents.text(data, path: ""), var node = try? Yams.compose(yaml: text) else {
      return nil
    }
    var line = node.mark?.line
    for step in steps {
      switch step {
      case .key(let name):
        guard let (key, value) = node.mapping?.first(where: { $0.key.scalar?.string == name }) else {
          return (nil, line)
        }
        line = key.mark?.line ?? line
        node = value
      case .index(let index):
        guard let sequence = node.sequence, sequence.indices.contains(index) else { return (nil, line) }
        node = sequence[index]
        line = node.mark?.line ?? line
      }
    }
    return (node, line)
  }
}

extension YamlError {
  /// The line that the error names.
  var line: Int? {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      mark.line
    case .duplicatedKeysInMapping(_, let context): context.mark.line
    default: nil
    }
  }

  /// The problem as a clause.
  var problem: String {
    switch self {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _),
      .composer(_, let problem, _, _):
      problem
    case .duplicatedKeysInMapping(let keys, _):
      "the key \(keys.map { "'\($0)'" }.joined(separator: ", ")) stands there twice"
    default: description
    }
  }
}
