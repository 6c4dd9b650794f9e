import Documents
public import Foundation

extension DecoderConfiguration {
  /// Reads a `config.json`.
  ///
  /// Settings that would change the numbers and that this decoder doesn't have are refused by name; bookkeeping keys
  /// (`transformers_version`, task settings) are passed over.
  /// - Throws: ``ConfigurationError``.
  public init(huggingFace data: Data) throws {
    let document: JSONValue
    do { document = try JSONValue(parsing: [UInt8](data)) } catch {
      throw ConfigurationError("config.json is not JSON: \(error)")
    }
    guard let json = document.object else {
      throw ConfigurationError("config.json must hold an object")
    }
    guard let type = json["model_type"]?.string else {
      throw ConfigurationError("config.json has no model_type")
    }
    guard let family = Family(rawValue: type) else {
      throw ConfigurationError(
        "model_type '\(type.prefix(80))' is not supported; supported are "
          + Family.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let description = family.description
    let reader = ConfigurationReader(json)
    self = description.choices
    for setting in description.settings { try setting.read(reader, &self) }
    try reader.refuseUnread()
    try validate()
  }

  /// The `config.json` that `transformers` reads.
  public var huggingFace: [String: Any] {
    huggingFaceJSON.mapValues(Self.foundation)
  }

  var huggingFaceJSON: [String: JSONValue] {
    let description = family.description
    var json: [String: JSONValue] = [
      "model_type": .string(family.rawValue),
      "architectures": [.string(description.architecture)], "torch_dtype": "float32",
      "pad_token_id": .null,
    ]
    for setting in description.settings { setting.write(self, &json) }
    return json
  }

  private static func foundation(_ value: JSONValue) -> Any {
    switch value {
    case .null: NSNull()
    case .bool(let value): value
    case .int(let value): value
    case .double(let value): value
    case .string(let value): value
    case .array(let values): values.map(foundation)
    case .object(let object):
      [String: Any](object.members.map { ($0.key, foundation($0.value)) }) { $1 }
    }
  }
}
