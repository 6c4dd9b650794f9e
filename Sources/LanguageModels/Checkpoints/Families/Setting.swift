import Documents

/// A key of `config.json`: how it changes a configuration, and how it is written from one.
struct Setting {
  var read: (ConfigurationReader, inout DecoderConfiguration) throws -> Void
  var write: (DecoderConfiguration, inout [String: JSONValue]) -> Void

  /// A whole number that must be there.
  static func int(_ key: String, _ path: WritableKeyPath<DecoderConfiguration, Int>) -> Setting {
    Setting(
      read: { $1[keyPath: path] = try $0.int(key) }, write: { $1[key] = .int($0[keyPath: path]) })
  }

  /// A whole number that otherwise follows from those before it.
  static func int(
    _ key: String, _ path: WritableKeyPath<DecoderConfiguration, Int>,
    absent: @escaping (DecoderConfiguration) -> Int
  ) -> Setting {
    Setting(
      read: { $1[keyPath: path] = try $0.optionalInt(key) ?? absent($1) },
      write: { $1[key] = .int($0[keyPath: path]) })
  }

  static func double(
    _ key: String, _ path: WritableKeyPath<DecoderConfiguration, Double>, absent: Double
  ) -> Setting {
    Setting(
      read: { $1[keyPath: path] = try $0.optionalDouble(key) ?? absent },
      write: { $1[key] = .double($0[keyPath: path]) })
  }

  /// A number that null turns off.
  static func double(
    _ key: String, _ path: WritableKeyPath<DecoderConfiguration, Double?>, absent: Double?
  ) -> Setting {
    Setting(
      read: { $1[keyPath: path] = $0.has(key) ? try $0.optionalDouble(key) : absent },
      write: { $1[key] = $0[keyPath: path].map(JSONValue.double) ?? .null })
  }

  /// A switch for one or several choices.
  static func bool(
    _ key: String, _ paths: WritableKeyPath<DecoderConfiguration, Bool>..., absent: Bool
  ) -> Setting {
    Setting(
      read: { reader, c in
        let value = try reader.optionalBool(key) ?? absent
        for path in paths { c[keyPath: path] = value }
      },
      write: { c, json in if let path = paths.first { json[key] = .bool(c[keyPath: path]) } })
  }

  /// A whole number with a default.
  static func int(
    _ key: String, _ path: WritableKeyPath<DecoderConfiguration, Int>, absent: Int
  ) -> Setting {
    .int(key, path) { _ in absent }
  }

  static func string(
    _ key: String, _ path: WritableKeyPath<DecoderConfiguration, String>, absent: String
  ) -> Setting {
    Setting(
      read: { $1[keyPath: path] = try $0.optionalString(key) ?? absent },
      write: { $1[key] = .string($0[keyPath: path]) })
  }

  /// The tokens that begin and end a text; the latter may be several.
  static var ends: [Setting] {
    [
      Setting(
        read: { $1.beginningOfText = try $0.optionalInts("bos_token_id")?.first },
        write: { $1["bos_token_id"] = $0.beginningOfText.map(JSONValue.int) ?? .null }),
      Setting(
        read: { reader, c in
          let ends = try reader.optionalInts("eos_token_id") ?? []
          c.endOfText = ends.first
          c.otherEnds = Array(ends.dropFirst())
        },
        write: { c, json in
          let ends = (c.endOfText.map { [$0] } ?? []) + c.otherEnds
          json["eos_token_id"] =
            ends.count > 1 ? .array(ends.map(JSONValue.int)) : ends.first.map(JSONValue.int) ?? .null
        }),
    ]
  }

  /// A key of which only one value is supported; absent means that value.
  static func only(_ key: String, _ value: JSONValue) -> Setting {
    Setting(read: { reader, _ in try reader.require(key, value) }, write: { _, _ in })
  }

  /// Keys that change no numbers in this family.
  static func passed(_ keys: String...) -> Setting {
    Setting(read: { reader, _ in for key in keys { reader.pass(key) } }, write: { _, _ in })
  }

  /// A setting without a key, which follows from those before it.
  static func derived(_ body: @escaping (inout DecoderConfiguration) throws -> Void) -> Setting {
    Setting(read: { _, c in try body(&c) }, write: { _, _ in })
  }
}
