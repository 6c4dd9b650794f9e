import Documents
import Foundation
import NeuralNetworks
import Tokenization

extension Setting {
  /// Sliding windows of some layers.
  ///
  /// - Parameters:
  ///   - absent: the window where the file names none; a null means none at all.
  ///   - pattern: which layers slide where the file has no `layer_types`.
  static func window(
    absent: Int?, isAsked: @escaping (ConfigurationReader) throws -> Bool = { _ in true },
    pattern: @escaping (ConfigurationReader, Int) throws -> Bool
  ) -> Setting {
    Setting(
      read: { reader, c in
        let given =
          reader.has("sliding_window") ? try reader.optionalInt("sliding_window") : absent
        let window = try isAsked(reader) ? given : nil
        var types: [DecoderConfiguration.AttentionType]
        if let names = try reader.optionalStrings("layer_types") {
          types = try names.map { name in
            guard let type = DecoderConfiguration.AttentionType(rawValue: name) else {
              throw ConfigurationError("layer_types has '\(name.prefix(40))', which is not supported")
            }
            return type
          }
          // Before any of them is looked up by layer.
          guard types.count == c.layers else {
            throw ConfigurationError("layer_types has \(types.count) entries for \(c.layers) layers")
          }
        } else {
          guard c.layers > 0, c.layers <= longestList else { return }
          types = try (0..<c.layers).map { layer in
            guard window != nil else { return .full }
            return try pattern(reader, layer) ? .sliding : .full
          }
        }
        let slides = types.contains(.sliding)
        c.layerTypes = slides ? types : []
        c.slidingWindow = slides ? window : nil
      },
      write: { c, json in json["sliding_window"] = c.slidingWindow.map(JSONValue.int) ?? .null })
  }

  /// Which layers see everything and which a window, in GPT-Neo's words: `attention_layers`, or `attention_types`, of which it follows.
  static var turns: Setting {
    Setting(
      read: { reader, c in
        let window = try reader.optionalInt("window_size") ?? 256
        var words: [String] = []
        // Newer files have both; what was expanded is what counts.
        let expanded = try reader.optionalStrings("attention_layers")
        let types = reader.value("attention_types")
        if let expanded {
          words = expanded
        } else if let types {
          for entry in types.array ?? [] {
            guard let pattern = entry[0]?.array?.compactMap(\.string), let times = entry[1]?.int, !pattern.isEmpty,
              times >= 0, times * pattern.count <= longestList
            else {
              throw ConfigurationError("attention_types has \(entry.serialized().prefix(80)), not [words, times]")
            }
            for _ in 0..<times { words += pattern }
          }
        } else {
          words = (0..<24).map { $0 % 2 == 0 ? "global" : "local" }
        }
        guard words.count == c.layers else {
          throw ConfigurationError("attention_layers has \(words.count) entries for \(c.layers) layers")
        }
        c.layerTypes = try words.map { word in
          switch word {
          case "global": .full
          case "local": .sliding
          default: throw ConfigurationError("attention_layers has '\(word.prefix(40))', not global or local")
          }
        }
        let slides = c.layerTypes.contains(.sliding)
        if !slides { c.layerTypes = [] }
        c.slidingWindow = slides ? window : nil
      },
      write: { c, json in
        let words = (0..<c.layers).map { JSONValue.string(c.isSliding($0) ? "local" : "global") }
        json["window_size"] = .int(c.slidingWindow ?? 256)
        json["attention_layers"] = .array(words)
        // In turns for as long as they are, then layer by layer.
        let pair = Array(words.prefix(2))
        let turns = words.enumerated().prefix { $1 == pair[$0 % pair.count] }.count / 2
        var types: [JSONValue] = turns > 0 ? [.array([.array(pair), .int(turns)])] : []
        for word in words.dropFirst(2 * turns) { types.append(.array([.array([word]), .int(1)])) }
        json["attention_types"] = .array(types)
      })
  }

  /// No published model has so many layers; a list of them for a hostile number would not fit into memory.
  static let longestList = 1 << 16

  /// `layer_types`, for families whose files have it.
  static var layerTypes: Setting {
    Setting(
      read: { _, _ in },
      write: { c, json in
        let types = c.layerTypes.isEmpty ? Array(repeating: .full, count: c.layers) : c.layerTypes
        json["layer_types"] = .array(types.map { .string($0.rawValue) })
      })
  }

  /// The keys of a family's rotary settings besides `rope_parameters` (and the older `rope_scaling`).
  struct RotaryKeys {
    var base = "rope_theta"
    var absentBase = 10_000.0
    var fraction = "partial_rotary_factor"
    var absentFraction = 1.0
    /// The base of sliding layers, which makes `rope_parameters` hold settings for each type of layer.
    var slidingBase: (key: String, absent: Double)?
  }

  /// Rotary positions in both spellings: `rope_parameters`, and `rope_theta` with `rope_scaling`.
  static func rotary(_ keys: RotaryKeys = RotaryKeys()) -> Setting {
    Setting(
      read: { reader, c in
        var base = try reader.optionalDouble(keys.base) ?? keys.absentBase
        var fraction = try reader.optionalDouble(keys.fraction) ?? keys.absentFraction
        var sliding = try keys.slidingBase.map { try reader.optionalDouble($0.key) ?? $0.absent }
        for key in ["rope_parameters", "rope_scaling"] {
          guard let object = try reader.optionalObject(key) else { continue }
          var settings = object
          if keys.slidingBase != nil, key == "rope_parameters" {
            let outer = ConfigurationReader(object, place: key)
            settings = try outer.optionalObject("full_attention") ?? JSONObject()
            if let local = try outer.optionalObject("sliding_attention") {
              let inner = ConfigurationReader(local, place: "\(key).sliding_attention")
              try inner.require("rope_type", "default")
              sliding = try inner.optionalDouble("rope_theta") ?? sliding
              try inner.refuseUnread()
            }
            try outer.refuseUnread()
          }
          try readScaling(settings, key, into: &c, base: &base, fraction: &fraction)
        }
        c.positions = .rotary(base: base)
        c.rotaryFraction = fraction
        c.slidingRotaryBase = sliding
        if c.rotaryScaling.kind == .dynamic { try stretchContext(&c) }
      },
      write: { c, json in
        guard case .rotary(let base) = c.positions else { return }
        var scaling = c.rotaryScaling
        if scaling.kind == .dynamic {
          json["max_position_embeddings"] = .int(scaling.originalLength ?? c.contextLength)
          scaling.originalLength = nil
        }
        var rope = scalingObject(scaling)
        rope["rope_theta"] = .double(base)
        if c.rotaryFraction != 1 || keys.absentFraction != 1 {
          rope["partial_rotary_factor"] = .double(c.rotaryFraction)
          json[keys.fraction] = .double(c.rotaryFraction)
        }
        json[keys.base] = .double(base)
        if let sliding = keys.slidingBase {
          let local = c.slidingRotaryBase ?? base
          json[sliding.key] = .double(local)
          json["rope_parameters"] = [
            "full_attention": .object(rope),
            "sliding_attention": ["rope_type": "default", "rope_theta": .double(local)],
          ]
        } else {
          json["rope_parameters"] = .object(rope)
        }
      })
  }

  /// The context of a base that grows with the sequence: the file names the length of training.
  private static func stretchContext(_ c: inout DecoderConfiguration) throws {
    let length = Double(c.contextLength) * (c.rotaryScaling.factor ?? 1)
    guard length >= 0, length < Double(1 << 31) else {
      throw ConfigurationError(
        "rope_parameters: a factor of \(c.rotaryScaling.factor ?? 1) makes a context of \(length) tokens")
    }
    c.rotaryScaling.originalLength = c.contextLength
    c.contextLength = Int(length)
  }

  private static func readScaling(
    _ object: JSONObject, _ key: String, into c: inout DecoderConfiguration, base: inout Double,
    fraction: inout Double
  ) throws {
    let reader = ConfigurationReader(object, place: key)
    base = try reader.optionalDouble("rope_theta") ?? base
    fraction = try reader.optionalDouble("partial_rotary_factor") ?? fraction
    let kind = try reader.optionalString("rope_type")
    let old = try reader.optionalString("type")
    var settings = object
    var type = kind ?? old ?? "default"
    // Names that Phi-3's first files had for it.
    if type == "su" || (type == "yarn" && object["short_factor"] != nil) { type = "longrope" }
    settings["rope_type"] = .string(type)
    for known in RotaryScaling.CodingKeys.allCases { reader.pass(known.rawValue) }
    try reader.refuseUnread()
    do {
      c.rotaryScaling = try JSONDecoder().decode(
        RotaryScaling.self, from: Data(JSONValue.object(settings).serialized().utf8))
    } catch { throw ConfigurationError("\(key) can't be used: \(error)") }
  }

  private static func scalingObject(_ scaling: RotaryScaling) -> JSONObject {
    let plain = JSONObject([(key: "rope_type", value: .string(scaling.kind.rawValue))])
    guard let data = try? JSONEncoder().encode(scaling),
      let value = try? JSONValue(parsing: [UInt8](data))
    else { return plain }
    return value.object ?? plain
  }
}
